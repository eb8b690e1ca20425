import Foundation

extension String {
    /// The text in Unicode NFC without regard to case: names with equal keys are the same name.
    ///
    /// Lower, upper, lower comes to full case folding (`ẞ`, `ß`, `SS` → `ss`; `Σ`, `ς` → `σ`), which
    /// the standard library does not offer. Dotless `ı` stays itself, as in Unicode's table.
    var caseFolded: String {
        guard !utf8.allSatisfy({ $0 < 0x80 }) else { return lowercased() }
        let pieces = decomposedStringWithCanonicalMapping.split(
            separator: "ı", omittingEmptySubsequences: false)
        return pieces.map { $0.lowercased().uppercased().lowercased() }
            .joined(separator: "ı").precomposedStringWithCanonicalMapping
    }

    /// The case-folded text without Latin, Greek and Cyrillic accents, for finding and sorting.
    ///
    /// Only the combining marks U+0300–U+036F go; the marks of Japanese or Indic scripts tell
    /// words apart and stay.
    var searchFolded: String {
        guard !utf8.allSatisfy({ $0 < 0x80 }) else { return lowercased() }
        var kept = String.UnicodeScalarView()
        for scalar in caseFolded.decomposedStringWithCanonicalMapping.unicodeScalars
        where !(0x300...0x36F).contains(scalar.value) {
            kept.append(scalar)
        }
        return String(kept).precomposedStringWithCanonicalMapping
    }

    /// A key whose byte order is the order people expect: accents and case aside, `mug 2` before
    /// `mug 10`.
    var sortKey: String {
        var key = ""
        var digits = ""
        func flush() {
            guard !digits.isEmpty else { return }
            let value = digits.drop { $0 == "0" }
            // A longer number is a larger one, so its length goes first, as one letter.
            let length = UInt8(min(value.count, 40))
            key.unicodeScalars.append(Unicode.Scalar(0x30 + length))
            key += value
            digits = ""
        }
        for character in searchFolded {
            if character.isASCII, character.isNumber {
                digits.append(character)
            } else {
                flush()
                key.append(character)
            }
        }
        flush()
        return key
    }

    /// Whether the text has letters of a script written without spaces between words, where word
    /// search finds nothing inside a sentence.
    var hasScriptWithoutSpaces: Bool {
        unicodeScalars.contains { scalar in
            switch scalar.value {
            case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF: true  // Thai to Khmer
            case 0x1100...0x11FF, 0xAC00...0xD7FF: true  // Hangul
            case 0x2E80...0x9FFF, 0xF900...0xFAFF, 0xFF66...0xFFDC: true  // kana, ideographs
            case 0x20000...0x3FFFF: true  // rarer ideographs
            default: false
            }
        }
    }
}
