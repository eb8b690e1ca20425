import Foundation

extension Generator {
    /// Probabilities of some tokens as the first token of the answer.
    ///
    /// One prefill, no sampling: the way to ask a yes/no question and get a number.
    ///
    /// - Parameter ids: token ids within the vocabulary.
    /// - Returns: one probability per id, of the full softmax.
    /// - Throws: what `generate` throws.
    public func nextTokenProbabilities(
        _ messages: [ChatMessage], of ids: [Int32], cancellation: CancellationFlag? = nil
    ) throws -> [Float] {
        let logits = try read(messages, GenerationClock(), cancellation) { _ in }.logits
        let total = Sampler.logSumExp(logits)
        return ids.map { id in
            logits.indices.contains(Int(id)) ? exp(logits[Int(id)] - total) : 0
        }
    }
}

extension VisionLanguageModel {
    /// Probabilities of some tokens as the first token of the answer, remembering nothing; see
    /// `Generator.nextTokenProbabilities`.
    public func nextTokenProbabilities(
        _ messages: [ChatMessage], of ids: [Int32], cancellation: CancellationFlag? = nil
    ) throws -> [Float] {
        try Generator(self).nextTokenProbabilities(messages, of: ids, cancellation: cancellation)
    }
}
