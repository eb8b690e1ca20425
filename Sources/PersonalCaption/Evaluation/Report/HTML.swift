/// A piece of a page.
///
/// Text put into it is escaped; only literals and other pieces are taken as they are, so no caption,
/// name or path can become markup.
public struct HTML: Sendable, Equatable, ExpressibleByStringInterpolation {
    /// The markup.
    public private(set) var source: String

    /// A literal, taken as it is.
    public init(stringLiteral value: String) { source = value }

    /// Literals taken as they are, and what stands between them.
    public init(stringInterpolation: StringInterpolation) { source = stringInterpolation.source }

    /// Builds a piece out of literals and values.
    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var source = ""

        /// Begins an empty piece.
        public init(literalCapacity: Int, interpolationCount: Int) {
            source.reserveCapacity(literalCapacity + 16 * interpolationCount)
        }

        /// Adds a literal as it is.
        public mutating func appendLiteral(_ literal: String) { source += literal }

        /// Adds text, escaped.
        public mutating func appendInterpolation(_ text: String) { source += HTML.escaped(text) }

        /// Adds a whole number.
        public mutating func appendInterpolation(_ number: Int) { source += String(number) }

        /// Adds a number with two decimals, as drawings need it.
        public mutating func appendInterpolation(_ number: Double) {
            source += FigureText.plain(number, decimals: 2).replacing("−", with: "-")
        }

        /// Adds another piece as it is.
        public mutating func appendInterpolation(_ piece: HTML) { source += piece.source }

        /// Adds pieces one after the other.
        public mutating func appendInterpolation(_ pieces: [HTML]) {
            for piece in pieces { source += piece.source }
        }
    }

    /// Puts a piece behind this one.
    public static func += (left: inout HTML, right: HTML) { left.source += right.source }

    /// Text that means itself both between tags and in quoted attributes.
    ///
    /// Control characters and marks of direction, which could reorder what is around them, are
    /// shown as U+FFFD.
    static func escaped(_ text: String) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped.append(contentsOf: "&amp;".unicodeScalars)
            case "<": escaped.append(contentsOf: "&lt;".unicodeScalars)
            case ">": escaped.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": escaped.append(contentsOf: "&quot;".unicodeScalars)
            case "'": escaped.append(contentsOf: "&#39;".unicodeScalars)
            case "\n", "\t": escaped.append(scalar)
            case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}", "\u{200E}", "\u{200F}":
                escaped.append("\u{FFFD}")
            default:
                let isControl = scalar.properties.generalCategory == .control
                escaped.append(isControl ? "\u{FFFD}" : scalar)
            }
        }
        return String(escaped)
    }
}

/// Numbers as people read them, without regard to the machine's language.
enum FigureText {
    /// A number with a fixed count of decimals.
    static func plain(_ value: Double, decimals: Int) -> String {
        guard value.isFinite else { return "–" }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let whole = (abs(value) * scale).rounded()
        guard whole < 1e15 else { return "\(value)" }
        let digits = String(Int(whole))
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        let split = padded.index(padded.endIndex, offsetBy: -decimals)
        let sign = value < 0 && whole > 0 ? "−" : ""
        return decimals == 0 ? sign + padded : "\(sign)\(padded[..<split]).\(padded[split...])"
    }

    /// A value by its unit: `97.5 %`, `212`, `0.84 s`.
    static func value(_ value: Double, _ unit: PersonalFigure.Unit) -> String {
        switch unit {
        case .percent: "\(plain(value, decimals: 1)) %"
        case .number: plain(value, decimals: 0)
        case .seconds: "\(plain(value, decimals: 2)) s"
        }
    }

    /// A probability of chance: `0.031`, `< 0.001`.
    static func chance(_ p: Double) -> String {
        p < 0.001 ? "< 0.001" : plain(p, decimals: 3)
    }
}
