import ImageCodecs

/// What is known about a picture from its header.
struct PictureFacts: Sendable, Equatable {
    var width: Int
    var height: Int
    var format: ImageFormat?
    var hasAlpha = false
    /// The size of its file.
    var bytes: Int?

    var longest: Int { max(width, height) }
}

/// Somebody lost interest in a picture while it was being made.
struct PictureStopped: Error {}
