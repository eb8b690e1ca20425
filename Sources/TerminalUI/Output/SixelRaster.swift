/// A size in pixels.
struct PixelSize: Sendable, Hashable {
    var width: Int
    var height: Int
}

/// Reads how large a sixel picture is from its own first bytes.
enum SixelRaster {
    /// The numbers of the raster attributes `" aspect ; aspect ; width ; height` that follow the
    /// `q`, also inside tmux's wrapping; `nil` for anything else.
    static func size(_ bytes: [UInt8]) -> PixelSize? {
        let head = bytes.prefix(64)
        guard let quote = head.firstIndex(of: UInt8(ascii: "\"")), quote > 0,
            bytes[quote - 1] == UInt8(ascii: "q")
        else { return nil }
        let body = head[(quote + 1)...].prefix {
            (0x30...0x39).contains($0) || $0 == UInt8(ascii: ";")
        }
        let numbers = body.split(separator: UInt8(ascii: ";")).map {
            Int(String(decoding: $0.prefix(6), as: UTF8.self)) ?? 0
        }
        guard numbers.count == 4, numbers[2] > 0, numbers[3] > 0 else { return nil }
        return PixelSize(width: numbers[2], height: numbers[3])
    }
}
