/// A JSON document as written: members in order, duplicates kept, integers apart from other numbers.
///
/// Foundation's parser merges duplicate keys and turns large integers into doubles; a header from
/// an untrusted file has to be seen as it is.
indirect enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([(String, JSONValue)])
}

/// Reads one JSON document from bytes, with bounded nesting.
struct JSONScanner {
    /// What is wrong, as the middle part of a sentence.
    struct Failure: Error {
        var problem: String
    }

    private static let deepestNesting = 64
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The single value the bytes hold.
    mutating func document() throws(Failure) -> JSONValue {
        let result = try value(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw unexpected("text after the JSON value") }
        return result
    }

    private mutating func value(depth: Int) throws(Failure) -> JSONValue {
        guard depth <= Self.deepestNesting else { throw unexpected("too deep nesting") }
        skipSpace()
        switch peek() {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case nil: throw unexpected("an early end")
        default: return try number()
        }
    }

    private mutating func object(depth: Int) throws(Failure) -> JSONValue {
        position += 1
        var members: [(String, JSONValue)] = []
        if take(UInt8(ascii: "}")) { return .object(members) }
        repeat {
            skipSpace()
            guard peek() == UInt8(ascii: "\"") else { throw unexpected("a key without quotes") }
            let key = try string()
            guard take(UInt8(ascii: ":")) else { throw unexpected("a key without a colon") }
            members.append((key, try value(depth: depth + 1)))
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw unexpected("an object that does not end") }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(Failure) -> JSONValue {
        position += 1
        var items: [JSONValue] = []
        if take(UInt8(ascii: "]")) { return .array(items) }
        repeat {
            items.append(try value(depth: depth + 1))
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw unexpected("a list that does not end") }
        return .array(items)
    }

    private mutating func literal(_ word: String, _ value: JSONValue) throws(Failure) -> JSONValue {
        guard bytes[position...].starts(with: word.utf8) else { throw unexpected("a stray word") }
        position += word.utf8.count
        return value
    }

    private mutating func number() throws(Failure) -> JSONValue {
        let start = position
        let allowed = Set("+-0123456789.eE".utf8)
        while let byte = peek(), allowed.contains(byte) { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        let digits = text.drop { $0 == "-" }
        let leadingZero = digits.count > 1 && digits.first == "0" && digits.dropFirst().first != "."
        let isPlain = !text.isEmpty && !leadingZero && text.first != "+"
        if isPlain, let integer = Int(text) { return .integer(integer) }
        if isPlain, let double = Double(text), double.isFinite { return .number(double) }
        throw unexpected("something that is not a number")
    }

    private mutating func string() throws(Failure) -> String {
        position += 1
        var result: [UInt8] = []
        while let byte = peek() {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: result, as: UTF8.self) else {
                    throw unexpected("text that is not UTF-8")
                }
                return text
            case UInt8(ascii: "\\"): try escape(into: &result)
            case 0..<0x20: throw unexpected("a control character in a string")
            default: result.append(byte)
            }
        }
        throw unexpected("a string that does not end")
    }

    private mutating func escape(into result: inout [UInt8]) throws(Failure) {
        guard let byte = peek() else { throw unexpected("a string that does not end") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(byte)
        case UInt8(ascii: "b"): result.append(0x08)
        case UInt8(ascii: "f"): result.append(0x0C)
        case UInt8(ascii: "n"): result.append(0x0A)
        case UInt8(ascii: "r"): result.append(0x0D)
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "u"):
            var code = try hexadecimal()
            if (0xD800..<0xDC00).contains(code), peek() == UInt8(ascii: "\\") {
                position += 1
                guard take(UInt8(ascii: "u")) else { throw unexpected("half a surrogate pair") }
                let low = try hexadecimal()
                guard (0xDC00..<0xE000).contains(low) else {
                    throw unexpected("half a surrogate pair")
                }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else {
                throw unexpected("half a surrogate pair")
            }
            result.append(contentsOf: String(Character(scalar)).utf8)
        default: throw unexpected("an unknown escape")
        }
    }

    private mutating func hexadecimal() throws(Failure) -> UInt32 {
        guard position + 4 <= bytes.count else { throw unexpected("an early end") }
        let text = String(decoding: bytes[position..<position + 4], as: UTF8.self)
        guard let code = UInt32(text, radix: 16), text.first != "+" else {
            throw unexpected("an unknown escape")
        }
        position += 4
        return code
    }

    private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || (0x09...0x0A).contains(byte) || byte == 0x0D {
            position += 1
        }
    }

    private func unexpected(_ what: String) -> Failure {
        Failure(problem: "its JSON holds \(what) at byte \(position)")
    }
}
