import CSixel
import Foundation
import ImageCodecs

/// Encodes pictures for terminals with DEC sixel graphics.
enum Sixel {
    /// The picture as one device control string, drawn at the cursor; `nil` when it cannot be
    /// encoded (a side above 4096 pixels, no memory).
    ///
    /// - Parameters:
    ///   - colours: 2…256, and no more than the terminal has registers.
    ///   - dithers: spreads rounding errors; looks better and doubles the bytes.
    static func encode(_ image: RGBImage, colours: Int = 256, dithers: Bool = true) -> Data? {
        bytes(image, colours: colours, dithers: dithers).map { Data($0) }
    }

    /// The same as bytes of the kind that frames hold.
    static func bytes(_ image: RGBImage, colours: Int = 256, dithers: Bool = true) -> [UInt8]? {
        var bytes: [UInt8] = []
        let status = image.pixels.withUnsafeBufferPointer { pixels in
            withUnsafeMutablePointer(to: &bytes) { sink in
                csixel_encode(
                    pixels.baseAddress, Int32(clamping: image.width),
                    Int32(clamping: image.height), Int32(min(max(colours, 2), 256)),
                    dithers ? 1 : 0, append, sink)
            }
        }
        return status == 0 && !bytes.isEmpty ? bytes : nil
    }
}

private let append: csixel_write = { bytes, count, context in
    guard let bytes, let context else { return 1 }
    context.assumingMemoryBound(to: [UInt8].self).pointee.append(
        contentsOf: UnsafeRawBufferPointer(start: bytes, count: count))
    return 0
}
