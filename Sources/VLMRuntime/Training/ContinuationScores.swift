extension VisionLanguageModel {
    /// Log-probabilities of whole texts as the beginning of the answer to a chat.
    ///
    /// The prompt is read once for all of them. Comparing answers that begin alike and differ in
    /// one letter is how multiple-choice questions are read without sampling.
    ///
    /// - Throws: `GenerationError`, `ImagePreprocessingError`, `TrainingError`, or
    ///   `CancellationError`.
    public func logProbabilities(
        of answers: [String], after messages: [ChatMessage], cancellation: CancellationFlag? = nil
    ) throws -> [Float] {
        let continuations = answers.map(tokenizer.encode)
        guard !continuations.isEmpty, continuations.allSatisfy({ !$0.isEmpty }) else {
            return answers.map { _ in 0 }
        }
        let sequence = TrainingSequence(
            prompt: try ready(messages, cancellation: cancellation), continuations: continuations)
        let pass = LikelihoodPass(
            language: language.adapted(by: nil), adapter: nil,
            products: frozenProducts(for: arithmetic),
            cancellation: cancellation)
        return try pass.logProbabilities(of: sequence).map { $0.reduce(0, +) }
    }
}
