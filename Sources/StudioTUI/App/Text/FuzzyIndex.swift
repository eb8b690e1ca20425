/// Names made ready so that ten thousand of them can be searched between two key presses.
struct FuzzyIndex: Sendable {
    /// A name that fits, by its place in the list.
    struct Hit: Sendable, Equatable {
        let index: Int
        let score: Int
    }

    /// How many names there are.
    let count: Int
    /// All folded names behind each other: one block of memory that is read from start to end.
    private let scalars: [UInt32]
    private let bonuses: [UInt8]
    /// Where each name starts, and the end of the last.
    private let starts: [Int32]
    private let masks: [UInt64]

    /// Prepares names, which takes about a microsecond for each.
    init(_ names: some Collection<String>) {
        var scalars: [UInt32] = []
        var bonuses: [UInt8] = []
        var starts: [Int32] = [0]
        var masks: [UInt64] = []
        scalars.reserveCapacity(names.count * 16)
        bonuses.reserveCapacity(names.count * 16)
        starts.reserveCapacity(names.count + 1)
        masks.reserveCapacity(names.count)
        for name in names {
            let key = FuzzyKey(name)
            scalars += key.scalars
            bonuses += key.bonuses
            masks.append(key.mask)
            starts.append(Int32(scalars.count))
        }
        (self.scalars, self.bonuses, self.starts, self.masks) = (scalars, bonuses, starts, masks)
        count = masks.count
    }

    /// All names that fit, best first, equals in the order of the list.
    ///
    /// - Parameter candidates: only these are looked at; all without.
    func hits(_ matcher: FuzzyMatcher, among candidates: [Int32]? = nil) -> [Hit] {
        if matcher.isEmpty { return (0..<count).map { Hit(index: $0, score: 0) } }
        return keys(matcher, among: candidates).sorted().map {
            Hit(index: Int($0 & 0xFFFF_FFFF), score: -Int($0 >> 32))
        }
    }

    /// Scores and indices packed so that their order as numbers is the order of the hits.
    private func keys(_ matcher: FuzzyMatcher, among candidates: [Int32]?) -> [Int64] {
        var scorer = FuzzyScorer()
        var found: [Int64] = []
        scalars.withUnsafeBufferPointer { scalars in
            bonuses.withUnsafeBufferPointer { bonuses in
                func consider(_ index: Int) {
                    guard masks[index] & matcher.mask == matcher.mask else { return }
                    let range = Int(starts[index])..<Int(starts[index + 1])
                    let name = UnsafeBufferPointer(rebasing: scalars[range])
                    let bonus = UnsafeBufferPointer(rebasing: bonuses[range])
                    if let score = scorer.score(matcher, name, bonus) {
                        found.append(Int64(-score) << 32 | Int64(index))
                    }
                }
                if let candidates {
                    for index in candidates where index < count { consider(Int(index)) }
                } else {
                    for index in 0..<count { consider(index) }
                }
            }
        }
        return found
    }
}

/// A search that is typed letter by letter: what did not fit before is not looked at again.
struct FuzzySearch: Sendable {
    private let index: FuzzyIndex
    private var last = FuzzyMatcher("")
    private var survivors: [Int32]?

    init(_ index: FuzzyIndex) { self.index = index }

    /// The names that fit the query as it stands now.
    mutating func hits(_ query: String) -> [FuzzyIndex.Hit] {
        let matcher = FuzzyMatcher(query)
        let known = last.isNarrowed(by: matcher) ? survivors : nil
        let hits = index.hits(matcher, among: known)
        last = matcher
        survivors = matcher.isEmpty ? nil : hits.map { Int32($0.index) }.sorted()
        return hits
    }
}
