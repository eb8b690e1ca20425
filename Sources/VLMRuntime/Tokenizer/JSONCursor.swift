/// Reads one JSON text from front to back, so that a vocabulary of 150,000 members needs neither
/// a tree nor a dictionary of strings.
///
/// Foundation's reader is not used for two reasons: it hides members that are repeated, and it
/// treats canonically equivalent keys as one. What a value is called in an error is an
/// autoclosure throughout, since most values are right and never need the name.
struct JSONCursor {
    /// Named in errors.
    let file: String
    /// UTF-8 of the last string or member name read, with escapes resolved.
    private(set) var text: [UInt8] = []
    private let bytes: [UInt8]
    private var position = 0
    /// Whether an object or array has just been opened, so that no comma is due.
    private var justOpened = false
    /// How many values `value()` may still build: what it builds is up to forty times as large
    /// as its text.
    var valueBudget = 1_000_000

    init(file: String, bytes: [UInt8]) throws(TokenizerError) {
        self.file = file
        self.bytes = bytes
        if let offset = Self.firstInvalidByte(of: bytes) {
            throw .notJSON(file: file, offset: offset, problem: "there are bytes that are no UTF-8")
        }
    }

    /// Where the bytes stop being UTF-8; `nil` when all are.
    private static func firstInvalidByte(of bytes: [UInt8]) -> Int? {
        let repaired = Array(String(decoding: bytes, as: UTF8.self).utf8)
        guard repaired != bytes else { return nil }
        return zip(repaired, bytes).enumerated().first { $1.0 != $1.1 }?.offset ?? bytes.count
    }

    /// Makes the error for text that breaks the JSON grammar at the present place.
    func syntax(_ problem: String) -> TokenizerError {
        .notJSON(file: file, offset: position, problem: problem)
    }

    /// First byte of the next value or mark, blanks skipped; `nil` at the end of the text.
    mutating func peek() -> UInt8? {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return bytes[position]
            }
        }
        return nil
    }

    /// Steps over the opening brace of an object.
    mutating func beginObject(_ thing: @autoclosure () -> String) throws(TokenizerError) {
        try begin("{", thing(), expected: "an object")
    }

    /// Steps over the opening bracket of an array.
    mutating func beginArray(_ thing: @autoclosure () -> String) throws(TokenizerError) {
        try begin("[", thing(), expected: "an array")
    }

    private mutating func begin(
        _ mark: Unicode.Scalar, _ thing: @autoclosure () -> String, expected: String
    ) throws(TokenizerError) {
        guard let byte = peek() else { throw syntax("the text ends early") }
        guard byte == UInt8(ascii: mark) else {
            throw wrongType(thing(), expected: expected)
        }
        position += 1
        justOpened = true
    }

    /// Moves to the next member of the present object and leaves its name in `text`.
    ///
    /// - Returns: `false` after the last member, with the closing brace behind.
    mutating func nextMember() throws(TokenizerError) -> Bool {
        guard try nextItem(closing: "}") else { return false }
        guard peek() == UInt8(ascii: "\"") else { throw syntax("a member has no name") }
        try readString()
        guard peek() == UInt8(ascii: ":") else { throw syntax("a colon is missing") }
        position += 1
        return true
    }

    /// Moves to the next element of the present array.
    ///
    /// - Returns: `false` after the last element, with the closing bracket behind.
    mutating func nextElement() throws(TokenizerError) -> Bool {
        try nextItem(closing: "]")
    }

    private mutating func nextItem(closing: Unicode.Scalar) throws(TokenizerError) -> Bool {
        guard let byte = peek() else { throw syntax("the text ends early") }
        defer { justOpened = false }
        if byte == UInt8(ascii: closing) {
            position += 1
            return false
        }
        if justOpened { return true }
        guard byte == UInt8(ascii: ",") else { throw syntax("a comma is missing") }
        position += 1
        guard let next = peek(), next != UInt8(ascii: closing) else {
            throw syntax("a comma has nothing after it")
        }
        return true
    }

    /// Checks that nothing follows the value.
    mutating func finish() throws(TokenizerError) {
        guard peek() == nil else { throw syntax("there is more text after the end") }
    }

    /// Reads a string and leaves it in `text`.
    mutating func string(_ thing: @autoclosure () -> String) throws(TokenizerError) {
        guard peek() == UInt8(ascii: "\"") else { throw wrongType(thing(), expected: "a string") }
        try readString()
    }

    /// Reads a whole number.
    mutating func integer(_ thing: @autoclosure () -> String) throws(TokenizerError) -> Int {
        guard let first = peek(), first == UInt8(ascii: "-") || (0x30...0x39).contains(first) else {
            throw wrongType(thing(), expected: "a whole number")
        }
        let digits = number()
        guard let value = Int(String(decoding: digits, as: UTF8.self)) else {
            throw wrongType(
                thing(), expected: "a whole number", found: TokenizerError.quoted(digits))
        }
        return value
    }

    /// Takes the characters a number may consist of.
    mutating func number() -> ArraySlice<UInt8> {
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case 0x30...0x39, 0x2B, 0x2D, 0x2E, 0x45, 0x65: position += 1
            default: return bytes[start..<position]
            }
        }
        return bytes[start..<position]
    }

    /// Takes a literal such as `true` when it comes next.
    mutating func literal(_ word: StaticString) -> Bool {
        let end = position + word.utf8CodeUnitCount
        guard end <= bytes.count else { return false }
        let matches = word.withUTF8Buffer { bytes[position..<end].elementsEqual($0) }
        if matches { position = end }
        return matches
    }

    /// Makes the error for a value of another type than needed, found at the present place.
    mutating func wrongType(
        _ thing: String, expected: String, found: String? = nil
    ) -> TokenizerError {
        .wrongType(file: file, thing: thing, expected: expected, found: found ?? nextType())
    }

    private mutating func nextType() -> String {
        switch peek() {
        case nil: "missing"
        case UInt8(ascii: "{"): "an object"
        case UInt8(ascii: "["): "an array"
        case UInt8(ascii: "\""): "a string"
        case UInt8(ascii: "t"), UInt8(ascii: "f"): "true or false"
        case UInt8(ascii: "n"): "null"
        default: "a number"
        }
    }
}

// MARK: - Strings

extension JSONCursor {
    /// Reads the string whose quotation mark is at the present place.
    private mutating func readString() throws(TokenizerError) {
        text.removeAll(keepingCapacity: true)
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return
            case UInt8(ascii: "\\"):
                try readEscape()
            case 0..<0x20:
                throw syntax("a string holds a control character")
            default:
                text.append(byte)
                position += 1
            }
        }
        throw syntax("a string has no end")
    }

    private mutating func readEscape() throws(TokenizerError) {
        guard position + 1 < bytes.count else { throw syntax("a string has no end") }
        let mark = bytes[position + 1]
        if mark == UInt8(ascii: "u") { return try readUnicodeEscape() }
        switch mark {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(mark)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        default: throw syntax("a string has an unknown escape")
        }
        position += 2
    }

    /// Reads `\uXXXX`, or two of them that form a surrogate pair.
    private mutating func readUnicodeEscape() throws(TokenizerError) {
        let start = position
        var value = UInt32(try codeUnit())
        if (0xD800..<0xDC00).contains(value), literal("\\") {
            position -= 1
            let low = UInt32(try codeUnit())
            guard (0xDC00..<0xE000).contains(low) else {
                throw .notJSON(file: file, offset: start, problem: "half a surrogate pair stands")
            }
            value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(value) else {
            throw .notJSON(file: file, offset: start, problem: "half a surrogate pair stands")
        }
        text.append(contentsOf: UTF8.encode(scalar).map { Array($0) } ?? [])
    }

    private mutating func codeUnit() throws(TokenizerError) -> UInt16 {
        guard position + 6 <= bytes.count, bytes[position + 1] == UInt8(ascii: "u") else {
            throw syntax("an escape in a string is cut short")
        }
        var value: UInt16 = 0
        for byte in bytes[position + 2..<position + 6] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw syntax("an escape in a string has no four hexadecimal digits")
            }
            value = value << 4 | UInt16(digit)
        }
        position += 6
        return value
    }
}
