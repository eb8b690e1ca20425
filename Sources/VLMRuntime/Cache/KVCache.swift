import CKernels

/// Keys and values of every token a conversation has read so far.
///
/// A list of runs in shared blocks: copying a cache, or taking its beginning, copies nothing, and
/// each copy may grow on its own.
public struct KVCache: Sendable {
    /// Consecutive tokens in one block.
    struct Run: Sendable {
        private(set) var block: KVBlock
        var slots: Range<Int>

        /// Drops the last tokens and gives their slots back when nobody else has the block.
        mutating func shorten(by excess: Int) {
            slots = slots.lowerBound..<slots.upperBound - excess
            if isKnownUniquelyReferenced(&block) { block.release(to: slots.upperBound) }
        }

        init(block: KVBlock, slots: Range<Int>) {
            self.block = block
            self.slots = slots
        }
    }

    /// Room of a block that grows token by token.
    static let blockTokens = 128

    let shape: KVShape
    private(set) var runs: [Run] = []
    /// Tokens held.
    public private(set) var count = 0

    /// An empty cache for a model with these sizes.
    init(_ configuration: TextConfiguration, storage: KVStorage = .float32) {
        shape = KVShape(configuration, storage: storage)
    }

    /// Makes room for tokens that `write` fills layer by layer.
    mutating func extend(by added: Int) {
        var missing = added
        if let last = runs.last {
            let got = last.block.claim(after: last.slots.upperBound, upTo: missing)
            runs[runs.count - 1].slots = last.slots.lowerBound..<last.slots.upperBound + got
            missing -= got
        }
        if missing > 0 {
            let block = KVBlock(shape, capacity: max(missing, Self.blockTokens))
            let got = block.claim(after: 0, upTo: missing)
            runs.append(Run(block: block, slots: 0..<got))
        }
        count += added
    }

    /// Stores one layer of the last tokens.
    ///
    /// - Parameters:
    ///   - keys: first of `tokens` rows of `shape.width` floats; values likewise.
    func write(
        layer: Int, tokens: Int, keys: UnsafePointer<Float>, values: UnsafePointer<Float>
    ) {
        precondition(tokens <= count)
        var left = tokens
        for run in runs.reversed() {
            guard left > 0 else { return }
            let part = min(left, run.slots.count)
            left -= part
            run.block.write(
                layer: layer, slot: run.slots.upperBound - part, count: part,
                keys: keys + left * shape.width, values: values + left * shape.width)
        }
    }

    /// The runs of one layer as the attention kernel takes them; valid while the cache lives.
    func segments(layer: Int) -> [ck_kv_segment] {
        runs.map { $0.block.segment(layer: layer, $0.slots) }
    }

    /// Forgets the tokens behind the first `length`.
    ///
    /// Their slots can be filled again if nobody else knows of them.
    mutating func truncate(to length: Int) {
        precondition(length >= 0 && length <= count)
        while let last = runs.last, count - last.slots.count >= length {
            count -= last.slots.count
            runs.removeLast()
        }
        guard count > length else { return }
        let excess = count - length
        count = length
        runs[runs.count - 1].shorten(by: excess)
    }

    /// The first `length` tokens.
    func prefix(_ length: Int) -> KVCache {
        var result = self
        result.truncate(to: length)
        return result
    }

    /// Leading tokens that several caches keep in the same memory.
    static func sharedCount(_ caches: [KVCache]) -> Int {
        guard let first = caches.first else { return 0 }
        return caches.dropFirst().reduce(first.count) { min($0, first.shared(with: $1)) }
    }

    private func shared(with other: KVCache) -> Int {
        var total = 0
        for (a, b) in zip(runs, other.runs) {
            guard a.block === b.block, a.slots.lowerBound == b.slots.lowerBound else { break }
            total += min(a.slots.count, b.slots.count)
            guard a.slots == b.slots else { break }
        }
        return total
    }
}
