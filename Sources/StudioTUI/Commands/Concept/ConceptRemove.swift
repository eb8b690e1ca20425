import ArgumentParser
import ConceptDB
import TerminalUI

/// `studio concept remove NAME...`.
struct ConceptRemove: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Move concepts to the trash.",
        discussion: "'studio concept restore NAME' brings them back.")

    @Argument(help: "Names of concepts.")
    var names: [String]

    @OptionGroup var common: CommonOptions

    func run(_ session: Session) throws {
        let store = try session.store()
        let ids = try names.map { try store.concept(named: $0).id }
        let removed = try store.remove(ids)
        let list = removed.map { TerminalText.sanitized($0.name) }.joined(separator: ", ")
        try session.report(
            removed, "moved to the trash: \(list) ('studio concept restore' brings back)")
    }
}
