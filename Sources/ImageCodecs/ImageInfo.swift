/// How much a picture from outside may ask for.
public struct ImageLimits: Sendable, Equatable {
    /// Largest file, in bytes.
    public var maximumBytes: Int
    /// Largest picture, in pixels.
    public var maximumPixels: Int

    /// Limits of one's own.
    public init(maximumBytes: Int = 64 << 20, maximumPixels: Int = 64_000_000) {
        self.maximumBytes = maximumBytes
        self.maximumPixels = maximumPixels
    }

    /// 64 MiB and 64 megapixels.
    public static let standard = ImageLimits()
}

/// What the header of a picture says, before any pixel is decoded.
public struct ImageInfo: Sendable, Equatable {
    /// The format, by content.
    public let format: ImageFormat
    /// Pixels in a row, once upright.
    public let width: Int
    /// Number of rows, once upright.
    public let height: Int
    /// How the stored picture must be turned: the EXIF tag, 1 (upright) … 8.
    public let orientation: Int
    /// Whether pixels may be transparent.
    public let hasAlpha: Bool
}
