/// One line of a file of captions: a picture's path and its caption, as data for CapRL and others
/// are written.
public struct FolderCaption: Codable, Sendable, Equatable {
    /// The picture, relative to the folder.
    public var image: String
    /// `nil` when it could not be captioned.
    public var caption: String?
    /// Why it could not be captioned.
    public var error: String?
    /// What made the caption.
    public var model: String
    /// What was asked.
    public var question: String
    /// Names of the concepts that were shown; `nil` for none.
    public var concepts: [String]?
    /// Those of them that the caption uses.
    public var named: [String]?
    /// Why the caption ended.
    public var finishReason: String?
    /// Tokens written.
    public var tokens: Int?

    /// A caption, or the reason for none.
    public init(
        image: String, caption: String? = nil, error: String? = nil, model: String,
        question: String, concepts: [String]? = nil, named: [String]? = nil,
        finishReason: String? = nil, tokens: Int? = nil
    ) {
        self.image = image
        self.caption = caption
        self.error = error
        self.model = model
        self.question = question
        self.concepts = concepts
        self.named = named
        self.finishReason = finishReason
        self.tokens = tokens
    }
}
