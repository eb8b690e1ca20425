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
            pictures and info lines. Without any the picture is captioned plainly. The caption is \
            kept in the history.
            """)

    @Argument(help: "The picture (PNG, JPEG, WebP).", completion: .file())
    var image: String

    @Option(
        name: [.customLong("concept"), .customShort("c")],
        help: "A concept that may be in the picture; up to four.")
    var concepts: [String] = []

    @Flag(help: .hidden)
    var auto = false

    @Option(help: "What to ask instead of the usual question; {name} becomes the names.")
    var question: String?

    @OptionGroup var sampling: SamplingArguments
    @OptionGroup var keyValues: KeyValueArguments

    @Option(help: "A registered model or a checkpoint folder; default: the model in use.")
    var model: String?

    @Option(help: "An adapter of the model, by name, or a PEFT folder.")
    var adapter: String?

    @Flag(help: "Draw the picture and the concepts' covers on the terminal first.")
    var show = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if auto {
            throw ValidationError(
                "--auto is not available yet; name the concepts yourself with --concept NAME.")
        }
    }

    func run(_ session: Session) throws {
        let limit = CaptionPrompt.maximumConcepts
        guard concepts.count <= limit else {
            throw CaptionPromptError.tooManyConcepts(found: concepts.count, limit: limit)
        }
        let query = try ImageDecoder.decode(fileAt: URL(fileURLWithPath: image)).flattened()
        let store = try session.store()
        let shown = try concepts.map { try LibraryReference.read($0, from: store) }
        try CaptionPrompt.check(shown.map(\.concept.name))
        let choice = try ModelChoice.resolve(model, store: store, samples: session.samples)
        if show, !common.json { draw(query, shown, session) }

        let engine = try CaptionEngine(
            choice, adapter: adapter, keyValues: keyValues.storage, session: session)
        let request = CaptionRequest(
            concepts: shown.map(\.forPrompt), query: query, question: question,
            options: sampling.captionOptions(), libraryNames: try store.names())
        let record = try engine.caption(request, show: !common.json)
        let saved = try store.addCaption(
            NewCaption(
                record, image: .file(URL(fileURLWithPath: image)), concepts: shown.map(\.concept),
                modelFolder: choice.folder))
        if common.json {
            try session.printJSON(CaptionDocument(record: record, id: saved.id, image: image))
        } else {
            CaptionSummary.print(record, session: session)
        }
        if record.finishReason == .cancelled { throw CancellationError() }
    }

    private func draw(_ query: RGBImage, _ shown: [LibraryReference], _ session: Session) {
        let picture = session.picture()
        let covers = shown.map { (name: $0.concept.name, image: $0.image) }
        session.console.write(
            PictureStrip(picture: picture, style: session.style).bytes(
                query: query, label: image, covers: covers))
    }
}

extension SamplingArguments {
    /// The options as differences from the model's habits.
    func captionOptions() -> CaptionOptions {
        let drawn = options(over: SamplingOptions())
        return CaptionOptions(
            temperature: temperature, topK: topK, topP: topP, repetitionPenalty: repetitionPenalty,
            maxNewTokens: maxTokens, seed: drawn.seed)
    }
}
