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
        var bytes = Data()
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
    context.assumingMemoryBound(to: Data.self).pointee.append(
        UnsafeRawPointer(bytes).assumingMemoryBound(to: UInt8.self), count: count)
    return 0
}
