/// Which two neighbouring tokens become one, and in what order of preference.
struct MergeTable: Sendable {
    struct Merge: Sendable {
        /// Lower ranks merge first.
        let rank: Int32
        /// The token that the pair becomes.
        let result: Int32
    }

    private var merges: [UInt64: Merge] = [:]

    init(expectedCount: Int = 160_000) {
        merges.reserveCapacity(expectedCount)
    }

    var count: Int { merges.count }

    /// The merge of two neighbours; `nil` when they stay apart.
    func merge(_ left: Int32, _ right: Int32) -> Merge? {
        merges[Self.key(left, right)]
    }

    /// Adds the merge that ranks after all earlier ones.
    ///
    /// - Returns: `false`, with nothing changed, when the pair already has a merge.
    mutating func append(_ left: Int32, _ right: Int32, result: Int32) -> Bool {
        let merge = Merge(rank: Int32(merges.count), result: result)
        let previous = merges.updateValue(merge, forKey: Self.key(left, right))
        guard let previous else { return true }
        merges[Self.key(left, right)] = previous
        return false
    }

    private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }
}
