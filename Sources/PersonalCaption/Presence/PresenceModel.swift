public import VLMRuntime

/// A model that can say how likely the first word of its answer is.
public protocol PresenceModel: CaptionModel {
    /// Probabilities of words as the beginning of the answer, each that of the word's first token.
    ///
    /// - Parameters:
    ///   - messages: turns in reading order, pictures included.
    ///   - words: the words, as the model would write them at the beginning of its answer.
    ///   - cancellation: ends the call at its next safe point.
    /// - Returns: one probability of the full softmax per word.
    func firstWordProbabilities(
        _ messages: [ChatMessage], of words: [String], cancellation: CancellationFlag?
    ) throws -> [Float]
}

extension Generator: PresenceModel {
    /// Probabilities of words as the beginning of the answer, each that of the word's first token.
    ///
    /// - Throws: what `generate` throws.
    public func firstWordProbabilities(
        _ messages: [ChatMessage], of words: [String], cancellation: CancellationFlag?
    ) throws -> [Float] {
        let ids = words.map { model.tokenizer.encode($0).first ?? -1 }
        return try nextTokenProbabilities(messages, of: ids, cancellation: cancellation)
    }
}
