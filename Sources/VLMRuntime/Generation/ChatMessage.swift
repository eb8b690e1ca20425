public import ImageCodecs

/// One turn of a conversation, in the order the model reads it.
public struct ChatMessage: Sendable {
    /// Who speaks.
    public enum Role: String, Sendable {
        case system, user, assistant
    }

    /// Text or a picture, in reading order.
    public enum Part: Sendable {
        /// Verbatim text; never read as control tokens.
        case text(String)
        case image(ImageInput)
    }

    /// Who speaks.
    public var role: Role
    /// What is said and shown, in order.
    public var parts: [Part]

    /// Takes the values as they are.
    public init(_ role: Role, _ parts: [Part]) {
        self.role = role
        self.parts = parts
    }

    /// A turn of text only.
    public init(_ role: Role, text: String) {
        self.init(role, [.text(text)])
    }
}

/// A picture as the model is to see it.
public struct ImageInput: Sendable {
    /// Upright RGB pixels (orientation applied, alpha already on white).
    public var pixels: RGBImage
    /// Smallest and largest area in pixels after `smart_resize`; `nil` takes the checkpoint's own.
    public var pixelBudget: ClosedRange<Int>?
    /// Whether it will be shown again and again, so that its encoding is worth a place on disk.
    public var isReference: Bool

    /// Takes the values as they are.
    public init(
        _ pixels: RGBImage, pixelBudget: ClosedRange<Int>? = nil, isReference: Bool = false
    ) {
        self.pixels = pixels
        self.pixelBudget = pixelBudget
        self.isReference = isReference
    }
}
