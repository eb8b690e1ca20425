import ConceptDB

/// The names of pictures and concepts of all captions, made ready for a search that is typed.
///
/// Letters with gaps between them would fit nearly every caption, so only names are searched that
/// way; in the text of captions and questions whole words and parts of words are found.
struct HistorySearch: Sendable {
    private let ids: [Int64]
    private var names: FuzzySearch

    /// Reads the names.
    init(_ store: ConceptStore) throws {
        let headings = try store.captionHeadings()
        ids = headings.map(\.id)
        names = FuzzySearch(
            FuzzyIndex(
                headings.map { heading in
                    let file = heading.originalPath.split(separator: "/").last ?? ""
                    return "\(file) \(heading.concepts)"
                }))
    }

    /// Captions whose names are like the text, the best first, then those that have its words.
    mutating func captions(_ text: String, in store: ConceptStore) throws -> [Int64] {
        let byName = names.hits(text).map { ids[$0.index] }
        let known = Set(byName)
        return byName + (try store.captionIDs(text: text)).filter { !known.contains($0) }
    }
}
