import CKernels

/// Several conversations that one forward pass carries on, with the tokens each of them reads.
///
/// The caches have been extended by those tokens.
struct CachedSequences {
    let caches: [KVCache]
    /// New tokens of each.
    let counts: [Int]
    private let sharedCount: Int

    /// - Precondition: one count for each cache.
    init(_ caches: [KVCache], counts: [Int]) {
        precondition(caches.count == counts.count)
        self.caches = caches
        self.counts = counts
        sharedCount = KVCache.sharedCount(caches)
    }

    /// Keeps the keys and values of the new tokens, rows of all sequences in order.
    func write(layer: Int, keys: Matrix, values: Matrix) {
        var row = 0
        for (cache, count) in zip(caches, counts) {
            cache.write(
                layer: layer, tokens: count, keys: keys.pointer + row * keys.columns,
                values: values.pointer + row * values.columns)
            row += count
        }
        withExtendedLifetime((keys, values)) {}
    }

    /// What the new tokens see, `[tokens, heads × headDimension]`.
    ///
    /// - Parameter queries: rows of all sequences in order.
    func attend(layer: Int, queries: Matrix, headCount: Int) -> Matrix {
        var attended = Matrix(uninitializedRows: queries.rows, columns: queries.columns)
        let shape = caches[0].shape
        let lists = caches.map { $0.segments(layer: layer) }
        lists.flatMap { $0 }.withUnsafeBufferPointer { segments in
            var first = 0
            var sequences: [ck_attention_sequence] = []
            for (list, count) in zip(lists, counts) {
                sequences.append(
                    ck_attention_sequence(
                        segments: segments.baseAddress.map { $0 + first },
                        segment_count: list.count, queries: count))
                first += list.count
            }
            sequences.withUnsafeBufferPointer { sequences in
                var problem = ck_attention_problem(
                    q: queries.pointer, out: attended.mutable,
                    sequences: sequences.baseAddress, sequence_count: sequences.count,
                    shared_keys: sharedCount, heads: headCount, kv_heads: shape.headCount,
                    d: shape.headDimension, q_stride: queries.columns,
                    out_stride: queries.columns, causal: true)
                ck_attention(&problem)
            }
        }
        withExtendedLifetime((queries, caches)) {}
        return attended
    }
}
