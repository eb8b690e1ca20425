/// Text handled as Python handles `str`, on which the published scorers rest.
///
/// Strings are compared scalar by scalar, not by canonical equivalence as Swift compares them.
enum PythonText {
    typealias Scalars = [Unicode.Scalar]

    /// `str.lower()`: full lower-case mapping, with the final form of sigma at the end of a word.
    static func lowercased(_ text: Scalars) -> Scalars {
        var lower: Scalars = []
        lower.reserveCapacity(text.count)
        for (index, scalar) in text.enumerated() {
            if scalar == "\u{3A3}" {
                lower.append(isFinalSigma(text, index) ? "\u{3C2}" : "\u{3C3}")
            } else {
                lower += scalar.properties.lowercaseMapping.unicodeScalars
            }
        }
        return lower
    }

    /// `str.split()`: the runs between white space.
    static func split(_ text: Scalars) -> [ArraySlice<Unicode.Scalar>] {
        text.split(whereSeparator: isSpace)
    }

    /// `str.strip(characters)`: without these characters at either end.
    static func stripped(
        _ text: ArraySlice<Unicode.Scalar>, of characters: Set<Unicode.Scalar>
    ) -> ArraySlice<Unicode.Scalar> {
        guard let first = text.firstIndex(where: { !characters.contains($0) }),
            let last = text.lastIndex(where: { !characters.contains($0) })
        else { return [] }
        return text[first...last]
    }

    /// `str.replace(word, "")`.
    static func removing(_ word: String, from text: String) -> Scalars {
        let (text, word) = (Scalars(text.unicodeScalars), Scalars(word.unicodeScalars))
        var kept: Scalars = []
        var index = 0
        while index < text.count {
            if text[index] == word[0], text[index...].starts(with: word) {
                index += word.count
            } else {
                kept.append(text[index])
                index += 1
            }
        }
        return kept
    }

    /// `str.isspace()`: Unicode's white space and the four information separators.
    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || (0x1C...0x1F).contains(scalar.value)
    }

    /// Whether a capital sigma ends its word: letters stand before it and none after it.
    private static func isFinalSigma(_ text: Scalars, _ index: Int) -> Bool {
        func isLetter(_ scalar: Unicode.Scalar?) -> Bool { scalar?.properties.isCased ?? false }
        let isPassedOver: (Unicode.Scalar) -> Bool = { $0.properties.isCaseIgnorable }
        let before = text[..<index].last { !isPassedOver($0) }
        let after = text[(index + 1)...].first { !isPassedOver($0) }
        return isLetter(before) && !isLetter(after)
    }
}
