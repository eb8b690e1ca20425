import Foundation

extension VisionLanguageModel {
    /// Answers a chat.
    ///
    /// Computes on the calling thread and the kernels' threads; returns when the model ends its
    /// turn, the budget is spent or the flag is raised (then with what was written so far).
    ///
    /// - Parameters:
    ///   - messages: the chat; its last turn is the user's.
    ///   - onEvent: called on the calling thread, in order.
    /// - Throws: `GenerationError`, `ImagePreprocessingError`, `ChatTemplateError`; or
    ///   `CancellationError` when cancelled before the first token.
    public func generate(
        _ messages: [ChatMessage], options: SamplingOptions,
        cancellation: CancellationFlag? = nil, onEvent: (GenerationEvent) -> Void = { _ in }
    ) throws -> GenerationResult {
        let clock = GenerationClock()
        onEvent(.progress(.preprocess, fraction: 0))
        let prompt = try prepare(messages)
        clock.mark(\.preprocess)
        let pictures = try encode(prompt.images, cancellation, onEvent)
        clock.mark(\.vision)
        var session = Session(model: self, cancellation: cancellation)
        var logits = try session.prefill(embed(prompt, pictures: pictures), prompt, onEvent)
        clock.mark(\.prefill)
        var writer = AnswerWriter(options, prompt: prompt.ids, model: self)
        let room = configuration.text.contextLength - prompt.ids.count
        let limit = min(options.maxNewTokens, room)
        while writer.finishReason == nil {
            guard writer.ids.count < limit else {
                writer.finishReason = .length
                break
            }
            guard logits.allSatisfy({ !$0.isNaN }) else {
                throw GenerationError.notANumber(folder: folder.path)
            }
            guard let id = writer.write(logits, onEvent) else { break }
            clock.markToken()
            if cancellation?.isCancelled == true {
                writer.finishReason = .cancelled
            } else if writer.ids.count < limit {
                logits = try session.step(id)
            }
        }
        return writer.result(prompt, clock: clock, onEvent)
    }

    /// Runs the vision tower over each picture.
    func encode(
        _ images: [PreprocessedImage], _ cancellation: CancellationFlag?,
        _ onEvent: (GenerationEvent) -> Void
    ) throws -> [Matrix] {
        let total = Double(images.reduce(0) { $0 + $1.grid.patchCount } * vision.blocks.count)
        var done = 0.0
        return try images.map { image in
            try vision(image) { _ in
                if cancellation?.isCancelled == true { throw CancellationError() }
                done += Double(image.grid.patchCount)
                onEvent(.progress(.vision, fraction: done / max(total, 1)))
            }
        }
    }
}

/// One conversation with a model: its cache and where it stands.
struct Session {
    let model: VisionLanguageModel
    let cancellation: CancellationFlag?
    private var cache: KVCache
    private var nextPosition: Int32 = 0

    /// Tokens read at once in prefill: enough rows to keep the products busy, few enough that
    /// scratch memory stays bounded for any prompt.
    static let chunk = 512

    init(model: VisionLanguageModel, cancellation: CancellationFlag? = nil) {
        self.model = model
        self.cancellation = cancellation
        cache = KVCache(model.configuration.text)
    }

    /// Reads a prompt; returns the logits after its last token.
    mutating func prefill(
        _ embeddings: Matrix, _ prompt: PreparedPrompt, _ onEvent: (GenerationEvent) -> Void
    ) throws -> [Float] {
        let layers = Double(model.language.layers.count)
        var last = Matrix(rows: 0, columns: embeddings.columns)
        for start in stride(from: 0, to: embeddings.rows, by: Self.chunk) {
            let range = start..<min(start + Self.chunk, embeddings.rows)
            let share = Double(range.count) / Double(embeddings.rows)
            let done = Double(start) / Double(embeddings.rows)
            let cancellation = cancellation
            let x = try model.language(
                embeddings.rows(range), at: prompt.positions.slice(range), cache: &cache
            ) { layer in
                if cancellation?.isCancelled == true { throw CancellationError() }
                onEvent(.progress(.prefill, fraction: done + share * Double(layer) / layers))
            }
            last = x.rows(x.rows - 1..<x.rows)
        }
        nextPosition = prompt.positions.next
        return model.language.logits(last).values
    }

    /// Reads one token; returns the logits after it.
    mutating func step(_ id: Int32) throws -> [Float] {
        let position = MultimodalPositions(textTokens: 1, after: nextPosition)
        nextPosition += 1
        let x = model.language(model.language.embed([id]), at: position, cache: &cache) { _ in }
        return model.language.logits(x).values
    }
}

/// Collects an answer token by token.
private struct AnswerWriter {
    private let endOfTurn: [Int32]
    private var sampler: Sampler
    private var detokenizer: StreamingDetokenizer
    private var text = ""
    private var logProbabilities: [Float] = []
    private(set) var ids: [Int32] = []
    var finishReason: FinishReason?

    init(_ options: SamplingOptions, prompt: [Int32], model: VisionLanguageModel) {
        endOfTurn = model.generationDefaults.endOfTurnTokens
        sampler = Sampler(options, prompt: prompt, endOfTurn: endOfTurn)
        detokenizer = StreamingDetokenizer(model.tokenizer)
    }

    /// Chooses and emits a token; `nil` when the model ended its turn.
    mutating func write(_ logits: [Float], _ onEvent: (GenerationEvent) -> Void) -> Int32? {
        let (id, logProbability) = sampler.next(logits)
        guard !endOfTurn.contains(id) else {
            finishReason = .stop
            return nil
        }
        ids.append(id)
        logProbabilities.append(logProbability)
        let piece = detokenizer.append(id)
        text += piece
        onEvent(.token(id: id, text: piece))
        return id
    }

    mutating func result(
        _ prompt: PreparedPrompt, clock: GenerationClock, _ onEvent: (GenerationEvent) -> Void
    ) -> GenerationResult {
        let tail = detokenizer.finish()
        text += tail
        if !tail.isEmpty, let last = ids.last { onEvent(.token(id: last, text: tail)) }
        return GenerationResult(
            text: text, tokenIDs: ids, logProbabilities: logProbabilities,
            promptTokenIDs: prompt.ids, finishReason: finishReason ?? .stop,
            usage: TokenUsage(
                promptTokens: prompt.ids.count, imageTokens: prompt.imageTokenCount,
                generatedTokens: ids.count),
            timings: clock.finish(generated: ids.count), images: prompt.images.map(\.geometry))
    }
}

/// Splits the time of one call into its stages.
private final class GenerationClock {
    private var timings = GenerationTimings()
    private let start = ContinuousClock.now
    private var last = ContinuousClock.now
    private var firstToken: ContinuousClock.Instant?

    /// Ends a stage that began at the previous mark.
    func mark(_ stage: WritableKeyPath<GenerationTimings, Double>) {
        let now = ContinuousClock.now
        timings[keyPath: stage] = (now - last).inSeconds
        last = now
    }

    func markToken() {
        guard firstToken == nil else { return }
        firstToken = ContinuousClock.now
        timings.firstToken = (ContinuousClock.now - start).inSeconds
    }

    func finish(generated: Int) -> GenerationTimings {
        timings.total = (ContinuousClock.now - start).inSeconds
        guard let firstToken else { return timings }
        timings.decode = (ContinuousClock.now - firstToken).inSeconds
        if generated > 1, timings.decode > 0 {
            timings.tokensPerSecond = Double(generated - 1) / timings.decode
        }
        return timings
    }
}
