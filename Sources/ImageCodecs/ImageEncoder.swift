internal import CImageCodecs
public import Foundation

/// Why a picture could not be written.
public enum ImageWriteError: Error, Equatable, CustomStringConvertible {
    /// The format has no pictures of this size.
    case impossibleSize(format: ImageFormat, width: Int, height: Int)
    /// The encoder gave up; `reason` is its own.
    case failed(format: ImageFormat, reason: String)

    /// One sentence.
    public var description: String {
        switch self {
        case .impossibleSize(let format, let width, let height):
            "A \(format.displayName) picture cannot have \(width)×\(height) pixels."
        case .failed(let format, let reason):
            "The \(format.displayName) picture cannot be written: \(reason)."
        }
    }
}

/// Writes pictures as PNG or JPEG, without any metadata.
public enum ImageEncoder {
    /// Encodes without loss, keeping transparency.
    public static func png(_ image: RGBAImage) throws(ImageWriteError) -> Data {
        try png(image.pixels, width: image.width, height: image.height, channels: 4)
    }

    /// Encodes without loss.
    public static func png(_ image: RGBImage) throws(ImageWriteError) -> Data {
        try png(image.pixels, width: image.width, height: image.height, channels: 3)
    }

    /// Encodes with loss.
    ///
    /// - Parameter quality: 1 (worst) … 100; values outside are clamped. From 90 on, colours keep
    ///   full resolution.
    public static func jpeg(_ image: RGBImage, quality: Int) throws(ImageWriteError) -> Data {
        let quality = Int32(min(100, max(1, quality)))
        return try encode(.jpeg, width: image.width, height: image.height, upTo: 65_500) {
            ic_jpeg_encode(image.pixels, $0, $1, quality, &$2, &$3)
        }
    }

    private static func png(
        _ pixels: [UInt8], width: Int, height: Int, channels: Int32
    ) throws(ImageWriteError) -> Data {
        try encode(.png, width: width, height: height, upTo: 1_000_000) {
            ic_png_encode(pixels, $0, $1, channels, &$2, &$3)
        }
    }

    private static func encode(
        _ format: ImageFormat, width: Int, height: Int, upTo longestSide: Int,
        with encoder: (UInt32, UInt32, inout ic_bytes, inout ic_message) -> ic_status
    ) throws(ImageWriteError) -> Data {
        guard (1...longestSide).contains(width), (1...longestSide).contains(height) else {
            throw .impossibleSize(format: format, width: width, height: height)
        }
        var bytes = ic_bytes()
        var message = ic_message()
        guard encoder(UInt32(width), UInt32(height), &bytes, &message) == IC_OK else {
            throw .failed(format: format, reason: message.string)
        }
        defer { ic_free(&bytes) }
        return Data(UnsafeRawBufferPointer(start: bytes.data, count: bytes.size))
    }
}
