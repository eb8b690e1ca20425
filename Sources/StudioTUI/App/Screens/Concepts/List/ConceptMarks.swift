/// The concepts the user has picked, by their numbers.
struct ConceptMarks: Sendable, Equatable {
    private(set) var ids: Set<Int64> = []
    /// Where a range began, and what was picked before it.
    private var range: Range?

    private struct Range: Sendable, Equatable {
        let anchor: Int64
        let before: Set<Int64>
    }

    var count: Int { ids.count }
    var isEmpty: Bool { ids.isEmpty }
    /// Whether moving the cursor picks what it passes.
    var isRange: Bool { range != nil }

    func contains(_ id: Int64) -> Bool { ids.contains(id) }

    mutating func toggle(_ id: Int64) {
        range = nil
        if ids.remove(id) == nil { ids.insert(id) }
    }

    /// Begins a range at a concept.
    mutating func startRange(at id: Int64) {
        range = Range(anchor: id, before: ids)
        ids.insert(id)
    }

    /// Keeps what the range has picked.
    mutating func endRange() { range = nil }

    /// Takes back what the range has picked.
    mutating func cancelRange() {
        guard let range else { return }
        ids = range.before
        self.range = nil
    }

    /// Picks everything between the start of the range and the cursor.
    ///
    /// - Parameter rows: the numbers of the list, in its order.
    mutating func extendRange(to cursor: Int, rows: some RandomAccessCollection<Int64>) {
        guard let range, let anchor = rows.firstIndex(of: range.anchor) else { return }
        let from = rows.distance(from: rows.startIndex, to: anchor)
        let part = rows.dropFirst(min(from, cursor)).prefix(abs(from - cursor) + 1)
        ids = range.before.union(part)
    }

    mutating func add(_ more: some Sequence<Int64>) {
        range = nil
        ids.formUnion(more)
    }

    /// Picks of these what was not picked, and the other way round.
    mutating func invert(_ all: some Sequence<Int64>) {
        range = nil
        ids.formSymmetricDifference(all)
    }

    mutating func clear() {
        ids = []
        range = nil
    }

    /// Forgets what is no longer there.
    mutating func keep(where isThere: (Int64) -> Bool) {
        guard !ids.isEmpty else { return }
        ids = ids.filter(isThere)
        if let range, !isThere(range.anchor) { self.range = nil }
    }
}
