import ArgumentParser
import ConceptDB
import Foundation
import ModelHub
import TerminalUI
import VLMRuntime

/// `studio model add PATH`.
struct ModelAdd: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Register a checkpoint folder or a GGUF file after checking it.",
        discussion: """
            The folder stays where it is; configuration, tokenizer and every tensor are checked. A \
            model that Hugging Face's own tools have fetched is found by its name ORG/NAME (or \
            ORG/NAME@REVISION) in their cache. A .gguf file needs the model's mmproj, its vision \
            half: the only one beside it, or the one that --mmproj names.
            """)

    @Argument(
        help: "The checkpoint folder, a .gguf file, or ORG/NAME in Hugging Face's cache.",
        completion: .file())
    var path: String

    @Option(help: "The vision half of a GGUF model.", completion: .file(extensions: ["gguf"]))
    var mmproj: String?

    @Option(help: "The name to use for it; default: the folder's or file's name.")
    var name: String?

    @Flag(help: "Use it for captions from now on.")
    var use = false

    @OptionGroup var common: CommonOptions

    func run(_ session: Session) throws {
        let store = try session.store()
        let (path, usual) = found(session.context.environment)
        let folder =
            try mmproj.map {
                try GGUFLinks.make(
                    text: path, vision: URL(fileURLWithPath: $0), in: session.home.models)
            } ?? path
        let added: ModelRecord
        do {
            added = try Registration(folder: folder, name: name ?? usual)
                .add(to: store, uses: use, session: session)
        } catch {
            if mmproj != nil, try !store.models().contains(where: { $0.path == folder.path }) {
                GGUFLinks.remove(folder.path, in: session.home.models)
            }
            throw error
        }
        if common.json { return try session.printJSON(ModelsDocument([added])) }
    }

    /// The folder that is meant, and the name it goes by.
    private func found(_ environment: [String: String]) -> (folder: URL, name: String) {
        let folder = URL(fileURLWithPath: path, isDirectory: true).standardizedFileURL
        if GGUFLocation.isFile(folder) { return (folder, GGUFLinks.usualName(folder)) }
        if FileManager.default.fileExists(atPath: folder.path) {
            guard let snapshot = HubCache.snapshot(in: folder) else {
                return (folder, folder.lastPathComponent)
            }
            let name = folder.lastPathComponent.components(separatedBy: "--").last
            return (snapshot, name ?? folder.lastPathComponent)
        }
        if let repository = try? RepositoryName(path),
            let snapshot = HubCache.snapshot(repository, environment: environment)
        {
            return (snapshot, repository.name)
        }
        return (folder, folder.lastPathComponent)
    }
}

/// Makes a checkpoint folder one of the registered models.
struct Registration {
    let folder: URL
    let name: String

    /// Checks all of it, and says what it is.
    func add(to store: ConceptStore, uses: Bool, session: Session) throws -> ModelRecord {
        let model = try session.load(ModelChoice(name: name, folder: folder))
        let facts = try ModelFacts(model, name: name)
        let record = ModelRecord(
            name: name, path: folder.path, family: facts.family,
            facts: try JSONValue(encoding: facts))
        var added = try store.addModel(record)
        if uses {
            try store.useModel(added.name)
            added = try store.model(named: added.name)
        }
        session.note(
            "added \(TerminalText.sanitized(added.name)): "
                + "\(ModelFacts.parameterText(facts.parameters)) parameters, \(facts.weightType)")
        if !added.isDefault {
            session.note(
                "'studio model use \(TerminalText.sanitized(added.name))' makes it the default")
        }
        return added
    }
}
