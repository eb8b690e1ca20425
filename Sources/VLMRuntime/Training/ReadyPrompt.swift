/// A prompt as rows the language model can read, its pictures included.
///
/// Making one runs the tokenizer and the vision tower; rollouts and training then start from the
/// same rows, so a policy is trained on exactly what it saw.
public struct ReadyPrompt: Sendable {
    /// Token ids, image tokens included.
    public let ids: [Int32]
    /// Pixels of each picture before and after resizing, in prompt order.
    public let images: [ImageGeometry]
    /// `[ids.count, hiddenSize]`.
    let rows: Matrix
    let positions: MultimodalPositions

    init(ids: [Int32], images: [ImageGeometry], rows: Matrix, positions: MultimodalPositions) {
        precondition(ids.count == rows.rows && positions.count == ids.count && !ids.isEmpty)
        self.ids = ids
        self.images = images
        self.rows = rows
        self.positions = positions
    }
}

extension VisionLanguageModel {
    /// Tokenizes a chat, preprocesses its pictures and runs the vision tower.
    ///
    /// - Throws: what `generate` throws before its first token.
    public func ready(
        _ messages: [ChatMessage], cancellation: CancellationFlag? = nil
    ) throws -> ReadyPrompt {
        let prompt = try prepare(messages)
        let patches = try prompt.images.map { try preprocess($0) }
        let pictures = try encode(patches, cancellation) { _ in }
        return ReadyPrompt(
            ids: prompt.ids, images: prompt.images.map(\.geometry),
            rows: embed(prompt, pictures: pictures), positions: prompt.positions)
    }
}
