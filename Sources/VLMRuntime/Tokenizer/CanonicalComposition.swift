import Foundation

/// Unicode normalization form C, which the tokenizer applies to text before splitting it.
///
/// Decomposition comes from the standard library. Its composition cannot be used: on Linux it
/// leaves a Hangul syllable and a following final consonant apart (U+AC00 U+11A8) and joins some
/// pairs that have no composite (U+21F51 U+0300). So the second half of the algorithm
/// (Unicode Standard Annex 15, with the data of the standard library) is written out here.
enum CanonicalComposition {
    /// Returns UTF-8 of `text` in form C.
    static func composedUTF8(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        // Everything below U+0300 (lead byte 0xCC) is in form C already.
        if bytes.allSatisfy({ $0 < 0xCC }) || text.unicodeScalars.allSatisfy(isInert) {
            return bytes
        }
        var scalars = decompose(text.unicodeScalars)
        reorderMarks(&scalars)
        var composed = String.UnicodeScalarView()
        composed.append(contentsOf: compose(scalars))
        return Array(String(composed).utf8)
    }

    /// Whether a character never changes nor takes part in a composition that could change.
    private static func isInert(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x300, 0x400...0x482, 0x2010...0x2027, 0x3001...0x3029, 0x3041...0x3096,
            0x30A1...0x30FA, 0x4E00...0x9FFF, 0xAC00...0xD7A3, 0xFF01...0xFF5E, 0x1F300...0x1FAFF:
            true
        default: false
        }
    }

    /// Replaces every character by the characters it consists of.
    ///
    /// In short stretches, because Foundation takes time that grows with the square of the length.
    /// Each character decomposes by itself, so stretches may end anywhere.
    private static func decompose(_ text: String.UnicodeScalarView) -> [Unicode.Scalar] {
        var output: [Unicode.Scalar] = []
        output.reserveCapacity(text.count)
        var rest = text[...]
        while !rest.isEmpty {
            let end = rest.index(rest.startIndex, offsetBy: 256, limitedBy: rest.endIndex)
            let stretch = rest[..<(end ?? rest.endIndex)]
            if stretch.allSatisfy(isInert) {
                output.append(contentsOf: stretch)
            } else {
                let decomposed = String(stretch).decomposedStringWithCanonicalMapping
                output.append(contentsOf: decomposed.unicodeScalars)
            }
            rest = rest[stretch.endIndex...]
        }
        return output
    }

    /// Sorts each run of marks by combining class, keeping the order of equals.
    ///
    /// The standard library sorts before it decomposes marks such as U+0F73, and so leaves some
    /// runs unsorted.
    private static func reorderMarks(_ scalars: inout [Unicode.Scalar]) {
        var runStart: Int?
        for end in 0...scalars.count {
            let isMark = end < scalars.count && combiningClass(scalars[end]) > 0
            if isMark {
                runStart = runStart ?? end
            } else if let start = runStart {
                if end - start > 1 {
                    // `sort` is stable.
                    scalars[start..<end].sort { combiningClass($0) < combiningClass($1) }
                }
                runStart = nil
            }
        }
    }

    /// Joins each starter with the marks and starters after it that are not blocked from it.
    private static func compose(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var output: [Unicode.Scalar] = []
        output.reserveCapacity(scalars.count)
        var starter: Int?
        // Class of the last scalar kept after the starter; nil when none was.
        var lastClass: UInt8?
        for scalar in scalars {
            let scalarClass = combiningClass(scalar)
            if let place = starter, lastClass.map({ $0 < scalarClass }) ?? true,
                let composite = composite(output[place], scalar)
            {
                output[place] = composite
                continue
            }
            if scalarClass == 0 {
                starter = output.count
                lastClass = nil
            } else {
                lastClass = scalarClass
            }
            output.append(scalar)
        }
        return output
    }

    private static func combiningClass(_ scalar: Unicode.Scalar) -> UInt8 {
        scalar.value < 0x300 ? 0 : scalar.properties.canonicalCombiningClass.rawValue
    }

    // MARK: Pairs

    private static func composite(
        _ first: Unicode.Scalar, _ second: Unicode.Scalar
    ) -> Unicode.Scalar? {
        hangul(first.value, second.value) ?? pairs[key(first.value, second.value)]
    }

    /// Hangul syllables by arithmetic: 19 leading consonants, 21 vowels, 27 final consonants.
    private static func hangul(_ first: UInt32, _ second: UInt32) -> Unicode.Scalar? {
        if (0x1100..<0x1113).contains(first), (0x1161..<0x1176).contains(second) {
            return Unicode.Scalar(0xAC00 + ((first - 0x1100) * 21 + second - 0x1161) * 28)
        }
        if (0xAC00..<0xD7A4).contains(first), (first - 0xAC00) % 28 == 0,
            (0x11A8..<0x11C3).contains(second)
        {
            return Unicode.Scalar(first + second - 0x11A7)
        }
        return nil
    }

    private static func key(_ first: UInt32, _ second: UInt32) -> UInt64 {
        UInt64(first) << 32 | UInt64(second)
    }

    /// Where the characters are that are composites of two others.
    private static let compositeRanges: [ClosedRange<UInt32>] = [
        0x00C0...0x0233, 0x0385...0x03D4, 0x0400...0x04F9, 0x0622...0x06D3, 0x0929...0x0934,
        0x09CB...0x09CC, 0x0B48...0x0B4C, 0x0B94...0x0BCC, 0x0C48...0x0CCB, 0x0D4A...0x0D4C,
        0x0DDA...0x0DDE, 0x1026...0x1026, 0x1B06...0x1B43, 0x1E00...0x1FFC, 0x219A...0x22ED,
        0x304C...0x30FE, 0x105C9...0x105E4, 0x1109A...0x115BB, 0x11938...0x11938,
        0x16121...0x16128, 0x16D68...0x16D6A,
    ]

    /// Composite of two characters, from the decompositions that the standard library knows.
    private static let pairs: [UInt64: Unicode.Scalar] = {
        var wholes: [([Unicode.Scalar], Unicode.Scalar)] = []
        for range in compositeRanges {
            for scalar in range.lazy.compactMap(Unicode.Scalar.init)
            where !scalar.properties.isFullCompositionExclusion {
                let parts = String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars
                if parts.count > 1 { wholes.append((Array(parts), scalar)) }
            }
        }
        let wholeOfParts = Dictionary(wholes, uniquingKeysWith: { first, _ in first })
        var pairs: [UInt64: Unicode.Scalar] = [:]
        for (parts, whole) in wholes {
            let head = Array(parts.dropLast())
            // ǖ is u, diaeresis, macron: the pair is ü and macron.
            guard let first = head.count == 1 ? head[0] : wholeOfParts[head],
                let second = parts.last
            else { continue }
            pairs[key(first.value, second.value)] = whole
        }
        return pairs
    }()
}
