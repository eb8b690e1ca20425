import Foundation
public import VLMRuntime

/// A model behind engines, as the captioner sees it.
public struct EngineModel: PresenceModel {
    /// The engines.
    public let pool: EnginePool
    /// What they call the model.
    public let name: String

    /// Joins engines with the name of a model that all of them serve.
    public init(_ pool: EnginePool, name: String) {
        self.pool = pool
        self.name = name
    }

    /// Answers a conversation; many may wait at a time.
    ///
    /// - Throws: `EngineError`, `ImagePreprocessingError`, or `CancellationError`.
    public func answer(
        _ messages: [ChatMessage], options: SamplingOptions
    ) async throws -> GenerationResult {
        let start = ContinuousClock.now
        var request = EngineRequest(model: name, messages: messages, options: options)
        request.tellsSizes = pool.areSizesTold
        var (data, images) = try request.body()
        let prepared = ContinuousClock.now
        let reply: EngineReply
        do {
            reply = try await pool.chat(data)
        } catch let error as EngineError where request.tellsSizes && pool.learns(from: error) {
            request.tellsSizes = false
            (data, images) = try request.body()
            reply = try await pool.chat(data)
        }
        var timings = GenerationTimings()
        timings.preprocess = (prepared - start) / .seconds(1)
        timings.total = (ContinuousClock.now - start) / .seconds(1)
        return GenerationResult(
            text: reply.text, tokenIDs: [], logProbabilities: [], promptTokenIDs: [],
            finishReason: reply.reason == "length" ? .length : .stop,
            usage: TokenUsage(
                promptTokens: reply.promptTokens, imageTokens: 0,
                generatedTokens: reply.generatedTokens), timings: timings,
            images: images)
    }

    /// Answers a conversation on the calling thread; the text comes as a whole.
    ///
    /// - Throws: what `answer` throws.
    public func generate(
        _ messages: [ChatMessage], options: SamplingOptions, cancellation: CancellationFlag?,
        onEvent: (GenerationEvent) -> Void
    ) throws -> GenerationResult {
        let result = try Blocking.run(cancellation: cancellation) {
            try await answer(messages, options: options)
        }
        onEvent(.token(id: 0, text: result.text))
        return result
    }

    /// Engines do not tell probabilities of words.
    ///
    /// - Throws: `EngineError.unsupported`, always.
    public func firstWordProbabilities(
        _ messages: [ChatMessage], of words: [String], cancellation: CancellationFlag?
    ) throws -> [Float] {
        throw EngineError.unsupported("Asking whether somebody is in a picture")
    }
}
