public import ImageCodecs

/// A background that needs no picture: one colour, or two that run into one another from top to
/// bottom.
public struct Background: Sendable, Equatable {
    /// The name it is asked for by.
    public var name: String
    /// Red, green and blue at the top, 0…255.
    public var top: [UInt8]
    /// Red, green and blue at the bottom, 0…255.
    public var bottom: [UInt8]

    /// Every background with a name.
    public static let named = [
        Background("white", 0xFFFFFF, 0xFFFFFF), Background("gray", 0x9A9A9A, 0x9A9A9A),
        Background("black", 0x101010, 0x101010), Background("cream", 0xF6EEDD, 0xF6EEDD),
        Background("sky", 0x6FA8DC, 0xE3F1FB), Background("grass", 0x9CCB7A, 0x4F8A3C),
        Background("sand", 0xF3E2B6, 0xCFAE72), Background("sunset", 0x4C5A9E, 0xF2A65A),
        Background("sea", 0xBFE3EA, 0x1F6E8C), Background("night", 0x0B1030, 0x33406B),
    ]

    private init(_ name: String, _ top: UInt32, _ bottom: UInt32) {
        self.name = name
        self.top = Self.bytes(top)
        self.bottom = Self.bytes(bottom)
    }

    /// Finds a background by name, or reads a colour such as `#ffcc00`; `nil` for anything else.
    public init?(_ name: String) {
        let lowercased = name.lowercased()
        if let known = Self.named.first(where: { $0.name == lowercased }) {
            self = known
        } else if lowercased.wholeMatch(of: /#[0-9a-f]{6}/) != nil,
            let value = UInt32(lowercased.dropFirst(), radix: 16)
        {
            self.init(lowercased, value, value)
        } else {
            return nil
        }
    }

    /// The background as a picture.
    ///
    /// - Precondition: both sizes are positive.
    public func picture(width: Int, height: Int) -> RGBImage {
        precondition(width > 0 && height > 0, "\(width)×\(height) is not a size")
        var pixels: [UInt8] = []
        pixels.reserveCapacity(width * height * 3)
        for y in 0..<height {
            let share = height > 1 ? Double(y) / Double(height - 1) : 0
            let color = zip(top, bottom).map { upper, lower in
                UInt8((Double(upper) + (Double(lower) - Double(upper)) * share).rounded())
            }
            for _ in 0..<width { pixels += color }
        }
        return RGBImage(width: width, height: height, pixels: pixels)
    }

    private static func bytes(_ value: UInt32) -> [UInt8] {
        [UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255)]
    }
}
