extension VisionLanguageModel {
    /// The logits of the first token of an answer, as they are before sampling.
    ///
    /// What the logits of other programs are compared with.
    ///
    /// - Returns: one row, `[vocabularySize]`.
    /// - Throws: what reading a prompt throws.
    public func firstLogits(
        _ messages: [ChatMessage], cancellation: CancellationFlag? = nil
    ) throws -> [Float] {
        try Generator(self).read(messages, GenerationClock(), cancellation) { _ in }.logits
    }
}
