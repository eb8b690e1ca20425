public import ImageCodecs

/// A concept as one caption sees it: what to call it, what is known of it, and one picture.
public struct CaptionConcept: Sendable, Equatable {
    /// The name as the user wrote it, any Unicode, without the angle brackets of the prompt.
    public var name: String
    /// One line about the concept; may be empty.
    public var info: String
    /// What kind of thing it is ("dog", "mug"); not shown to the model.
    public var category: String
    /// The reference picture, upright, alpha already on white.
    public var image: RGBImage
    /// Its place among concepts, the same in every caption; `nil` when it has none.
    public var key: Int64?

    /// Describes one concept.
    public init(
        name: String, info: String = "", category: String = "", image: RGBImage, key: Int64? = nil
    ) {
        self.name = name
        self.info = info
        self.category = category
        self.image = image
        self.key = key
    }
}
