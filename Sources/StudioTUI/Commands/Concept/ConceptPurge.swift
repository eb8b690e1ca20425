import ArgumentParser
import ConceptDB

/// `studio concept purge`.
struct ConceptPurge: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge",
        abstract: "Delete concepts in the trash for good, with their pictures.")

    @Argument(help: "Names of concepts in the trash.")
    var names: [String] = []

    @Flag(help: "Everything in the trash.")
    var all = false

    @Option(help: "Everything that has been in the trash for more than this many days.")
    var olderThan: Double?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        let ways = [!names.isEmpty, all, olderThan != nil].count { $0 }
        guard ways == 1 else {
            throw ValidationError("Give names, --all or --older-than DAYS.")
        }
        if let olderThan, !(0...1_000_000).contains(olderThan) {
            throw ValidationError("--older-than takes 0 to 1000000 days.")
        }
    }

    func run(_ session: Session) throws {
        let store = try session.store()
        let report: PurgeReport
        if names.isEmpty {
            report = try store.purge(olderThanDays: olderThan ?? 0)
        } else {
            let trash = try ConceptTrash(store)
            report = try store.purge(names.map { try trash.concept(named: $0).id })
        }
        if common.json { return try session.printJSON(report) }
        session.note(
            "deleted for good: concepts \(report.concepts), pictures \(report.images), "
                + "captions \(report.captions), files \(report.files)")
    }
}
