/// What registering a concept takes.
public struct NewConcept: Sendable, Equatable {
    /// 1 to 200 characters of any script, without control characters.
    public var name: String
    /// At most 100 characters.
    public var category: String
    /// At most 2,000 characters, on one line.
    public var info: String
    /// At most 64, each at most 50 characters.
    public var tags: [String]

    /// Collects the fields; the store checks them.
    public init(name: String, category: String = "", info: String = "", tags: [String] = []) {
        self.name = name
        self.category = category
        self.info = info
        self.tags = tags
    }
}

/// What to change about a concept; `nil` leaves a field as it is.
public struct ConceptEdit: Sendable, Equatable {
    /// A new name.
    public var name: String?
    /// A new category; empty removes it.
    public var category: String?
    /// A new info line; empty removes it.
    public var info: String?
    /// Tags to have instead of the present ones.
    public var tags: [String]?
    /// Tags to add to the present ones.
    public var addingTags: [String]
    /// Tags to take away, after adding.
    public var removingTags: [String]

    /// Collects the changes; the store checks them.
    public init(
        name: String? = nil, category: String? = nil, info: String? = nil, tags: [String]? = nil,
        addingTags: [String] = [], removingTags: [String] = []
    ) {
        self.name = name
        self.category = category
        self.info = info
        self.tags = tags
        self.addingTags = addingTags
        self.removingTags = removingTags
    }

    /// The edit that gives a concept the words it had before: the undo of an edit.
    public init(restoring concept: Concept) {
        self.init(
            name: concept.name, category: concept.category, info: concept.info, tags: concept.tags)
    }
}

/// A concept before and after a change.
///
/// Words are undone by `edit(id, ConceptEdit(restoring: change.before))`, a cover by
/// `setCover(before.cover, of: id)`.
public struct ConceptChange: Sendable, Equatable {
    /// As it was.
    public let before: Concept
    /// As it is now.
    public let after: Concept
}

/// What adding pictures did; undone by removing each of `added`.
public struct ImageAddition: Sendable, Equatable {
    /// The concept with its pictures.
    public let concept: Concept
    /// The pictures that are new to the concept, in the order given.
    public let added: [ReferenceImage]
    /// Pictures the concept had already; they were not added twice.
    public let alreadyPresent: [ReferenceImage]
}

/// What removing a picture did; undone by `restoreImage(_:)`.
public struct ImageRemoval: Sendable, Equatable {
    /// The picture, kept in the trash until it is purged.
    public let image: ReferenceImage
    /// Whether it stood for the concept.
    public let wasCover: Bool
    /// The concept without it; it may have no picture left, and `isLast` says so.
    public let concept: Concept

    /// Whether the concept is left without a picture, and so cannot be shown to a model.
    public var isLast: Bool { concept.images.isEmpty }
}

/// What purging deleted for good.
public struct PurgeReport: Sendable, Equatable, Codable {
    /// Concepts deleted.
    public var concepts = 0
    /// Single pictures deleted from the trash, apart from those of deleted concepts.
    public var images = 0
    /// Captions deleted.
    public var captions = 0
    /// Picture files deleted because nothing refers to them any more.
    public var files = 0

    /// An empty report.
    public init() {}
}
