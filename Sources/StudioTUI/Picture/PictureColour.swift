/// A colour of a picture, 8 bits a channel.
struct PictureColour: Sendable, Hashable {
    var red: UInt8
    var green: UInt8
    var blue: UInt8

    init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
        (self.red, self.green, self.blue) = (red, green, blue)
    }

    /// From channels 0…1; what is outside is clamped.
    init(red: Double, green: Double, blue: Double) {
        func byte(_ value: Double) -> UInt8 {
            value.isNaN ? 0 : UInt8((min(max(value, 0), 1) * 255).rounded())
        }
        self.init(byte(red), byte(green), byte(blue))
    }

    static let black = PictureColour(0, 0, 0)

    /// In the form in which pictures take a background.
    var channels: (red: UInt8, green: UInt8, blue: UInt8) { (red, green, blue) }

    /// How bright it looks, 0…255, weighted like television.
    var luma: Int { (299 * Int(red) + 587 * Int(green) + 114 * Int(blue)) / 1000 }

    /// The colours of concepts, in the order in which `TextStyle` colours their names; bright, so
    /// that the nearest of 16 terminal colours is the one of the name.
    static func concept(_ index: Int) -> PictureColour {
        concepts[((index % concepts.count) + concepts.count) % concepts.count]
    }

    private static let concepts = [
        PictureColour(0, 255, 255), PictureColour(255, 0, 255), PictureColour(255, 255, 0),
        PictureColour(92, 92, 255), PictureColour(0, 255, 0), PictureColour(0, 205, 205),
        PictureColour(205, 0, 205), PictureColour(205, 205, 0),
    ]
}
