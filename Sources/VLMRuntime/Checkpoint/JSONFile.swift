import Foundation

/// A JSON object read from a file of bounded size, with typed access that knows the file's name.
///
/// Keys may be paths such as `vision_config.depth`.
struct JSONFile {
    let path: String
    private let root: [String: JSONValue]
    /// What keys are called where they come from, if not the same.
    private let names: [String: String]

    /// - Parameter limit: the largest file accepted, in bytes.
    init(path: String, limit: Int = 8 << 20) throws(CheckpointError) {
        let file = try MappedFile(path: path)
        guard file.count <= limit else {
            throw .tooLarge(file: path, bytes: file.count, limit: limit)
        }
        self.path = path
        names = [:]
        do throws(JSONScanner.Failure) {
            var scanner = JSONScanner(file.bytes)
            guard case .object(let members) = try scanner.document() else {
                throw JSONScanner.Failure(problem: "it does not hold a JSON object")
            }
            root = Dictionary(members, uniquingKeysWith: { _, last in last })
        } catch {
            throw .malformed(file: path, problem: error.problem)
        }
    }

    /// Wraps values that another kind of file holds.
    ///
    /// - Parameter names: that file's own names of keys, for messages.
    init(path: String, members: [(String, JSONValue)], names: [String: String]) {
        self.path = path
        self.names = names
        root = Dictionary(members, uniquingKeysWith: { _, last in last })
    }

    /// Everything, by key.
    var all: [(String, JSONValue)] { root.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }

    /// The value at a path of keys; `nil` when absent or null.
    func value(_ key: String) -> JSONValue? {
        var members = root
        var parts = key.split(separator: ".").map(String.init)
        let last = parts.removeLast()
        for part in parts {
            guard case .object(let inner)? = members[part] else { return nil }
            members = Dictionary(inner, uniquingKeysWith: { _, last in last })
        }
        if case .null? = members[last] { return nil }
        return members[last]
    }

    /// The members of an object.
    func members(_ key: String) throws(CheckpointError) -> [(String, JSONValue)] {
        guard case .object(let members)? = value(key) else { throw wrong(key, "an object") }
        return members
    }

    /// A whole number within `range`, or `fallback` when the key is absent.
    func integer(
        _ key: String, in range: ClosedRange<Int>, or fallback: Int? = nil
    ) throws(CheckpointError) -> Int {
        guard let value = value(key) else {
            if let fallback { return fallback }
            throw wrong(key, "a whole number")
        }
        guard case .integer(let number) = value, range.contains(number) else {
            throw wrong(key, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A finite number within `range`, or `fallback` when the key is absent.
    func number(
        _ key: String, in range: ClosedRange<Double>, or fallback: Double? = nil
    ) throws(CheckpointError) -> Double {
        let found: Double?
        switch value(key) {
        case nil:
            if let fallback { return fallback }
            found = nil
        case .integer(let integer)?: found = Double(integer)
        case .number(let double)?: found = double
        default: found = nil
        }
        guard let found, range.contains(found) else {
            throw wrong(key, "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return found
    }

    /// A list of whole numbers within `range`; `nil` when the key is absent.
    func integers(_ key: String, in range: ClosedRange<Int>) throws(CheckpointError) -> [Int]? {
        guard let value = value(key) else { return nil }
        guard case .array(let items) = value, items.count <= 4096 else {
            throw wrong(key, "a list of whole numbers")
        }
        var result: [Int] = []
        for item in items {
            guard case .integer(let number) = item, range.contains(number) else {
                throw wrong(
                    key, "whole numbers from \(range.lowerBound) to \(range.upperBound)")
            }
            result.append(number)
        }
        return result
    }

    /// A string; `nil` when the key is absent.
    func string(_ key: String) throws(CheckpointError) -> String? {
        guard let value = value(key) else { return nil }
        guard case .string(let text) = value else { throw wrong(key, "a string") }
        return text
    }

    /// A truth value; `nil` when the key is absent.
    func bool(_ key: String) throws(CheckpointError) -> Bool? {
        guard let value = value(key) else { return nil }
        guard case .bool(let flag) = value else { throw wrong(key, "true or false") }
        return flag
    }

    /// The complaint that `key` is not what was expected.
    func wrong(_ key: String, _ expected: String) -> CheckpointError {
        .value(
            file: path,
            key: names[key] ?? names.first { $0.key.hasPrefix(key + ".") }?.value ?? key,
            expected: expected,
            found: value(key).map(Self.text) ?? "not there")
    }

    /// A short printable form for messages.
    static func text(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool(let flag): "\(flag)"
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        case .string(let text): "\"\(printable(text))\""
        case .array(let items): "a list of \(items.count)"
        case .object: "an object"
        }
    }
}
