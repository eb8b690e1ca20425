import ArgumentParser
import Foundation
import TerminalUI
import VLMRuntime

/// `studio model inspect MODEL`.
struct ModelInspect: StudioCommand {
    struct Document: Encodable {
        let name: String
        let path: String
        let facts: ModelFacts
    }

    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Check a checkpoint and print its sizes.",
        discussion: """
            Every tensor's name and shape is compared with what config.json, or the metadata of a \
            GGUF file, call for.
            """)

    @Argument(help: "A checkpoint folder or a registered name; default: the model in use.")
    var model: String?

    @OptionGroup var common: CommonOptions

    func run(_ session: Session) throws {
        let choice = try ModelChoice.resolve(
            model, store: session.store(), samples: session.samples)
        let facts = try ModelFacts(session.load(choice), name: choice.name)
        if common.json {
            let document = Document(name: choice.name, path: choice.folder.path, facts: facts)
            return try session.printJSON(document)
        }
        session.print(session.style(TerminalText.sanitized(choice.name), .strong))
        let label = GGUFLocation.isFile(choice.folder) ? "file  " : "folder"
        session.print("\(label)       \(TerminalText.sanitized(choice.folder.path))")
        for line in facts.lines { session.print(line) }
    }
}
