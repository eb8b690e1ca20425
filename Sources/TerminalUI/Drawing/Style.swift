/// A colour of the terminal.
public enum Colour: Sendable, Hashable {
    /// Whatever the terminal uses without being told.
    case standard
    /// An entry of the palette: 0–15 belong to the user's theme, 16–255 are alike everywhere.
    case indexed(UInt8)
}

/// How a cell looks besides its colours.
public struct Attributes: OptionSet, Sendable, Hashable {
    /// One bit for each.
    public let rawValue: UInt8

    /// Attributes from their bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Heavier strokes, or brighter.
    public static let bold = Attributes(rawValue: 1)
    /// Less bright.
    public static let faint = Attributes(rawValue: 2)
    /// A line below.
    public static let underline = Attributes(rawValue: 4)
    /// Foreground and background exchanged.
    public static let reverse = Attributes(rawValue: 8)
    /// Slanted.
    public static let italic = Attributes(rawValue: 16)
}

/// Colours and attributes of a cell.
public struct Style: Sendable, Hashable {
    /// The colour of the strokes.
    public var foreground: Colour
    /// The colour behind them.
    public var background: Colour
    /// Everything else.
    public var attributes: Attributes

    /// A style; without arguments what the terminal uses by itself.
    public init(
        foreground: Colour = .standard, background: Colour = .standard, attributes: Attributes = []
    ) {
        self.foreground = foreground
        self.background = background
        self.attributes = attributes
    }

    /// The terminal's own look.
    public static let plain = Style()

    /// This style with more attributes.
    public func adding(_ more: Attributes) -> Style {
        var style = self
        style.attributes.formUnion(more)
        return style
    }

    /// This style on another background.
    public func on(_ background: Colour) -> Style {
        var style = self
        style.background = background
        return style
    }
}
