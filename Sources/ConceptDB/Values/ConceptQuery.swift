/// Which concepts to list, and in what order.
public struct ConceptQuery: Sendable, Equatable {
    /// What to sort by.
    public enum Order: String, Sendable, CaseIterable {
        /// Alphabetical, without regard to case and accents, with numbers by value.
        case name
        /// By registration.
        case created
        /// By last change.
        case updated
        /// Best match first; the same as `name` when there is no text to match.
        case relevance
    }

    /// Words to find in name, category, info and tags; empty for all concepts.
    public var text: String
    /// Only concepts that have all of these.
    public var tags: [String]
    /// Only concepts of this category, whatever its case.
    public var category: String?
    /// `nil` sorts by relevance when there is text, by name otherwise.
    public var order: Order?
    /// Reverses the order.
    public var descending: Bool
    /// Lists the trash instead of the living concepts.
    public var inTrash: Bool
    /// How many to pass over.
    public var offset: Int
    /// How many to return at most; `nil` for all.
    public var limit: Int?

    /// Collects the conditions; without arguments, all living concepts by name.
    public init(
        text: String = "", tags: [String] = [], category: String? = nil, order: Order? = nil,
        descending: Bool = false, inTrash: Bool = false, offset: Int = 0, limit: Int? = nil
    ) {
        self.text = text
        self.tags = tags
        self.category = category
        self.order = order
        self.descending = descending
        self.inTrash = inTrash
        self.offset = offset
        self.limit = limit
    }
}

/// A part of a list.
public struct ConceptPage: Sendable, Equatable {
    /// The concepts from `offset` on.
    public let concepts: [Concept]
    /// How many there are without `offset` and `limit`.
    public let total: Int
}

/// A tag or category with the number of living concepts that have it.
public struct NamedCount: Sendable, Equatable, Codable {
    /// The tag or category.
    public let name: String
    /// How many concepts.
    public let count: Int
}

/// How much a library holds.
public struct LibraryCounts: Sendable, Equatable, Codable {
    /// Living concepts.
    public let concepts: Int
    /// Pictures of living concepts.
    public let images: Int
    /// Captions in the history.
    public let captions: Int
    /// Concepts in the trash.
    public let trashedConcepts: Int
    /// Registered models.
    public let models: Int
    /// Bytes of all stored pictures, query pictures included.
    public let imageBytes: Int64
}
