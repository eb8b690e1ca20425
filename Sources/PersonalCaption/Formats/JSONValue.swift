import Foundation

/// A JSON document that remembers the order of its members and every repeated key.
///
/// Foundation's readers lose both, but a RAP database is shown in its own order and its repeated
/// keys have to be reported.
enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    /// The digits as written.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([Member])

    /// One `"key": value` of an object.
    struct Member: Equatable, Sendable {
        var key: String
        var value: JSONValue
    }

    /// What it is, for messages.
    var kind: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .number: "a number"
        case .string: "text"
        case .array: "a list"
        case .object: "an object"
        }
    }

    /// The text, when it is text.
    var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// Reads a whole document.
    ///
    /// - Throws: `JSONSyntaxError` at the first thing RFC 8259 does not allow, and for more than
    ///   64 levels of nesting.
    static func parse(_ data: Data) throws(JSONSyntaxError) -> JSONValue {
        var parser = JSONParser(data)
        return try parser.document()
    }
}

/// Where and why a document is not JSON.
struct JSONSyntaxError: Error, Equatable, CustomStringConvertible {
    var line: Int
    var reason: String
    var description: String { "line \(line): \(reason)" }
}
