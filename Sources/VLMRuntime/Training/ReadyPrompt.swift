/// A prompt as rows the language model can read, its pictures included.
///
/// Making one runs the tokenizer and the vision tower; rollouts and training then start from the
/// same rows, so a policy is trained on exactly what it saw.
public struct ReadyPrompt: Sendable {
    /// Token ids, image tokens included.
    public let ids: [Int32]
    /// Pixels of each picture before and after resizing, in prompt order.
    public let images: [ImageGeometry]
    /// One for each id.
    let rows: InputRows
    let positions: MultimodalPositions
    /// What the numbers of boxes in answers count.
    public let boxUnits: BoxUnits

    init(
        ids: [Int32], images: [ImageGeometry], rows: InputRows, positions: MultimodalPositions,
        boxUnits: BoxUnits = .pixels
    ) {
        precondition(ids.count == rows.count && positions.count == ids.count && !ids.isEmpty)
        self.ids = ids
        self.images = images
        self.rows = rows
        self.positions = positions
        self.boxUnits = boxUnits
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
            rows: embed(prompt, pictures: pictures), positions: prompt.positions,
            boxUnits: configuration.family.boxUnits)
    }
}
