/// Why a picture cannot be composed.
public enum CompositionError: Error, Equatable, CustomStringConvertible {
    /// More concepts than a caption can have.
    case tooMany(found: Int, limit: Int)
    /// The width rounds to no pixel.
    case zeroSize(name: String)
    /// The concept would have more pixels than any picture may.
    case tooLarge(name: String, width: Double)
    /// The concept lies outside the background.
    case outside(name: String, width: Int, height: Int)
    /// The concept's picture is fully transparent.
    case transparent(name: String)
    /// Concepts placed later cover this one.
    case covered(name: String)

    /// One sentence that says what is wrong and what to do.
    public var description: String {
        switch self {
        case .tooMany(let found, let limit):
            "\(found) concepts were placed, but a picture can have at most \(limit); "
                + "leave out \(found - limit)."
        case .zeroSize(let name):
            "\"\(name)\" would be less than a pixel wide; give it a width of 1 or more."
        case .tooLarge(let name, let width):
            "\"\(name)\" would be \(Int(width)) pixels wide, more than a picture may be; "
                + "give it a smaller width."
        case .outside(let name, let width, let height):
            "\"\(name)\" lies outside the background of \(width)×\(height) pixels; move it inside."
        case .transparent(let name):
            "The picture of \"\(name)\" is fully transparent, so there is nothing to place."
        case .covered(let name):
            "\"\(name)\" is hidden behind what is placed after it; move one of them."
        }
    }
}
