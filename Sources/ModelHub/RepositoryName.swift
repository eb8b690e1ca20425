/// A model on a hub: `ORG/NAME`, with `@REVISION` where another than `main` is meant.
public struct RepositoryName: Sendable, Hashable, CustomStringConvertible {
    /// Who owns it.
    public let owner: String
    /// What it is called.
    public let name: String
    /// A branch, a tag or a commit.
    public let revision: String

    /// Reads a name as people write it; only letters, digits and `-_.` can be in one, so that it is
    /// never a path.
    ///
    /// - Parameter revision: `nil` for what follows `@`, else `main`.
    /// - Throws: `HubError.badName`.
    public init(_ text: String, revision: String? = nil) throws(HubError) {
        let halves = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        let parts = halves[0].split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ Self.isName($0) }) else {
            throw .badName(text)
        }
        let wanted = revision ?? (halves.count > 1 ? String(halves[1]) : "main")
        guard Self.isRevision(wanted), revision == nil || halves.count == 1 else {
            throw .badName(text)
        }
        owner = String(parts[0])
        name = String(parts[1])
        self.revision = wanted
    }

    /// `ORG/NAME`.
    public var description: String { "\(owner)/\(name)" }

    /// Whether a text could be one, so that it is worth looking for.
    public static func isPossible(_ text: String) -> Bool { (try? RepositoryName(text)) != nil }

    /// Whether a text can be a part of a name, or a file's name, everywhere.
    static func isName(_ text: some StringProtocol) -> Bool {
        (1...96).contains(text.utf8.count) && text.first != "." && text.first != "-"
            && text.utf8.allSatisfy(isPlain) && !text.contains("..")
    }

    /// Tags and branches may hold slashes.
    private static func isRevision(_ text: String) -> Bool {
        text.utf8.count <= 128
            && text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
                isName($0)
            }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: "."):
            true
        default: false
        }
    }
}
