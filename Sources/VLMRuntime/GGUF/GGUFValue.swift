/// One value of a GGUF file's metadata; lists stay in the file until asked for.
enum GGUFValue: Sendable {
    case integer(Int)
    case number(Double)
    case bool(Bool)
    case string(String)
    /// A list of `count` values that lie from byte `start` of the file on.
    case list(GGUFValueType, count: Int, start: Int)

    /// A short printable form for messages.
    var summary: String {
        switch self {
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        case .bool(let flag): "\(flag)"
        case .string(let text): "\"\(printable(text))\""
        case .list(_, let count, _): "a list of \(count)"
        }
    }

    /// The same as JSON; `nil` for lists.
    var json: JSONValue? {
        switch self {
        case .integer(let number): .integer(number)
        case .number(let number): .number(number)
        case .bool(let flag): .bool(flag)
        case .string(let text): .string(text)
        case .list: nil
        }
    }
}

/// The types that values in the metadata may have.
///
/// Source: `gguf.h` of ggml.
enum GGUFValueType: UInt32, Sendable {
    case uint8 = 0
    case int8, uint16, int16, uint32, int32, float32, bool, string, list, uint64, int64, float64

    /// Bytes of one value; `nil` where that depends on the value.
    var size: Int? {
        switch self {
        case .uint8, .int8, .bool: 1
        case .uint16, .int16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64: 8
        case .string, .list: nil
        }
    }
}
