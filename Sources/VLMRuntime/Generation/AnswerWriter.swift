import Foundation

/// Collects an answer token by token.
struct AnswerWriter {
    private let endOfTurn: [Int32]
    private let folder: String
    /// Tokens that the budget and the context leave room for.
    private let limit: Int
    private var sampler: Sampler
    private var detokenizer: StreamingDetokenizer
    private var text = ""
    private var logProbabilities: [Float] = []
    private(set) var ids: [Int32] = []
    var finishReason: FinishReason?

    init(_ options: SamplingOptions, prompt: [Int32], model: VisionLanguageModel) {
        endOfTurn = model.generationDefaults.endOfTurnTokens
        folder = model.folder.path
        limit = min(options.maxNewTokens, model.configuration.text.contextLength - prompt.count)
        sampler = Sampler(options, prompt: prompt, endOfTurn: endOfTurn)
        detokenizer = StreamingDetokenizer(model.tokenizer)
    }

    /// Tokens that may still come.
    var room: Int { limit - ids.count }

    /// Chooses and emits a token; `nil` when there is no room or the model ended its turn, and then
    /// `finishReason` is set.
    ///
    /// - Throws: `GenerationError.notANumber`.
    mutating func write(
        _ logits: [Float], _ onEvent: (GenerationEvent) -> Void
    ) throws(GenerationError) -> Int32? {
        guard room > 0 else {
            finishReason = .length
            return nil
        }
        guard logits.allSatisfy({ !$0.isNaN }) else { throw .notANumber(folder: folder) }
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
        _ prompt: PreparedPrompt, timings: GenerationTimings, cache: CacheUse,
        _ onEvent: (GenerationEvent) -> Void
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
            timings: timings, images: prompt.images.map(\.geometry), cache: cache)
    }
}
