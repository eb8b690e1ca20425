/// Decodes ids one by one, as a model produces them.
///
/// A character may be spread over several tokens, so bytes that could be the beginning of one are
/// held back until the next id. All pieces together, with that of `finish`, are exactly what
/// `Tokenizer.decode` makes of the whole.
public struct StreamingDetokenizer: Sendable {
    private let tokenizer: Tokenizer
    private let skippingSpecialTokens: Bool
    /// At most three bytes: the beginning of a character.
    private var held: [UInt8] = []

    /// Starts with nothing decoded.
    public init(_ tokenizer: Tokenizer, skippingSpecialTokens: Bool = true) {
        self.tokenizer = tokenizer
        self.skippingSpecialTokens = skippingSpecialTokens
    }

    /// Takes the next id and returns the text that is certain now; often empty or one word.
    public mutating func append(_ id: Int32) -> String {
        if skippingSpecialTokens, tokenizer.isSpecial(id) { return "" }
        held += tokenizer.bytes(of: id)
        let certain = held.count - Self.incompleteTail(of: held)
        defer { held.removeFirst(certain) }
        return String(decoding: held[..<certain], as: UTF8.self)
    }

    /// Returns what is still held back, as U+FFFD, and starts afresh.
    public mutating func finish() -> String {
        defer { held = [] }
        return String(decoding: held, as: UTF8.self)
    }

    /// How many bytes at the end are a beginning of a character that more bytes could complete.
    private static func incompleteTail(of bytes: [UInt8]) -> Int {
        for length in 1...3 where length <= bytes.count {
            let tail = bytes.suffix(length)
            guard let lead = tail.first else { return 0 }
            // A continuation byte: the lead, if there is one, stands further left.
            if lead & 0xC0 == 0x80 { continue }
            return canBegin(tail, lead: lead) ? length : 0
        }
        return 0
    }

    /// Whether the bytes are a well-formed beginning, one or more bytes short (Unicode, table 3-7).
    private static func canBegin(_ bytes: ArraySlice<UInt8>, lead: UInt8) -> Bool {
        let needed =
            switch lead {
            case 0xC2...0xDF: 2
            case 0xE0...0xEF: 3
            case 0xF0...0xF4: 4
            default: 0
            }
        guard bytes.count < needed else { return false }
        guard let second = bytes.dropFirst().first else { return true }
        switch lead {
        case 0xE0: return second >= 0xA0
        case 0xED: return second < 0xA0
        case 0xF0: return second >= 0x90
        case 0xF4: return second < 0x90
        default: return true
        }
    }
}
