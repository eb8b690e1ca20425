import Foundation

/// The keys a client may show.
public struct APIKeys: Sendable {
    private let keys: [[UInt8]]

    /// Why a file of keys cannot be used.
    public struct Problem: Error, Equatable, CustomStringConvertible {
        /// One sentence.
        public let description: String
    }

    /// No key is asked for.
    public static let none = APIKeys(keys: [])

    private init(keys: [[UInt8]]) { self.keys = keys }

    /// Takes the keys of a file: one a line; blank lines and lines that begin with `#` are left out.
    ///
    /// - Throws: `Problem` when there is none, or one that no client can send.
    public init(text: String, file: String) throws(Problem) {
        let lines = text.split(whereSeparator: \.isNewline)
            .map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty && !$0.hasPrefix("#") }
        guard !lines.isEmpty else {
            throw Problem(description: "'\(file)' holds no key; write one a line.")
        }
        let isFine = lines.allSatisfy { line in
            line.utf8.count >= 8 && line.utf8.allSatisfy { $0 > 32 && $0 < 127 }
        }
        guard isFine else {
            throw Problem(
                description: "'\(file)': a key has 8 or more letters, digits and signs, no spaces.")
        }
        keys = lines.map { Array($0.utf8) }
    }

    /// Whether a key is asked for.
    public var isRequired: Bool { !keys.isEmpty }

    /// Whether the header `Authorization` shows a key.
    func accept(_ header: String?) -> Bool {
        guard isRequired else { return true }
        guard let header, header.prefix(7).lowercased() == "bearer " else { return false }
        let shown = Array(header.dropFirst(7).trimmingCharacters(in: .whitespaces).utf8)
        // Every key is compared to its end, so that time tells nothing.
        var found = false
        for key in keys { found = Self.isEqual(shown, key) || found }
        return found
    }

    /// Compares in a time that depends on the shown text's length alone.
    static func isEqual(_ shown: [UInt8], _ key: [UInt8]) -> Bool {
        guard !key.isEmpty else { return false }
        var difference = shown.count ^ key.count
        for (index, byte) in shown.enumerated() {
            difference |= Int(byte ^ key[index % key.count])
        }
        return difference == 0
    }
}
