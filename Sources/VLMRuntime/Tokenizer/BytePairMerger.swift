/// Turns the bytes of one piece into tokens: again and again, the neighbours whose merge has the
/// lowest rank become one token, the leftmost first among equals.
///
/// The neighbours wait in a heap, so a piece of n bytes takes n log n steps even when a hostile
/// text makes one piece of a hundred thousand letters.
struct BytePairMerger {
    private let merges: MergeTable
    /// The token of every single byte.
    private let byteTokens: [Int32]
    // One place per byte. A token sits at the place of its first byte; -1 marks places that a
    // token further left has taken.
    private var tokens: [Int32] = []
    private var next: [Int] = []
    private var previous: [Int] = []
    private var queue = PairQueue()

    init(merges: MergeTable, byteTokens: [Int32]) {
        self.merges = merges
        self.byteTokens = byteTokens
    }

    /// Appends the tokens of one piece to `output`.
    mutating func append(_ piece: ArraySlice<UInt8>, to output: inout [Int32]) {
        start(piece)
        while let (rank, place) = queue.popLowest() { mergePair(at: place, rank: rank) }
        var place = 0
        while place < tokens.count {
            output.append(tokens[place])
            place = next[place]
        }
    }

    private mutating func start(_ piece: ArraySlice<UInt8>) {
        tokens.removeAll(keepingCapacity: true)
        next.removeAll(keepingCapacity: true)
        previous.removeAll(keepingCapacity: true)
        for byte in piece {
            next.append(tokens.count + 1)
            previous.append(tokens.count - 1)
            tokens.append(byteTokens[Int(byte)])
        }
        for place in tokens.indices { enqueue(place) }
    }

    /// Puts the pair that starts at `place` into the queue when it has a merge.
    private mutating func enqueue(_ place: Int) {
        guard next[place] < tokens.count else { return }
        if let merge = merges.merge(tokens[place], tokens[next[place]]) {
            queue.push(rank: merge.rank, place: place)
        }
    }

    /// Merges the pair at `place`, unless it has changed since it was put into the queue.
    private mutating func mergePair(at place: Int, rank: Int32) {
        guard tokens[place] >= 0, next[place] < tokens.count else { return }
        let right = next[place]
        // Every pair has a rank of its own, so an equal rank means the same pair.
        guard let merge = merges.merge(tokens[place], tokens[right]), merge.rank == rank else {
            return
        }
        tokens[place] = merge.result
        tokens[right] = -1
        next[place] = next[right]
        if next[place] < tokens.count { previous[next[place]] = place }
        if previous[place] >= 0 { enqueue(previous[place]) }
        enqueue(place)
    }
}

/// A binary heap of neighbouring pairs: lowest rank first, then leftmost.
private struct PairQueue {
    /// Rank in the upper 24 bits, place in the lower 40; both orders in one comparison.
    private var keys: [UInt64] = []
    private static let placeBits: UInt64 = 40

    mutating func push(rank: Int32, place: Int) {
        let key = UInt64(rank) << Self.placeBits | UInt64(place)
        var hole = keys.count
        keys.append(key)
        while hole > 0 {
            let parent = (hole - 1) / 2
            guard keys[parent] > key else { break }
            keys[hole] = keys[parent]
            hole = parent
        }
        keys[hole] = key
    }

    mutating func popLowest() -> (rank: Int32, place: Int)? {
        guard let lowest = keys.first, let last = keys.popLast() else { return nil }
        if !keys.isEmpty { sink(last) }
        let place = lowest & (1 << Self.placeBits - 1)
        return (Int32(lowest >> Self.placeBits), Int(place))
    }

    /// Fills the hole at the top with `key` and moves it down to where it belongs.
    private mutating func sink(_ key: UInt64) {
        var hole = 0
        while true {
            var child = 2 * hole + 1
            guard child < keys.count else { break }
            if child + 1 < keys.count, keys[child + 1] < keys[child] { child += 1 }
            guard keys[child] < key else { break }
            keys[hole] = keys[child]
            hole = child
        }
        keys[hole] = key
    }
}
