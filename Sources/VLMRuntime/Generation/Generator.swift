/// A model with what it remembers: answers chats without computing the same thing twice.
///
/// Results are those of the model alone, token for token; only timings and `cache` differ.
public struct Generator: Sendable {
    /// What computes.
    public let model: VisionLanguageModel
    /// What is remembered; `nil` remembers nothing.
    public let caches: GenerationCaches?
    /// Whether tokens are guessed from the text so far and checked several at a time.
    ///
    /// It changes nothing but the time. Usually on where reading the weights takes most of a step, so
    /// that a second token costs next to nothing: not in float32, which is for small models.
    public var speculates: Bool
    /// Says which states of prompts may be shared.
    private let variant: String

    /// Joins a model with its caches.
    ///
    /// - Parameters:
    ///   - caches: made for this model.
    ///   - adapter: names the adapter in the model's weights and its version, so that states
    ///     computed with another one are never taken for it.
    public init(
        _ model: VisionLanguageModel, caches: GenerationCaches? = nil, adapter: String? = nil
    ) {
        self.model = model
        self.caches = caches
        speculates = model.arithmetic != .float32
        variant = "\(model.keyValueStorage.rawValue) \(adapter ?? "")"
    }

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
        let start = try read(
            messages, answerTokens: options.maxNewTokens, clock, cancellation, onEvent)
        let prompt = start.prompt
        var loop = AnswerLoop(
            session: start.session,
            writer: AnswerWriter(options, prompt: prompt.ids, model: model),
            lookup: speculates ? lookup(prompt) : nil)
        try loop.run(after: start.logits, cancellation: cancellation, onEvent) {
            clock.markToken()
        }
        var writer = loop.writer
        keep(loop.session.cache, prompt, answer: writer.ids)
        return writer.result(
            prompt, timings: clock.finish(generated: writer.ids.count), cache: start.use, onEvent)
    }

    /// Runs the vision tower over a picture, unless its rows are at hand, and keeps them.
    ///
    /// - Returns: whether it had to be done.
    /// - Throws: `ImagePreprocessingError`, or `CancellationError`.
    @discardableResult public func encode(
        _ picture: ImageInput, cancellation: CancellationFlag? = nil
    ) throws -> Bool {
        let prompt = try model.promptImage(picture, at: 0, hasDigest: caches != nil)
        let (_, use) = try rows(of: [prompt], from: 0, GenerationClock(), cancellation) { _ in }
        return use.imagesEncoded > 0
    }

    /// A prompt that has been read.
    struct Start {
        let prompt: PreparedPrompt
        let session: Session
        /// Those after the last token of the prompt.
        let logits: [Float]
        let use: CacheUse
    }

    /// Reads a chat as far as the first token of the answer.
    func read(
        _ messages: [ChatMessage], answerTokens: Int = 0, _ clock: GenerationClock,
        _ cancellation: CancellationFlag?, _ onEvent: (GenerationEvent) -> Void
    ) throws -> Start {
        onEvent(.progress(.preprocess, fraction: 0))
        return try read(
            try model.prepare(messages, hasDigests: caches != nil), answerTokens: answerTokens,
            clock, cancellation, onEvent)
    }

    /// Reads a prepared chat.
    func read(
        _ prompt: PreparedPrompt, answerTokens: Int = 0, _ clock: GenerationClock,
        _ cancellation: CancellationFlag?, _ onEvent: (GenerationEvent) -> Void
    ) throws -> Start {
        var opening = try open(
            prompt, answerTokens: answerTokens, clock, cancellation, onEvent)
        let logits = try opening.session.prefill(opening.input, prompt, onEvent)
        clock.mark(\.prefill)
        keep(opening.session.cache, prompt, answer: [])
        return Start(
            prompt: prompt, session: opening.session, logits: logits, use: opening.use)
    }

    /// A prompt whose pictures have been seen and whose tokens are still to be read.
    struct Opening {
        /// Has the beginning that was known.
        var session: Session
        /// Rows of the other tokens.
        var input: InputRows
        var use: CacheUse
    }

    /// Looks at the pictures of a prepared chat.
    func open(
        _ prompt: PreparedPrompt, answerTokens: Int, _ clock: GenerationClock,
        _ cancellation: CancellationFlag?, _ onEvent: (GenerationEvent) -> Void
    ) throws -> Opening {
        try checkMemory(prompt, answerTokens: answerTokens)
        let session = Session(
            model: model, cache: known(of: prompt), cancellation: cancellation)
        let reused = session.cache.count
        var (pictures, use) = try rows(
            of: prompt.images, from: reused, clock, cancellation, onEvent)
        use.promptTokensReused = reused
        clock.mark(\.vision)
        let input = model.embed(prompt, pictures: pictures, from: reused)
        return Opening(session: session, input: input, use: use)
    }

    /// The longest beginning of a prompt that is remembered.
    func known(of prompt: PreparedPrompt) -> KVCache? {
        prompt.key.flatMap {
            caches?.prefixes.longest(
                of: $0, variant: variant, granularity: model.reuseGranularity)
        }
    }

    /// Refuses a chat whose states and activations do not fit, after giving up what is remembered.
    private func checkMemory(_ prompt: PreparedPrompt, answerTokens: Int) throws(GenerationError) {
        let room = model.configuration.text.contextLength - prompt.ids.count
        let estimate = MemoryEstimate(
            model.configuration, weightBytes: 0, storage: model.keyValueStorage,
            work: MemoryEstimate.Work(
                tokens: prompt.ids.count + min(answerTokens, room),
                largestPicture: prompt.images.map(\.grid.patchCount).max() ?? 0,
                pictureTokens: prompt.imageTokenCount))
        do {
            try estimate.check(folder: model.folder)
        } catch {
            guard let caches else { throw error }
            caches.clear()
            try estimate.check(folder: model.folder)
        }
    }

    /// Rows of the pictures that reach beyond the first `reused` tokens; `nil` for the others.
    func rows(
        of images: [PromptImage], from reused: Int, _ clock: GenerationClock,
        _ cancellation: CancellationFlag?, _ onEvent: (GenerationEvent) -> Void
    ) throws -> ([Matrix?], CacheUse) {
        let width = model.configuration.pictureRowWidth
        var found = images.map { image -> Matrix? in
            guard image.tokens.upperBound > reused, let digest = image.digest else { return nil }
            return caches?.pictures.rows(
                digest, rows: image.tokens.count, columns: width,
                isReference: image.input.isReference)
        }
        let missing = images.indices.filter {
            found[$0] == nil && images[$0].tokens.upperBound > reused
        }
        let patches = try missing.map { try model.preprocess(images[$0]) }
        clock.mark(\.preprocess)
        let encoded = try model.encode(patches, cancellation, onEvent)
        for (index, rows) in zip(missing, encoded) {
            found[index] = rows
            if let digest = images[index].digest {
                caches?.pictures.keep(rows, digest, isReference: images[index].input.isReference)
            }
        }
        let use = CacheUse(
            imagesEncoded: missing.count, imagesReused: images.count - missing.count)
        return (found, use)
    }

    /// Remembers a prompt and, where that cannot change results, the answer that was read after it.
    func keep(_ cache: KVCache, _ prompt: PreparedPrompt, answer: [Int32]) {
        guard let caches, let key = prompt.key else { return }
        let read = model.hasIndependentRows ? cache.count - key.count : 0
        guard answer.isEmpty || read > 0 else { return }
        caches.prefixes.keep(
            cache.prefix(key.count + read), for: key.followed(by: answer.prefix(read)),
            variant: variant)
    }

    private func lookup(_ prompt: PreparedPrompt) -> PromptLookup {
        PromptLookup(
            prompt: prompt.ids,
            barred: [
                model.configuration.imageTokenID, model.configuration.visionStartTokenID,
                model.configuration.visionEndTokenID,
            ])
    }
}

extension VisionLanguageModel {
    /// Answers a chat, remembering nothing; see `Generator.generate`.
    public func generate(
        _ messages: [ChatMessage], options: SamplingOptions,
        cancellation: CancellationFlag? = nil, onEvent: (GenerationEvent) -> Void = { _ in }
    ) throws -> GenerationResult {
        try Generator(self).generate(
            messages, options: options, cancellation: cancellation, onEvent: onEvent)
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
