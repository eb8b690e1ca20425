/// How a stored picture is turned upright: the eight values of EXIF tag 0x0112.
enum Orientation: Int, CaseIterable {
    case upright = 1
    case mirrored, rotated180, flipped, transposed, rotatedRight, transversed, rotatedLeft

    /// Whether width and height change places.
    var swapsSides: Bool { rawValue >= 5 }

    /// Turns a stored picture upright.
    func apply(to image: RGBAImage) -> RGBAImage {
        guard self != .upright else { return image }
        let width = swapsSides ? image.height : image.width
        let height = swapsSides ? image.width : image.height
        let walk = Walk(self, width: image.width, height: image.height)
        let pixels = image.pixels.withUnsafeBytes { source in
            [UInt8](unsafeUninitializedCapacity: image.pixels.count) { target, count in
                let target = UnsafeMutableRawBufferPointer(target)
                for y in 0..<height {
                    for x in 0..<width {
                        let from = walk.first + x * walk.perColumn + y * walk.perRow
                        let pixel = source.loadUnaligned(fromByteOffset: from * 4, as: UInt32.self)
                        target.storeBytes(
                            of: pixel, toByteOffset: (y * width + x) * 4, as: UInt32.self)
                    }
                }
                count = image.pixels.count
            }
        }
        return RGBAImage(width: width, height: height, pixels: pixels)
    }

    /// Where the stored pixels lie, walking the upright picture: index = first + x·perColumn + y·perRow.
    private struct Walk {
        let first: Int
        let perColumn: Int
        let perRow: Int

        init(_ orientation: Orientation, width w: Int, height h: Int) {
            let right = w - 1
            let bottom = (h - 1) * w
            (first, perColumn, perRow) =
                switch orientation {
                case .upright: (0, 1, w)
                case .mirrored: (right, -1, w)
                case .rotated180: (bottom + right, -1, -w)
                case .flipped: (bottom, 1, -w)
                case .transposed: (0, w, 1)
                case .rotatedRight: (bottom, -w, 1)
                case .transversed: (bottom + right, -w, -1)
                case .rotatedLeft: (right, w, -1)
                }
        }
    }
}
