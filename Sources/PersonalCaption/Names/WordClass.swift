/// How a letter takes part in the words of its script, which decides where a name may begin and end.
enum WordClass: Equatable, Sendable {
    /// Latin, Cyrillic, Arabic, Devanagari and all others that write spaces between words, and
    /// digits: a word is the whole run.
    case spaced
    /// A run of katakana is one word; hiragana or kanji may follow it directly.
    case katakana
    /// Korean writes spaces, but particles follow a name directly ("민수는").
    case hangul
    /// Han, hiragana, Thai, Lao, Khmer, Burmese: no spaces, so every character stands alone.
    case unspaced
    /// Emoji and signs such as `+`, `#`, `&`: each stands alone and counts.
    case symbol
    /// White space.
    case space
    /// Punctuation: separates, and may be left out.
    case punctuation

    /// The class of a character in compatibility-composed form.
    init(_ scalar: Unicode.Scalar) {
        switch scalar.properties.generalCategory {
        case .spaceSeparator, .lineSeparator, .paragraphSeparator, .control: self = .space
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .letterNumber,
            .otherNumber:
            self = Self.script(of: scalar.value)
        case .currencySymbol, .otherSymbol, .privateUse, .unassigned: self = .symbol
        case .mathSymbol: self = "<>~|".unicodeScalars.contains(scalar) ? .punctuation : .symbol
        case .otherPunctuation:
            self = "#&@%".unicodeScalars.contains(scalar) ? .symbol : .punctuation
        default: self = .punctuation
        }
    }

    private static func script(of value: UInt32) -> WordClass {
        switch value {
        case 0x30A1...0x30FA, 0x30FC...0x30FF, 0x31F0...0x31FF: .katakana
        case 0x1100...0x11FF, 0xA960...0xA97F, 0xAC00...0xD7FF: .hangul
        case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF, 0x19E0...0x19FF: .unspaced
        case 0x2E80...0x2FFF, 0x3005...0x3007, 0x3021...0x3029, 0x3041...0x309F: .unspaced
        case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF: .unspaced
        case 0x1B000...0x1B16F, 0x20000...0x3FFFF: .unspaced
        default: .spaced
        }
    }
}
