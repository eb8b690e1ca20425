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

    /// The same for several conversations, which may share what they have in common.
    func firstWordProbabilities(
        ofEach chats: [[ChatMessage]], of words: [String], cancellation: CancellationFlag?
    ) throws -> [[Float]]
}

extension PresenceModel {
    /// One conversation after the other.
    public func firstWordProbabilities(
        ofEach chats: [[ChatMessage]], of words: [String], cancellation: CancellationFlag?
    ) throws -> [[Float]] {
        try chats.map { try firstWordProbabilities($0, of: words, cancellation: cancellation) }
    }
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

    /// The same for several conversations; what they have in common is read once.
    ///
    /// - Throws: what `generate` throws.
    public func firstWordProbabilities(
        ofEach chats: [[ChatMessage]], of words: [String], cancellation: CancellationFlag?
    ) throws -> [[Float]] {
        let ids = words.map { model.tokenizer.encode($0).first ?? -1 }
        return try nextTokenProbabilities(ofEach: chats, of: ids, cancellation: cancellation)
    }
}

/// A model that can say how its vision tower sees a picture.
public protocol PictureModel: PresenceModel {
    /// A row of features for each cell of the picture.
    func pictureRows(_ picture: ImageInput, cancellation: CancellationFlag?) throws -> PictureRows
}

extension Generator: PictureModel {}
