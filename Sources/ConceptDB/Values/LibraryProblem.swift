/// Something wrong with a library, found by `ConceptStore.verify`.
public struct LibraryProblem: Sendable, Equatable, Codable {
    /// What kind of thing is wrong.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// SQLite's integrity check complains.
        case databaseDamaged
        /// A row refers to a row that is not there.
        case danglingRow
        /// The file of a picture is gone.
        case imageMissing
        /// The bytes of a picture changed, or they are no picture any more.
        case imageDamaged
        /// The library notes another size than the picture has.
        case imageSizeWrong
        /// A picture nothing refers to is still noted.
        case imageUnused
        /// A file in the picture folder that the library knows nothing of.
        case fileUnknown
        /// The search index is out of step with the concepts.
        case searchIndexStale
        /// A concept's cover is missing or a picture of another concept.
        case coverWrong
    }

    /// What kind of thing is wrong.
    public let kind: Kind
    /// One sentence for the user.
    public let what: String
    /// The file concerned, relative to the library folder.
    public let path: String?
    /// The concept, caption or row concerned.
    public let id: Int64?
    /// Whether it has been put right.
    public let repaired: Bool
}

/// What checking a library found.
public struct VerificationReport: Sendable, Equatable, Codable {
    /// Whether nothing is wrong any more: no problem, or every one repaired.
    public let ok: Bool
    /// The problems, those of the database first.
    public let problems: [LibraryProblem]

    init(problems: [LibraryProblem]) {
        ok = problems.allSatisfy(\.repaired)
        self.problems = problems
    }
}
