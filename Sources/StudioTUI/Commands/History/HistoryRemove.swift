import ArgumentParser
import ConceptDB

/// `studio history remove ID...`.
struct HistoryRemove: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Delete captions from the history.")

    @Argument(help: "Numbers of captions.")
    var ids: [Int64]

    @OptionGroup var common: CommonOptions

    func run(_ session: Session) throws {
        let removed = try session.store().removeCaptions(ids)
        if common.json { return try session.printJSON(CaptionsDocument(captions: removed)) }
        session.note(removed.count == 1 ? "removed 1 caption" : "removed \(removed.count) captions")
    }
}
