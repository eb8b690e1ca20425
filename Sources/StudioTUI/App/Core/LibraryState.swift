import ConceptDB

/// What the app knows of the library: a copy of its rows, renewed after every change.
struct LibraryState: Sendable {
    enum Phase: Sendable, Equatable {
        case opening
        case ready
        /// The library cannot be read: one sentence.
        case failed(String)
    }

    var phase = Phase.opening
    /// All concepts by name, without the trash.
    var concepts: [Concept] = []
    /// The trash, latest first.
    var trash: [Concept] = []
    var tags: [NamedCount] = []
    var categories: [NamedCount] = []
    var models: [ModelRecord] = []
    /// Grows with every renewal, so that screens know when to refresh what they derived.
    var revision = 0

    private(set) var indexByID: [Int64: Int] = [:]

    /// Takes over fresh rows.
    mutating func replace(with fresh: LibrarySnapshot) {
        concepts = fresh.concepts
        trash = fresh.trash
        tags = fresh.tags
        categories = fresh.categories
        models = fresh.models
        indexByID = Dictionary(
            concepts.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        phase = .ready
        revision += 1
    }

    func concept(_ id: Int64) -> Concept? { indexByID[id].map { concepts[$0] } }
}

/// The rows of the library at one moment.
struct LibrarySnapshot: Sendable {
    var concepts: [Concept]
    var trash: [Concept]
    var tags: [NamedCount]
    var categories: [NamedCount]
    var models: [ModelRecord]
    /// Whether only the first page was read, for the first paint.
    var isPartial = false
}

/// What happens to the library.
enum LibraryAction: Sendable {
    case loaded(LibrarySnapshot)
    case failed(String)
    case edited(LibraryOutcome, EditPurpose)
    case editFailed(String)
    case undo, redo
}
