/// What to do with a concept of an archive whose name is taken.
public enum ArchiveConflict: String, Sendable, CaseIterable {
    /// Leaves it out and says so.
    case skip
    /// Gives it the next free name: `Mochi (2)`.
    case rename
}

/// What an export wrote.
public struct ArchiveExport: Sendable, Equatable, Codable {
    /// Concepts written.
    public let concepts: Int
    /// Different pictures written.
    public let images: Int
    /// Size of the archive.
    public let bytes: Int64
}

/// What an import did; undone by removing the concepts imported.
public struct ArchiveImport: Sendable, Equatable, Codable {
    /// A concept that came in under another name.
    public struct Renaming: Sendable, Equatable, Codable {
        /// Its name in the archive.
        public let from: String
        /// Its name in the library.
        public let to: String
    }

    /// Something in the archive that was left out.
    public struct Problem: Sendable, Equatable, Codable {
        /// The concept or file in the archive, fit for a terminal.
        public let item: String
        /// Why, as one sentence.
        public let reason: String
    }

    /// The new concepts, in the order of the archive's pictures.
    public internal(set) var imported: [Concept] = []
    /// Which of them have another name than in the archive.
    public internal(set) var renamed: [Renaming] = []
    /// What was left out; at most 1,000 are told.
    public internal(set) var problems: [Problem] = []

    mutating func report(_ item: String, _ reason: String) {
        // A hostile archive must not fill the memory with complaints.
        guard problems.count < 1000 else { return }
        problems.append(Problem(item: item.printable, reason: reason))
    }
}

/// The file `concepts.json` of an archive.
struct ArchiveManifest: Codable {
    static let format = "personalization-studio-concepts"
    static let fileName = "concepts.json"

    struct Item: Codable {
        let name: String
        let category: String?
        let info: String?
        let tags: [String]?
        /// Names of files in the archive: `images/<sha256>.<ext>`.
        let images: [String]
        /// One of `images`.
        let cover: String?
        let createdAt: Timestamp?
    }

    let format: String
    let version: Int
    let concepts: [Item]
}
