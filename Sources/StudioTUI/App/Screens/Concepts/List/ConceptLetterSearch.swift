import ConceptDB
import TerminalUI

/// The search in the list of concepts.
struct ConceptLetterSearch: Sendable {
    var field = TextField(maximumLength: 200)
    /// Whether letters go into the field.
    var isTyping = false
    /// What `n` and `N` look for.
    var lastQuery = ""
    /// Where the cursor was when the search began.
    var origin: Origin?
    private var index: ConceptSearchIndex?

    struct Origin: Sendable, Equatable {
        let id: Int64?
        let position: ListPosition
    }

    /// What is searched for; empty finds everything.
    var query: String { field.text }

    var isActive: Bool { !FuzzyMatcher(query).isEmpty }

    /// Prepares the concepts, so that not even the first letter waits.
    mutating func prepare(_ concepts: [Concept], revision: Int, isTrash: Bool) {
        guard index?.revision != revision || index?.isTrash != isTrash else { return }
        index = ConceptSearchIndex(concepts, revision: revision, isTrash: isTrash)
    }

    /// The concepts that fit, best first, as indices into the list.
    mutating func hits(
        _ query: String, in concepts: [Concept], revision: Int, isTrash: Bool
    ) -> [Int] {
        prepare(concepts, revision: revision, isTrash: isTrash)
        return index?.hits(query) ?? []
    }
}

/// Names, tags and categories made ready for searching.
struct ConceptSearchIndex: Sendable {
    /// The state of the library it was made from.
    let revision: Int
    let isTrash: Bool
    private var names: FuzzySearch
    private var words: FuzzySearch

    init(_ concepts: [Concept], revision: Int, isTrash: Bool) {
        self.revision = revision
        self.isTrash = isTrash
        names = FuzzySearch(FuzzyIndex(concepts.map(\.name)))
        words = FuzzySearch(FuzzyIndex(concepts.map(Self.words)))
    }

    /// First what fits by its name, then what fits by name, category and tags together.
    mutating func hits(_ query: String) -> [Int] {
        let byName = names.hits(query).map(\.index)
        let byWords = words.hits(query)
        guard byWords.count > byName.count else { return byName }
        let known = Set(byName)
        return byName + byWords.lazy.map(\.index).filter { !known.contains($0) }
    }

    /// Everything of a concept that is searched.
    static func words(_ concept: Concept) -> String {
        ([concept.name, concept.category] + concept.tags).joined(separator: " ")
    }
}

/// The letters of a row that a search fell on.
struct ConceptMatch: Sendable, Equatable {
    var name: [Int] = []
    var category: [Int] = []

    init(_ concept: Concept, _ matcher: FuzzyMatcher) {
        guard !matcher.isEmpty else { return }
        if let match = matcher.match(concept.name) {
            name = match.positions
            return
        }
        guard let match = matcher.match(ConceptSearchIndex.words(concept)) else { return }
        let start = concept.name.count + 1
        let end = start + concept.category.count
        name = match.positions.filter { $0 < start - 1 }
        category = match.positions.filter { $0 >= start && $0 < end }.map { $0 - start }
    }
}
