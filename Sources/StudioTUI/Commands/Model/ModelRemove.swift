import ArgumentParser
import ConceptDB
import TerminalUI

/// `studio model remove NAME`.
struct ModelRemove: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Forget a registered model; its folder stays as it is.")

    @Argument(help: "The model's name.")
    var name: String

    @OptionGroup var common: CommonOptions

    func run(_ session: Session) throws {
        let removed = try session.store().removeModel(name)
        GGUFLinks.remove(removed.path, in: session.home.models)
        if common.json { return try session.printJSON(ModelsDocument([removed])) }
        session.note(
            "forgot \(TerminalText.sanitized(removed.name)); its folder "
                + "\(TerminalText.sanitized(removed.path)) is untouched")
    }
}
