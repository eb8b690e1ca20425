public import VLMRuntime

/// A model as the captioner sees it: messages in, text out.
///
/// `VisionLanguageModel` is one; tests use a script.
public protocol CaptionModel: Sendable {
    /// Answers a conversation on the calling thread.
    ///
    /// - Parameters:
    ///   - messages: turns in reading order, pictures included.
    ///   - options: how tokens are chosen.
    ///   - cancellation: ends the call at its next safe point with what has been written.
    ///   - onEvent: called on the same thread, in order.
    /// - Throws: whatever keeps the model from answering, as one sentence.
    func generate(
        _ messages: [ChatMessage], options: SamplingOptions, cancellation: CancellationFlag?,
        onEvent: (GenerationEvent) -> Void
    ) throws -> GenerationResult
}
