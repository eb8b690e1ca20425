import ArgumentParser
import Foundation
import ImageCodecs
import TerminalUI
import VLMRuntime

/// `studio generate --prompt TEXT`: one raw chat turn.
struct GenerateCommand: StudioCommand {
    struct Document: Encodable {
        let text: String
        let tokenIDs: [Int32]
        let promptTokenIDs: [Int32]
        let finishReason: FinishReason
        let usage: TokenUsage
        let timings: GenerationTimings
        let model: String
        let seed: UInt64
        /// All answers, when several were asked for; the other keys are then those of the first.
        var answers: [Document]?
        /// Those of the answer's first token, before sampling, when they were asked for.
        var logits: [Float]?

        init(_ result: GenerationResult, model: String, seed: UInt64) {
            text = result.text
            tokenIDs = result.tokenIDs
            promptTokenIDs = result.promptTokenIDs
            finishReason = result.finishReason
            usage = result.usage
            timings = result.timings
            self.model = model
            self.seed = seed
        }
    }

    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Run one raw chat turn: pictures, then text; without the library.")

    @Option(
        name: .customLong("image"), help: "A picture; may be repeated.", completion: .file())
    var images: [String] = []

    @Option(help: "What to say to the model.")
    var prompt: String

    @Option(help: "A system text; default: the model's own.")
    var system: String?

    @Option(help: "Write at least this many tokens.")
    var minTokens = 0

    @Option(
        help: ArgumentHelp(
            "Write this many answers at once, each with the seed after the one before; 1 to 64.",
            valueName: "n"))
    var count = 1

    @OptionGroup var sampling: SamplingArguments
    @OptionGroup var precision: PrecisionArguments

    @Option(help: "A checkpoint folder or a registered name; default: the model in use.")
    var model: String?

    @Option(help: "An adapter that was kept, or a PEFT folder.")
    var adapter: String?

    @Flag(help: "With --json: add the logits of the first token, to compare with other programs.")
    var logits = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if minTokens < 0 { throw ValidationError("--min-tokens must not be negative.") }
        if !(1...64).contains(count) { throw ValidationError("--count must be 1 to 64.") }
        if logits, !common.json || count > 1 {
            throw ValidationError("--logits needs --json, and no --count.")
        }
    }

    func run(_ session: Session) throws {
        let choice = try ModelChoice.resolve(
            model, store: session.store(), samples: session.samples)
        let pictures = try images.map { path in
            try ImageDecoder.decode(fileAt: URL(fileURLWithPath: path)).flattened()
        }
        let start = ContinuousClock.now
        let base = try session.load(choice, precision.precision)
        let loaded =
            try adapter.map {
                try AdapterShelf(session.home).adapt(Generator(base), by: $0).generator.model
            } ?? base
        let load = start.secondsUntilNow
        var options = sampling.options(over: SamplingOptions())
        options.minNewTokens = minTokens
        var messages: [ChatMessage] = []
        if let system { messages.append(ChatMessage(.system, text: system)) }
        let parts = pictures.map { ChatMessage.Part.image(ImageInput($0)) } + [.text(prompt)]
        messages.append(ChatMessage(.user, parts))
        if count > 1 { return try several(loaded, choice, messages, options, load, session) }
        var stream = AnswerStream(session: session, highlighter: nil)
        var result = try loaded.generate(
            messages, options: options, cancellation: session.cancellation
        ) { stream.receive($0) }
        result.timings.load = load
        if common.json {
            var document = Document(result, model: choice.name, seed: options.seed)
            if logits {
                document.logits = try loaded.firstLogits(
                    messages, cancellation: session.cancellation)
            }
            try session.printJSON(document)
        } else {
            stream.finish()
            session.note(GenerationSummary.line(result.usage, result.timings, session.noteStyle))
        }
        if result.finishReason == .cancelled { throw CancellationError() }
    }

    private func several(
        _ model: VisionLanguageModel, _ choice: ModelChoice, _ messages: [ChatMessage],
        _ options: SamplingOptions, _ load: Double, _ session: Session
    ) throws {
        let all = (0..<count).map { index in
            var own = options
            own.seed = options.seed &+ UInt64(index)
            return own
        }
        var written = 0
        var results = try Generator(model).generateGroup(
            messages, options: all, cancellation: session.cancellation
        ) { _, event in
            guard case .token = event else { return }
            written += 1
            session.progress.update("writing \(count) answers, \(written) tokens")
        }
        for index in results.indices { results[index].timings.load = load }
        if common.json {
            let documents = zip(results, all).map {
                Document($0, model: choice.name, seed: $1.seed)
            }
            var document = documents[0]
            document.answers = documents
            try session.printJSON(document)
        } else {
            for (result, own) in zip(results, all) {
                session.print(
                    "seed \(own.seed): "
                        + TerminalText.sanitized(result.text))
            }
            let tokens = results.reduce(0) { $0 + $1.usage.generatedTokens }
            let seconds = results.map(\.timings.decode).max() ?? 0
            session.note(
                "\(tokens) tokens in \(count) answers"
                    + String(
                        format: ", %.1f tokens/s together", Double(tokens) / max(seconds, 1e-9)))
        }
        if results.contains(where: { $0.finishReason == .cancelled }) { throw CancellationError() }
    }
}

extension ContinuousClock.Instant {
    /// Seconds that have passed since.
    var secondsUntilNow: Double { (ContinuousClock.now - self).inSeconds }
}
