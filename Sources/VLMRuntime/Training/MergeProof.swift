extension VisionLanguageModel {
    /// Largest difference of any logit between this model and another one, over some texts.
    ///
    /// The proof that a merged checkpoint and its adapter are the same model.
    ///
    /// - Throws: what reading a prompt throws.
    public func largestLogitDifference(
        from other: VisionLanguageModel, on texts: [String],
        cancellation: CancellationFlag? = nil
    ) throws -> Float {
        var largest: Float = 0
        for text in texts {
            let chat = [ChatMessage(.user, text: text)]
            let mine = try Generator(self).read(chat, GenerationClock(), cancellation) { _ in }
            let its = try Generator(other).read(chat, GenerationClock(), cancellation) { _ in }
            guard mine.logits.count == its.logits.count else { return .infinity }
            for (a, b) in zip(mine.logits, its.logits) {
                let gap = abs(a - b)
                largest = gap.isNaN ? .infinity : max(largest, gap)
            }
        }
        return largest
    }
}
