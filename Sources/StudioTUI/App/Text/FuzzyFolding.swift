import Foundation

/// Makes letters alike that people take for the same when they search.
enum FuzzyFolding {
    typealias Folded = (scalars: [UInt32], bonuses: [UInt8], characters: [UInt16])

    /// Letters in lower case without accents, each with its bonus and the character it came from.
    static func fold(_ text: String) -> Folded {
        var folded: Folded = ([], [], [])
        if let plain = foldASCII(text, &folded) { return plain }
        var previous = LetterClass.edge
        var index: UInt16 = 0
        for character in text {
            guard folded.scalars.count < FuzzyKey.longest, index < UInt16.max else { break }
            let current = LetterClass(character)
            var bonus = LetterClass.bonus(previous, current)
            for scalar in letters(of: character) where folded.scalars.count < FuzzyKey.longest {
                folded.scalars.append(scalar)
                folded.bonuses.append(bonus)
                folded.characters.append(index)
                // The second half of a letter such as ß starts nothing.
                bonus = 0
            }
            previous = current
            index += 1
        }
        return folded
    }

    /// One bit per letter and digit; other scripts share the rest.
    static func mask(of scalar: UInt32) -> UInt64 {
        switch scalar {
        case 0x61...0x7A: 1 << UInt64(scalar - 0x61)
        case 0x30...0x39: 1 << UInt64(scalar - 0x30 + 26)
        default: 1 << UInt64(scalar % 28 + 36)
        }
    }

    static func isSpace(_ scalar: UInt32) -> Bool {
        scalar == 0x20 || (0x09...0x0D).contains(scalar) || scalar == 0xA0 || scalar == 0x3000
    }

    /// The common case without any tables.
    private static func foldASCII(_ text: String, _ folded: inout Folded) -> Folded? {
        var text = text
        return text.withUTF8 { bytes -> Folded? in
            let used = bytes.prefix(FuzzyKey.longest)
            // CR LF is one character, so offsets would be wrong.
            guard !used.contains(where: { $0 >= 0x80 || $0 == 0x0D }),
                // An accent behind the last letter that is searched would still join it.
                bytes.count == used.count
            else { return nil }
            folded.scalars.reserveCapacity(used.count)
            folded.bonuses.reserveCapacity(used.count)
            folded.characters.reserveCapacity(used.count)
            var previous = LetterClass.edge
            for (index, byte) in used.enumerated() {
                let current = LetterClass(ascii: byte)
                folded.bonuses.append(LetterClass.bonus(previous, current))
                folded.scalars.append(UInt32(current == .upper ? byte + 32 : byte))
                folded.characters.append(UInt16(index))
                previous = current
            }
            return folded
        }
    }

    private static func letters(of character: Character) -> [UInt32] {
        if let byte = character.asciiValue {
            return [UInt32((0x41...0x5A).contains(byte) ? byte + 32 : byte)]
        }
        // A cluster may hold any number of marks.
        let base = String(String.UnicodeScalarView(character.unicodeScalars.prefix(8)))
        let lower = base.lowercased().uppercased().lowercased()
        let kept = lower.decomposedStringWithCompatibilityMapping.unicodeScalars
            .filter { !isAccent($0) }
            .flatMap { special[$0.value] ?? [$0.value] }
        // A mark that stands alone is what it is.
        return kept.isEmpty ? base.unicodeScalars.map(\.value) : kept
    }

    /// Marks of Latin, Greek and Cyrillic, and signs that join or select; those of other scripts
    /// tell words apart.
    private static func isAccent(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x300...0x36F, 0x200B...0x200D, 0xFE00...0xFE0F: true
        default: false
        }
    }

    /// Letters with strokes and the like, which Unicode does not take apart.
    private static let special: [UInt32: [UInt32]] = [
        0xE6: [0x61, 0x65], 0x153: [0x6F, 0x65], 0xF8: [0x6F], 0x142: [0x6C], 0x111: [0x64],
        0xF0: [0x64], 0xFE: [0x74, 0x68], 0x131: [0x69], 0xDF: [0x73, 0x73], 0x127: [0x68],
        0x2019: [0x27], 0x2018: [0x27], 0x201C: [0x22], 0x201D: [0x22], 0x2013: [0x2D],
        0x2014: [0x2D], 0x2010: [0x2D], 0x2011: [0x2D],
    ]
}

/// What a character is, as far as it makes the next one the start of something.
enum LetterClass: UInt8 {
    case edge, space, separator, lower, upper, digit, other

    init(ascii byte: UInt8) {
        self =
            switch byte {
            case 0x61...0x7A: .lower
            case 0x41...0x5A: .upper
            case 0x30...0x39: .digit
            case 0x09...0x0D, 0x20: .space
            default: .separator
            }
    }

    init(_ character: Character) {
        if let byte = character.asciiValue {
            self.init(ascii: byte)
        } else if character.isUppercase {
            self = .upper
        } else if character.isLetter {
            self = .lower
        } else if character.isNumber {
            self = .digit
        } else {
            self = character.isWhitespace ? .space : .other
        }
    }

    /// What a letter is worth, given the one before it.
    static func bonus(_ previous: LetterClass, _ current: LetterClass) -> UInt8 {
        switch (previous, current) {
        case (_, .space), (_, .separator): 0
        case (.edge, _), (.space, _): 10
        case (.separator, _): 9
        case (.lower, .upper), (.lower, .digit), (.upper, .digit): 7
        case (.other, .lower), (.other, .upper), (.other, .digit): 8
        default: 0
        }
    }
}
