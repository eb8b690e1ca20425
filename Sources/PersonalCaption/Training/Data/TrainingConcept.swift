public import ImageCodecs

/// A picture that scenes are made of, and what tells it apart from others.
public struct TrainingPicture: Sendable, Equatable {
    /// A cut-out with transparency, or a photo.
    public var image: RGBAImage
    /// The same for the same file and no other.
    public var digest: String

    /// Pictures larger than this are shrunk: scenes are smaller anyway.
    public static let longestSide = 448

    /// Shrinks what is larger than any scene.
    public init(image: RGBAImage, digest: String) {
        let side = max(image.width, image.height)
        guard side > Self.longestSide else {
            self.image = image
            self.digest = digest
            return
        }
        let scale = Double(Self.longestSide) / Double(side)
        self.image = Resampler.bicubic(
            image, width: max(1, Int(Double(image.width) * scale)),
            height: max(1, Int(Double(image.height) * scale)))
        self.digest = digest
    }
}

/// A concept of the user's library as training material.
public struct TrainingConcept: Sendable, Equatable {
    /// What the user calls it.
    public var name: String
    /// One line about it; may be empty.
    public var info: String
    /// What kind of thing it is; may be empty.
    public var category: String
    /// At least one; the first is the reference.
    public var pictures: [TrainingPicture]

    /// Names every part.
    ///
    /// - Precondition: there is a picture.
    public init(name: String, info: String, category: String, pictures: [TrainingPicture]) {
        precondition(!pictures.isEmpty, "a concept without a picture")
        self.name = name
        self.info = info
        self.category = category
        self.pictures = pictures
    }

    var reference: RGBImage { pictures[0].image.flattened() }
}
