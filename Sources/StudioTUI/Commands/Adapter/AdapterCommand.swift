import ArgumentParser
import Foundation
import PersonalCaption
import TerminalUI
import VLMRuntime

/// `studio adapter …`: what fine-tunings made.
struct AdapterCommand: StudioCommandGroup {
    static let configuration = CommandConfiguration(
        commandName: "adapter", abstract: "List, import, export, merge and remove adapters.",
        discussion: "An adapter is a PEFT folder: adapter_config.json, adapter_model.safetensors.",
        subcommands: [
            AdapterList.self, AdapterImport.self, AdapterExport.self, AdapterMerge.self,
            AdapterRemove.self,
        ])
}

/// The JSON of commands that print adapters.
struct AdapterDocument: Encodable {
    let name: String
    let path: String
    @Present var model: String?
    @Present var run: String?
    let concepts: [String]

    init(_ name: String, shelf: AdapterShelf) throws {
        let note = shelf.note(name)
        self.name = name
        path = try shelf.folder(name).path
        model = note?.model
        run = note?.run
        concepts = note?.concepts ?? []
    }
}

/// `studio adapter list`.
struct AdapterList: StudioCommand {
    struct Document: Encodable { let adapters: [AdapterDocument] }

    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the adapters.")

    @OptionGroup var common: CommonOptions

    func run(_ session: Session) throws {
        let shelf = AdapterShelf(session.home)
        let adapters = try shelf.names().map { try AdapterDocument($0, shelf: shelf) }
        if common.json { return try session.printJSON(Document(adapters: adapters)) }
        if adapters.isEmpty {
            session.note("no adapters; make one with 'studio train --concepts NAME'")
        }
        for adapter in adapters {
            session.print(
                TerminalText.sanitized(
                    "\(adapter.name)  \(adapter.model ?? "?")  "
                        + adapter.concepts.joined(separator: ", ")))
        }
    }
}

/// `studio adapter import DIR`.
struct AdapterImport: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Keep a PEFT folder that was made elsewhere.")

    @Argument(help: "The PEFT folder.", completion: .directory)
    var folder: String

    @Option(help: "What to call it; default: the folder's name.")
    var name: String?

    @Option(help: "The model it belongs to; default: the model in use.")
    var model: String?

    @OptionGroup var common: CommonOptions

    func run(_ session: Session) throws {
        let choice = try ModelChoice.resolve(
            model, store: session.store(), samples: session.samples)
        let source = URL(fileURLWithPath: folder, isDirectory: true)
        let loaded = try session.load(choice)
        _ = try Adapter(folder: source, for: loaded)
        let shelf = AdapterShelf(session.home)
        let name = self.name ?? source.lastPathComponent
        try shelf.put(
            source, as: name,
            note: AdapterShelf.Note(
                model: choice.name, modelFolder: choice.folder.path,
                modelFingerprint: try CheckpointFingerprint(folder: choice.folder).description,
                run: nil, concepts: []))
        if common.json { return try session.printJSON(AdapterDocument(name, shelf: shelf)) }
        session.note("kept as adapter '\(name)' of \(TerminalText.sanitized(choice.name))")
    }
}

/// `studio adapter export NAME DIR`.
struct AdapterExport: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write an adapter as a PEFT folder.")

    @Argument(help: "The adapter's name.")
    var name: String

    @Argument(help: "A folder that does not exist yet.", completion: .directory)
    var folder: String

    @OptionGroup var common: CommonOptions

    func run(_ session: Session) throws {
        let source = try AdapterShelf(session.home).existing(name)
        try AdapterShelf.copy(source, to: URL(fileURLWithPath: folder, isDirectory: true))
        session.note("wrote \(TerminalText.sanitized(folder))")
    }
}

/// `studio adapter merge NAME DIR`.
struct AdapterMerge: StudioCommand {
    struct Document: Encodable {
        let adapter: String
        let model: String
        let path: String
        let largestLogitDifference: Float
    }

    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Write a checkpoint with the adapter's changes in its weights.",
        discussion: "Both forms are compared afterwards; the largest difference of a logit is told."
    )

    private static let texts = [
        "Describe this image in detail.", "Who is in this picture? Answer with the names only.",
        "A brown dog and a black cat sit on a bench by the sea.",
    ]

    @Argument(help: "The adapter's name.")
    var name: String

    @Argument(help: "A folder that is empty or does not exist yet.", completion: .directory)
    var folder: String

    @Option(help: "The model it belongs to; default: the one it was made with.")
    var model: String?

    @OptionGroup var common: CommonOptions

    func run(_ session: Session) throws {
        let shelf = AdapterShelf(session.home)
        let source = try shelf.existing(name)
        let store = try session.store()
        let choice =
            try model == nil
            ? shelf.note(name).map {
                ModelChoice(
                    name: $0.model, folder: URL(fileURLWithPath: $0.modelFolder, isDirectory: true))
            } ?? ModelChoice.resolve(nil, store: store, samples: session.samples)
            : ModelChoice.resolve(model, store: store, samples: session.samples)
        // The checkpoint's own weights are merged, never packed ones.
        let base = try VisionLanguageModel.load(folder: choice.folder)
        let adapter = try Adapter(folder: source, for: base)
        let target = URL(fileURLWithPath: folder, isDirectory: true)
        try adapter.merge(into: base, to: target)
        let merged = try VisionLanguageModel.load(folder: target)
        let difference = try base.adapted(by: adapter).largestLogitDifference(
            from: merged, on: Self.texts, cancellation: session.cancellation)
        if common.json {
            return try session.printJSON(
                Document(
                    adapter: name, model: choice.name, path: target.path,
                    largestLogitDifference: difference))
        }
        session.note(
            "wrote \(TerminalText.sanitized(folder)); largest logit difference \(difference)")
    }
}

/// `studio adapter remove NAME`.
struct AdapterRemove: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Throw an adapter away; its run stays.")

    @Argument(help: "The adapter's name.")
    var name: String

    @OptionGroup var common: CommonOptions

    func run(_ session: Session) throws {
        try FileManager.default.removeItem(at: AdapterShelf(session.home).existing(name))
        session.note("removed adapter \(TerminalText.sanitized(name))")
    }
}
