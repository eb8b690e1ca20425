import ArgumentParser
import ConceptDB
import Foundation
import TerminalUI

/// `studio model add PATH`.
struct ModelAdd: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Register a checkpoint folder after checking its files.",
        discussion: "The folder stays where it is; configuration, tokenizer and every tensor are "
            + "checked.")

    @Argument(help: "The checkpoint folder.", completion: .directory)
    var path: String

    @Option(help: "The name to use for it; default: the folder's name.")
    var name: String?

    @Flag(help: "Use it for captions from now on.")
    var use = false

    @OptionGroup var common: CommonOptions

    func run(_ session: Session) throws {
        let store = try session.store()
        let folder = URL(fileURLWithPath: path, isDirectory: true).standardizedFileURL
        let name = name ?? folder.lastPathComponent
        let model = try session.load(ModelChoice(name: name, folder: folder))
        let facts = try ModelFacts(model, name: name)
        let record = ModelRecord(
            name: name, path: folder.path, family: facts.family,
            facts: try JSONValue(encoding: facts))
        var added = try store.addModel(record)
        if use {
            try store.useModel(added.name)
            added = try store.model(named: added.name)
        }
        if common.json { return try session.printJSON(ModelsDocument([added])) }
        session.note(
            "added \(TerminalText.sanitized(added.name)): "
                + "\(ModelFacts.parameterText(facts.parameters)) parameters, \(facts.weightType)")
        if !added.isDefault {
            session.note(
                "'studio model use \(TerminalText.sanitized(added.name))' makes it the default")
        }
    }
}
