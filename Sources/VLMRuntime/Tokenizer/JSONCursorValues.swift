/// Small values as trees; for settings, not for vocabularies.
extension JSONCursor {
    /// Deepest nesting `value()` follows; deeper text could exhaust the stack.
    private static let deepestNesting = 64

    /// Reads the next value, whatever it is.
    mutating func value(depth: Int = 0) throws(TokenizerError) -> JSONValue {
        guard depth < Self.deepestNesting else { throw syntax("there is too deep a nesting") }
        valueBudget -= 1
        guard valueBudget >= 0 else { throw syntax("there are too many values") }
        guard let first = peek() else { throw syntax("the text ends early") }
        switch first {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""):
            try string("a value")
            return .string(String(decoding: text, as: UTF8.self))
        case UInt8(ascii: "-"), 0x30...0x39:
            let digits = String(decoding: number(), as: UTF8.self)
            if let integer = Int(digits) { return .integer(integer) }
            guard let value = Double(digits) else { throw syntax("a number is malformed") }
            return .number(value)
        default:
            if literal("null") { return .null }
            if literal("true") { return .bool(true) }
            if literal("false") { return .bool(false) }
            throw syntax("there is no value")
        }
    }

    private mutating func object(depth: Int) throws(TokenizerError) -> JSONValue {
        var members: [(String, JSONValue)] = []
        try beginObject("a value")
        while try nextMember() {
            let name = String(decoding: text, as: UTF8.self)
            members.append((name, try value(depth: depth + 1)))
        }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(TokenizerError) -> JSONValue {
        var elements: [JSONValue] = []
        try beginArray("a value")
        while try nextElement() { elements.append(try value(depth: depth + 1)) }
        return .array(elements)
    }
}

extension JSONValue {
    /// The named member of an object, the last when there are several; `nil` without one.
    subscript(_ name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.0 == name }?.1
    }

    /// Follows member names and array positions separated by points, such as `a.0.b`.
    func value(at path: String) -> JSONValue? {
        var value: JSONValue? = self
        for step in path.split(separator: ".") {
            if case .array(let elements)? = value {
                value = Int(step).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
            } else {
                value = value?[String(step)]
            }
        }
        return value
    }

    /// Whether both are the same scalar; arrays and objects are never the same.
    func isSameScalar(as other: JSONValue) -> Bool {
        switch (self, other) {
        case (.null, .null): true
        case (.bool(let one), .bool(let two)): one == two
        case (.string(let one), .string(let two)): one == two
        case (.integer(let one), .integer(let two)): one == two
        case (.number(let one), .integer(let two)): one == Double(two)
        default: false
        }
    }
}
