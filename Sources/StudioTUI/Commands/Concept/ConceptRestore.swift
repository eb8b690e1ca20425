import ArgumentParser
import ConceptDB
import TerminalUI

/// `studio concept restore NAME...`.
struct ConceptRestore: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Bring concepts back from the trash.")

    @Argument(help: "Names of concepts in the trash ('studio concept list --trash').")
    var names: [String]

    @Option(name: .customLong("as"), help: "Another name, when the old one is taken.")
    var newName: String?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if newName != nil, names.count != 1 {
            throw ValidationError("--as takes exactly one concept.")
        }
    }

    func run(_ session: Session) throws {
        let store = try session.store()
        let trash = try ConceptTrash(store)
        let ids = try names.map { try trash.concept(named: $0).id }
        let restored: [Concept]
        if let newName, let id = ids.first {
            restored = [try store.restore(id, as: newName)]
        } else {
            restored = try store.restore(ids)
        }
        let list = restored.map { TerminalText.sanitized($0.name) }.joined(separator: ", ")
        try session.report(restored, "back in the library: \(list)")
    }
}
