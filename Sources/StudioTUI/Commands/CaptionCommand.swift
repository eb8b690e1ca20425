import ArgumentParser
import ConceptDB
import Foundation
import ImageCodecs
import PersonalCaption
import VLMRuntime

/// `studio caption IMAGE`: the main job.
struct CaptionCommand: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "caption",
        abstract: "Caption a picture with the names of the concepts in it.",
        discussion: """
            Name up to four concepts that may be in the picture; the model sees their cover \
            pictures and info lines. With --auto the library is searched for them, as 'studio \
            retrieve' does; concepts that are named with --concept or in the question are always \
            included. Without any the picture is captioned plainly. Afterwards the model is asked \
            whether each concept that the caption names is visible. The caption is kept in the \
            history.
            """)

    @Argument(help: "The picture (PNG, JPEG, WebP).", completion: .file())
    var image: String

    @Option(
        name: [.customLong("concept"), .customShort("c")],
        help: "A concept that may be in the picture; up to four.")
    var concepts: [String] = []

    @Flag(help: "Find out which concepts of the library are in the picture.")
    var auto = false

    @OptionGroup var search: SearchArguments

    @Option(
        help: ArgumentHelp(
            "What is done about names that are used and not visible: correct writes the caption "
                + "again without them, flag (the default) only says so, off does not check."))
    var check: NameChecking?

    @Option(help: "What to ask instead of the usual question; {name} becomes the names.")
    var question: String?

    @OptionGroup var sampling: SamplingArguments
    @OptionGroup var precision: PrecisionArguments

    @Option(help: "A registered model or a checkpoint folder; default: the model in use.")
    var model: String?

    @Option(help: "An adapter of the model, by name, or a PEFT folder.")
    var adapter: String?

    @OptionGroup var engine: EngineArguments

    @Flag(help: "Draw the picture and the concepts' covers on the terminal first.")
    var show = false

    @OptionGroup var common: CommonOptions

    func run(_ session: Session) throws {
        let limit = CaptionPrompt.maximumConcepts
        guard concepts.count <= limit else {
            throw CaptionPromptError.tooManyConcepts(found: concepts.count, limit: limit)
        }
        let query = try ImageDecoder.decode(fileAt: URL(fileURLWithPath: image)).flattened()
        let store = try session.store()
        var shown = try concepts.map { try LibraryReference.read($0, from: store) }
        try CaptionPrompt.check(shown.map(\.concept.name))
        if let remote = try engine.model(model, session: session) {
            return try caption(remote, query, shown, store, session)
        }
        let choice = try ModelChoice.resolve(model, store: store, samples: session.samples)
        let engine = try CaptionEngine(
            choice, adapter: adapter, precision: precision.precision, session: session)
        var recognition: RecognitionDocument?
        if auto {
            let found = try find(query, shown.map(\.concept.name), store, engine, session)
            recognition = found.document
            let given = Set(shown.map(\.concept.id))
            shown += try found.names.map { try LibraryReference.read($0, from: store) }
                .filter { !given.contains($0.concept.id) }
            shown = Array(shown.prefix(limit))
        }
        if show, !common.json { draw(query, shown, session) }
        let request = CaptionRequest(
            concepts: shown.map(\.forPrompt), query: query, question: question,
            options: sampling.captionOptions(), libraryNames: try store.names())
        let record = try engine.caption(
            request, checking: check ?? .flag, show: !common.json)
        let saved = try store.addCaption(
            NewCaption(
                record, image: .file(URL(fileURLWithPath: image)), concepts: shown.map(\.concept),
                modelFolder: choice.folder))
        if common.json {
            try session.printJSON(
                CaptionDocument(
                    record: record, id: saved.id, image: image, recognition: recognition))
        } else {
            CaptionSummary.print(record, session: session)
        }
        if record.finishReason == .cancelled { throw CancellationError() }
    }

    /// Captions through engines; what only a model in this program can do is refused.
    private func caption(
        _ remote: RemoteModel, _ query: RGBImage, _ shown: [LibraryReference],
        _ store: ConceptStore, _ session: Session
    ) throws {
        if auto { throw EngineError.unsupported("--auto") }
        if let check, check != .off { throw EngineError.unsupported("--check") }
        if adapter != nil {
            throw StudioFailure(
                .usage, "with --engine an adapter is a model of its own: give its name as --model")
        }
        if show, !common.json { draw(query, shown, session) }
        let request = CaptionRequest(
            concepts: shown.map(\.forPrompt), query: query, question: question,
            options: sampling.captionOptions(), libraryNames: try store.names())
        session.progress.update("waiting for the engine")
        let record = try remote.captioner.caption(request, cancellation: session.cancellation)
        session.progress.clear()
        let saved = try store.addCaption(
            NewCaption(
                record, image: .file(URL(fileURLWithPath: image)), concepts: shown.map(\.concept),
                modelPath: remote.place))
        if common.json {
            var document = CaptionDocument(
                record: record, id: saved.id, image: image, recognition: nil)
            document.engine = EngineDocument(remote.model.pool)
            try session.printJSON(document)
        } else {
            var highlighter = NameHighlighter(
                names: shown.map { PromptName.shown($0.concept.name) }, style: session.style)
            session.print(highlighter.append(record.caption) + highlighter.finish())
            CaptionSummary.print(record, session: session)
        }
    }

    /// Searches the library, and says who was found.
    private func find(
        _ query: RGBImage, _ named: [String], _ store: ConceptStore, _ engine: CaptionEngine,
        _ session: Session
    ) throws -> (names: [String], document: RecognitionDocument) {
        let asked = named + LibrarySearch.names(in: question, library: try store.names())
        let library = try LibrarySearch(
            store, engine: engine, options: search.options(limit: CaptionPrompt.maximumConcepts),
            session: session)
        let found = try library.recognize(query, asked: asked, session: session)
        for candidate in found.accepted {
            session.note("found " + RetrieveCommand.line(candidate, style: session.noteStyle))
        }
        if found.accepted.isEmpty { session.note("nobody you know is in this picture") }
        return (
            found.accepted.map(\.name),
            RecognitionDocument(found, librarySize: library.concepts.count)
        )
    }

    private func draw(_ query: RGBImage, _ shown: [LibraryReference], _ session: Session) {
        let picture = session.picture()
        let covers = shown.map { (name: $0.concept.name, image: $0.image) }
        session.console.write(
            PictureStrip(picture: picture, style: session.style).bytes(
                query: query, label: image, covers: covers))
    }
}

extension NameChecking: ExpressibleByArgument {}

extension SamplingArguments {
    /// The options as differences from the model's habits.
    func captionOptions() -> CaptionOptions {
        let drawn = options(over: SamplingOptions())
        return CaptionOptions(
            temperature: temperature, topK: topK, topP: topP, repetitionPenalty: repetitionPenalty,
            maxNewTokens: maxTokens, seed: drawn.seed)
    }
}
