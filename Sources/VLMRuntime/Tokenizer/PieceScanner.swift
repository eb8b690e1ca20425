/// Splits text into the pieces that byte-level BPE works on.
///
/// The pieces are the matches of the expression of Qwen2:
///
///     (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*
///     |\s*[\r\n]+|\s+(?!\S)|\s+
///
/// Written by hand because no regular-expression engine on Linux is both exact for this and fast.
/// Every byte belongs to exactly one piece; the time is linear in the text.
struct PieceScanner: Sequence, IteratorProtocol {
    /// What the expression distinguishes; combining marks are `other`.
    private enum Kind: UInt8 {
        case letter, number, newline, space, other
    }

    /// The expression, as tokenizer.json states it.
    static let expression =
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"#
        + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#

    private static let asciiKinds: [Kind] = (0..<128).map { kind(of: Unicode.Scalar(UInt8($0))) }

    private let bytes: [UInt8]
    private let asciiKinds = Self.asciiKinds
    private var position = 0

    /// - Parameter bytes: valid UTF-8.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The next piece as a range of bytes.
    mutating func next() -> Range<Int>? {
        guard position < bytes.count else { return nil }
        let start = position
        position =
            contraction(at: start) ?? word(at: start) ?? digit(at: start) ?? symbols(at: start)
            ?? blanks(at: start)
        return start..<position
    }

    // MARK: Alternatives, in their order; each returns the end of its match

    /// `'s 't 'm 'd 're 've 'll` in either case; U+017F (ſ) counts as s.
    private func contraction(at start: Int) -> Int? {
        guard bytes[start] == UInt8(ascii: "'"), start + 1 < bytes.count else { return nil }
        let first = bytes[start + 1]
        switch first | 0x20 {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"):
            return start + 2
        default: break
        }
        guard start + 2 < bytes.count else { return nil }
        let second = bytes[start + 2]
        if first == 0xC5, second == 0xBF { return start + 3 }
        switch (first | 0x20, second | 0x20) {
        case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
            (UInt8(ascii: "l"), UInt8(ascii: "l")):
            return start + 3
        default: return nil
        }
    }

    /// Letters, with one other character before them unless it is a number or a line break.
    private func word(at start: Int) -> Int? {
        let (kind, length) = character(at: start)
        switch kind {
        case .letter: return run(of: .letter, from: start + length)
        case .number, .newline: return nil
        case .space, .other:
            let end = run(of: .letter, from: start + length)
            return end > start + length ? end : nil
        }
    }

    /// One number character.
    private func digit(at start: Int) -> Int? {
        let (kind, length) = character(at: start)
        return kind == .number ? start + length : nil
    }

    /// Symbols, with one space (U+0020) before and line breaks after them.
    private func symbols(at start: Int) -> Int? {
        let first = bytes[start] == 0x20 ? start + 1 : start
        let end = run(of: .other, from: first)
        return end > first ? run(of: .newline, from: end) : nil
    }

    /// White space: up to its last line break; otherwise all but the last character, which goes
    /// with what follows, unless nothing follows or it is the only one.
    private func blanks(at start: Int) -> Int {
        var end = start
        var lastStart = start
        var afterNewline: Int?
        while end < bytes.count {
            let (kind, length) = character(at: end)
            guard kind == .space || kind == .newline else { break }
            lastStart = end
            end += length
            if kind == .newline { afterNewline = end }
        }
        if let afterNewline { return afterNewline }
        return end == bytes.count || lastStart == start ? end : lastStart
    }

    // MARK: Characters

    /// Where the run of one kind ends that begins at `start`; `start` itself when there is none.
    private func run(of kind: Kind, from start: Int) -> Int {
        var end = start
        while end < bytes.count {
            let (found, length) = character(at: end)
            guard found == kind else { break }
            end += length
        }
        return end
    }

    /// Kind and length in bytes of the character at a place inside the text.
    private func character(at place: Int) -> (Kind, Int) {
        let lead = bytes[place]
        if lead < 0x80 { return (asciiKinds[Int(lead)], 1) }
        let length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
        var value = UInt32(lead) & (0xFF >> UInt32(length + 1))
        for offset in 1..<length { value = value << 6 | UInt32(bytes[place + offset] & 0x3F) }
        guard let scalar = Unicode.Scalar(value) else { return (.other, length) }
        return (Self.kind(of: scalar), length)
    }

    private static func kind(of scalar: Unicode.Scalar) -> Kind {
        switch scalar.value {
        case 0x0A, 0x0D: return .newline
        case 0x09...0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F,
            0x205F, 0x3000:
            return .space
        case 0x4E00...0x9FFF, 0xAC00...0xD7A3: return .letter
        default: break
        }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
            return .letter
        case .decimalNumber, .letterNumber, .otherNumber: return .number
        default: return .other
        }
    }
}
