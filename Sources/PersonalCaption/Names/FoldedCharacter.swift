import Foundation

/// One character of a text, folded so that spellings that read alike compare equal.
struct FoldedCharacter: Sendable {
    /// Compatibility-composed (NFKC), case-folded, without characters that are never shown.
    let text: String
    /// The class of its first scalar.
    let wordClass: WordClass
    /// Whether it is any form of apostrophe.
    let isApostrophe: Bool

    init(_ character: Character) {
        isApostrophe = Self.apostrophes.contains(character)
        if isApostrophe {
            text = "'"
            wordClass = .punctuation
            return
        }
        text = Self.fold(character)
        // A character that is never shown (a direction mark) neither joins nor separates: as an
        // empty part of a word it lets "Ma\u{200B}x" read as "Max".
        wordClass = text.unicodeScalars.first.map(WordClass.init) ?? .spaced
    }

    /// Whether it has no visible part at all.
    var isInvisible: Bool { text.isEmpty }

    private static let apostrophes: Set<Character> = [
        "'", "\u{2019}", "\u{2018}", "\u{02BC}", "\u{02BB}", "\u{FF07}", "`", "\u{00B4}",
        "\u{2032}",
    ]

    private static func fold(_ character: Character) -> String {
        if let ascii = character.asciiValue, character != "\r\n" {
            return String(Unicode.Scalar(ascii)).lowercased()
        }
        var visible = String.UnicodeScalarView()
        for scalar in String(character).precomposedStringWithCompatibilityMapping.unicodeScalars
        where !scalar.properties.isDefaultIgnorableCodePoint {
            visible.append(scalar)
        }
        // Upper and then lower case is the full case folding of everything people name things
        // with: ß and SS both become "ss", ς and Σ both "σ".
        return String(visible).uppercased().lowercased().precomposedStringWithCanonicalMapping
    }
}
