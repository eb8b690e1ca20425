import ConceptDB

/// The rows of the list: which concepts, in which order.
///
/// Ten thousand concepts are filtered and sorted when the library, the shelf, the order or the
/// search changes, never while drawing.
struct ConceptListing: Sendable {
    /// Indices into the living concepts or into the trash.
    private(set) var rows: [Int] = []
    /// The same rows as numbers of concepts.
    private(set) var ids: [Int64] = []
    private(set) var isTrash = false
    /// How many there are without the search.
    private(set) var total = 0

    /// What the shelf holds, in order, without the search.
    private var shelved: [Int] = []
    private var isShelved: [Bool] = []

    var count: Int { rows.count }

    func concept(at row: Int, in library: LibraryState) -> Concept? {
        guard rows.indices.contains(row) else { return nil }
        let all = isTrash ? library.trash : library.concepts
        return all.indices.contains(rows[row]) ? all[rows[row]] : nil
    }

    func row(of id: Int64) -> Int? { ids.firstIndex(of: id) }

    /// Takes the concepts of a shelf, in order.
    mutating func fill(_ library: LibraryState, _ shelf: ConceptShelf, _ order: ConceptSorting) {
        isTrash = shelf == .trash
        let all = isTrash ? library.trash : library.concepts
        var kept = isTrash ? Array(all.indices) : all.indices.filter { shelf.holds(all[$0]) }
        switch order.field {
        // Living concepts come by name; the trash comes by the moment of its deletion, which is the
        // order people look for things in it.
        case .name: break
        case .created: kept.sort { all[$0].createdAt > all[$1].createdAt }
        case .updated: kept.sort { all[$0].updatedAt > all[$1].updatedAt }
        }
        if order.isReversed { kept.reverse() }
        shelved = kept
        isShelved = Array(repeating: false, count: all.count)
        for index in kept { isShelved[index] = true }
        total = kept.count
    }

    /// Shows what a search found, or with `nil` everything.
    mutating func show(_ hits: [Int]?, _ library: LibraryState) {
        let all = isTrash ? library.trash : library.concepts
        rows = hits.map { $0.filter { isShelved.indices.contains($0) && isShelved[$0] } } ?? shelved
        ids = rows.map { all[$0].id }
    }
}

extension ShelfRow {
    /// All rows of the pane, those that are always there first.
    static func all(_ library: LibraryState) -> [ShelfRow] {
        let untagged = library.concepts.count { $0.tags.isEmpty }
        return [
            ShelfRow(shelf: .all, count: library.concepts.count),
            ShelfRow(shelf: .untagged, count: untagged),
            ShelfRow(shelf: .trash, count: library.trash.count),
        ] + library.tags.map { ShelfRow(shelf: .tag($0.name), count: $0.count) }
            + library.categories.map { ShelfRow(shelf: .category($0.name), count: $0.count) }
    }
}
