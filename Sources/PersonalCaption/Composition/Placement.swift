/// A length in a picture.
public enum Measure: Sendable, Equatable {
    case pixels(Double)
    /// A share of the picture's width (or height, for a vertical measure); 1 is all of it.
    case fraction(Double)

    /// The length in pixels of a picture whose width or height is `whole`.
    public func pixels(of whole: Int) -> Double {
        switch self {
        case .pixels(let count): count
        case .fraction(let share): share * Double(whole)
        }
    }

    /// Reads `120`, `-3.5` or `25%`; `nil` for anything else and beyond ±100,000 pixels.
    init?(_ text: some StringProtocol) {
        let trimmed = String(text.trimmingSpaces)
        let isPercent = trimmed.hasSuffix("%")
        let digits = isPercent ? String(trimmed.dropLast()) : trimmed
        guard digits.wholeMatch(of: /[+\-]?[0-9]{1,9}(\.[0-9]{1,9})?/) != nil,
            let number = Double(digits), abs(number) <= 100_000
        else { return nil }
        self = isPercent ? .fraction(number / 100) : .pixels(number)
    }
}

/// Where a concept stands in a composed picture.
///
/// Written `NAME@X,Y,W`: the left top corner and the width, in pixels or percent of the background
/// (`rex@10%,20%,30%`). The height follows the concept's picture. Two options may follow, in any
/// order: `rDEGREES` turns clockwise about the middle (`r-15`), `flip` mirrors left and right. The
/// name may hold `@` and commas, as the last `@` separates it.
public struct Placement: Sendable, Equatable {
    /// The concept's name as written.
    public var name: String
    /// From the left edge of the background to that of the upright concept; may be negative.
    public var x: Measure
    /// From the top edge of the background to that of the upright concept; may be negative.
    public var y: Measure
    /// Width of the upright concept.
    public var width: Measure
    /// Clockwise, in degrees.
    public var rotation: Double
    /// Whether left and right are exchanged, before turning.
    public var isFlipped: Bool

    /// Names every part.
    public init(
        name: String, x: Measure, y: Measure, width: Measure, rotation: Double = 0,
        isFlipped: Bool = false
    ) {
        self.name = name
        self.x = x
        self.y = y
        self.width = width
        self.rotation = rotation
        self.isFlipped = isFlipped
    }

    /// Reads `NAME@X,Y,W[,rDEGREES][,flip]`.
    ///
    /// - Throws: `PlacementError`.
    public init(parsing text: String) throws(PlacementError) {
        guard let separator = text.lastIndex(of: "@") else { throw .form(text) }
        let name = text[..<separator].trimmingSpaces
        let fields = text[text.index(after: separator)...].split(
            separator: ",", omittingEmptySubsequences: false)
        guard !name.isEmpty, fields.count >= 3 else { throw .form(text) }
        let measures = try fields.prefix(3).map { field throws(PlacementError) in
            guard let measure = Measure(field) else {
                throw .measure(text, field: String(field))
            }
            return measure
        }
        self.init(name: String(name), x: measures[0], y: measures[1], width: measures[2])
        for field in fields.dropFirst(3) {
            let option = field.trimmingSpaces.lowercased()
            if option == "flip" {
                isFlipped.toggle()
            } else if option.hasPrefix("r"),
                case .pixels(let degrees)? = Measure(option.dropFirst())
            {
                rotation += degrees
            } else {
                throw .option(text, field: String(field))
            }
        }
    }
}

/// Why a placement cannot be read.
public enum PlacementError: Error, Equatable, CustomStringConvertible {
    /// It is not of the form `NAME@X,Y,W`.
    case form(String)
    /// A measure is not a number or percentage.
    case measure(String, field: String)
    /// An option is unknown.
    case option(String, field: String)

    /// One sentence that says what is wrong and what to write.
    public var description: String {
        switch self {
        case .form(let text):
            "\"\(PromptName.oneLine(text))\" is not of the form NAME@X,Y,W, such as rex@10%,20%,30%."
        case .measure(let text, let field):
            "\"\(PromptName.oneLine(field))\" in \"\(PromptName.oneLine(text))\" is neither a number "
                + "of pixels nor a percentage, such as 120 or 25%."
        case .option(let text, let field):
            "\"\(PromptName.oneLine(field))\" in \"\(PromptName.oneLine(text))\" is neither a turn "
                + "such as r15 nor the word flip."
        }
    }
}

extension StringProtocol {
    /// The text without white space at either end.
    fileprivate var trimmingSpaces: SubSequence {
        let isInk: (Character) -> Bool = { !$0.isWhitespace }
        guard let first = firstIndex(where: isInk), let last = lastIndex(where: isInk) else {
            return self[endIndex...]
        }
        return self[first...last]
    }
}
