public import VLMRuntime

/// The language model at hand as CapRL's reader; it sees no picture, and no adapter.
public struct ModelCaptionReader: CaptionReader, Sendable {
    private let model: VisionLanguageModel
    private let cancellation: CancellationFlag?

    /// - Parameter cancellation: ends a question early.
    public init(_ model: VisionLanguageModel, cancellation: CancellationFlag? = nil) {
        self.model = model
        self.cancellation = cancellation
    }

    /// Reads the prompt once and scores every answer.
    public func logProbabilities(of answers: [String], after prompt: String) throws -> [Float] {
        try model.logProbabilities(
            of: answers, after: [ChatMessage(.user, text: prompt)], cancellation: cancellation)
    }
}
