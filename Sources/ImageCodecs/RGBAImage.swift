/// An upright picture with transparency: 8-bit red, green, blue and alpha, row by row from the top.
///
/// Alpha is straight: colours are not multiplied by it.
public struct RGBAImage: Sendable, Equatable {
    /// Pixels in a row.
    public let width: Int
    /// Number of rows.
    public let height: Int
    /// `width * height * 4` bytes.
    public var pixels: [UInt8]

    /// Wraps pixels that are already in order.
    ///
    /// - Precondition: `pixels.count == width * height * 4`.
    public init(width: Int, height: Int, pixels: [UInt8]) {
        precondition(
            width >= 0 && height >= 0 && pixels.count == width * height * 4,
            "\(pixels.count) bytes for \(width)×\(height)")
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    /// The same picture with every pixel opaque.
    public init(_ image: RGBImage) {
        let count = image.width * image.height
        var pixels = [UInt8](repeating: 255, count: count * 4)
        for i in 0..<count {
            pixels[4 * i] = image.pixels[3 * i]
            pixels[4 * i + 1] = image.pixels[3 * i + 1]
            pixels[4 * i + 2] = image.pixels[3 * i + 2]
        }
        self.init(width: image.width, height: image.height, pixels: pixels)
    }

    /// Whether no pixel lets the background through.
    public var isOpaque: Bool {
        stride(from: 3, to: pixels.count, by: 4).allSatisfy { pixels[$0] == 255 }
    }

    /// The picture as seen on a plain background.
    ///
    /// Each channel is `colour·α + background·(1 − α)`, rounded to nearest, which is what the
    /// image processor of the reference implementation computes on white.
    public func flattened(
        onto background: (red: UInt8, green: UInt8, blue: UInt8) = (255, 255, 255)
    ) -> RGBImage {
        let count = width * height
        var flat = [UInt8](repeating: 0, count: count * 3)
        let red = Int32(background.red)
        let green = Int32(background.green)
        let blue = Int32(background.blue)
        for i in 0..<count {
            let alpha = Int32(pixels[4 * i + 3])
            flat[3 * i] = blend(pixels[4 * i], alpha, red)
            flat[3 * i + 1] = blend(pixels[4 * i + 1], alpha, green)
            flat[3 * i + 2] = blend(pixels[4 * i + 2], alpha, blue)
        }
        return RGBImage(width: width, height: height, pixels: flat)
    }
}

/// `(color·α + background·(255 − α)) / 255`, rounded to nearest.
@inline(__always)
private func blend(_ color: UInt8, _ alpha: Int32, _ background: Int32) -> UInt8 {
    UInt8(truncatingIfNeeded: (Int32(color) * alpha + background * (255 - alpha) + 127) / 255)
}
