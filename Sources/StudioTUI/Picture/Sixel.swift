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
    ///
    /// - Parameter keeping: colours that must be in the palette, however few pixels have them.
    static func bytes(
        _ image: RGBImage, colours: Int = 256, dithers: Bool = true, keeping: [PictureColour] = []
    ) -> [UInt8]? {
        let sample = sample(image, colours: colours, keeping: keeping)
        var bytes: [UInt8] = []
        let status = sample.pixels.withUnsafeBufferPointer { pixels in
            withUnsafeMutablePointer(to: &bytes) { sink in
                csixel_encode(
                    pixels.baseAddress, Int32(clamping: image.width),
                    Int32(clamping: image.height), Int32(clamping: sample.height),
                    Int32(min(max(colours, 2), 256)), dithers ? 1 : 0, append, sink)
            }
        }
        return status == 0 && !bytes.isEmpty ? bytes : nil
    }

    /// The picture with rows below it from which the palette is chosen too.
    ///
    /// A palette leaves out what is rare, such as thin lines: so each of their colours gets a share
    /// that earns it an entry.
    private static func sample(
        _ image: RGBImage, colours: Int, keeping: [PictureColour]
    ) -> RGBImage {
        guard !keeping.isEmpty, image.width > 0 else { return image }
        let share = max(0.04, 2 / Double(max(colours, 2)))
        let most = image.height / keeping.count
        let rows = max(1, min(most, Int(Double(image.height) * share)))
        var pixels = image.pixels
        pixels.reserveCapacity(pixels.count + keeping.count * rows * image.width * 3)
        for colour in keeping {
            let pixel = [colour.red, colour.green, colour.blue]
            for _ in 0..<rows * image.width { pixels += pixel }
        }
        return RGBImage(
            width: image.width, height: image.height + keeping.count * rows, pixels: pixels)
    }
}

private let append: csixel_write = { bytes, count, context in
    guard let bytes, let context else { return 1 }
    context.assumingMemoryBound(to: [UInt8].self).pointee.append(
        contentsOf: UnsafeRawBufferPointer(start: bytes, count: count))
    return 0
}
