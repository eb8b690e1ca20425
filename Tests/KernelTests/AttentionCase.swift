import CKernels

/// Sequences with a common beginning, their keys and values stored and cut as a test wishes.
struct AttentionCase {
    struct Shape {
        var queries: Int
        var keys: Int
        var heads: Int
        var kvHeads: Int
        var d: Int
        var causal: Bool
    }

    let shape: Shape
    let type: ck_kv_type
    /// `[sequences][queries × heads × d]`.
    private let q: [[Float]]
    /// Stored keys and values of each sequence, with their scales.
    private let stored: [[(bytes: [UInt8], scales: [Float])]]

    /// - Parameter shared: leading keys that are equal in all sequences.
    init(
        _ shape: Shape, sequences: Int = 1, shared: Int = 0, type: ck_kv_type = CK_KV_F32,
        seed: UInt64
    ) {
        self.shape = shape
        self.type = type
        var numbers = Numbers(seed: seed)
        let width = shape.kvHeads * shape.d
        let common = (0..<2).map { _ in numbers.floats(shared * width) }
        q = (0..<sequences).map { _ in
            numbers.floats(shape.queries * shape.heads * shape.d, scale: 3)
        }
        stored = (0..<sequences).map { _ in
            common.map { start in
                let values = start + numbers.floats((shape.keys - shared) * width)
                var bytes = [UInt8](repeating: 0, count: values.count * ck_kv_type_size(type))
                var scales = [Float](repeating: 0, count: shape.keys * shape.kvHeads)
                ck_kv_store(&bytes, &scales, values, type, shape.keys, shape.kvHeads, shape.d)
                return (bytes, scales)
            }
        }
    }

    /// Runs some of the sequences together and returns the rows of each.
    ///
    /// - Parameters:
    ///   - cuts: where the keys are cut into segments, ascending.
    ///   - lastQueries: how many of the last queries are asked for; all when `nil`.
    ///   - shared: what the call is told about common keys; the memory of the first sequence then
    ///     serves them all.
    func run(
        _ sequences: Range<Int>, cuts: [Int] = [], lastQueries: Int? = nil, shared: Int = 0,
        function: (UnsafePointer<ck_attention_problem>) -> Void = ck_attention
    ) -> [[Float]] {
        let asked = lastQueries ?? shape.queries
        let width = shape.heads * shape.d
        let queries = sequences.flatMap { q[$0].suffix(asked * width) }
        var out = [Float](repeating: .nan, count: queries.count)
        let ends = cuts + [shape.keys]
        let starts = [0] + cuts
        let segments = UnsafeMutablePointer<ck_kv_segment>.allocate(
            capacity: sequences.count * ends.count)
        defer { segments.deallocate() }
        var kept: [UnsafeMutableRawPointer] = []
        defer { for memory in kept { memory.deallocate() } }
        var problems: [ck_attention_sequence] = []
        for (index, sequence) in sequences.enumerated() {
            for (part, (start, end)) in zip(starts, ends).enumerated() {
                // Each segment in memory of its own, so that reading past its end shows.
                let (k, kScales) = copy(stored[sequence][0], start..<end, &kept)
                let (v, vScales) = copy(stored[sequence][1], start..<end, &kept)
                segments[index * ends.count + part] = ck_kv_segment(
                    k: k, v: v, k_scales: kScales, v_scales: vScales, keys: end - start,
                    stride: shape.kvHeads * shape.d, type: type)
            }
            problems.append(
                ck_attention_sequence(
                    segments: segments + index * ends.count, segment_count: ends.count,
                    queries: asked))
        }
        queries.withUnsafeBufferPointer { q in
            out.withUnsafeMutableBufferPointer { out in
                problems.withUnsafeBufferPointer { problems in
                    var problem = ck_attention_problem(
                        q: q.baseAddress, out: out.baseAddress, sequences: problems.baseAddress,
                        sequence_count: problems.count, shared_keys: shared, heads: shape.heads,
                        kv_heads: shape.kvHeads, d: shape.d, q_stride: width, out_stride: width,
                        causal: shape.causal)
                    function(&problem)
                }
            }
        }
        return (0..<sequences.count).map {
            Array(out[$0 * asked * width..<($0 + 1) * asked * width])
        }
    }

    private func copy(
        _ source: (bytes: [UInt8], scales: [Float]), _ keys: Range<Int>,
        _ kept: inout [UnsafeMutableRawPointer]
    ) -> (UnsafeRawPointer, UnsafePointer<Float>) {
        let row = shape.kvHeads * shape.d * ck_kv_type_size(type)
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: max(1, keys.count * row), alignment: 64)
        let scales = UnsafeMutableRawPointer.allocate(
            byteCount: max(1, keys.count * shape.kvHeads * 4), alignment: 64)
        kept += [memory, scales]
        source.bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            memory.copyMemory(from: base + keys.lowerBound * row, byteCount: keys.count * row)
        }
        source.scales.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            scales.copyMemory(
                from: base + keys.lowerBound * shape.kvHeads * 4,
                byteCount: keys.count * shape.kvHeads * 4)
        }
        return (UnsafeRawPointer(memory), UnsafePointer(scales.assumingMemoryBound(to: Float.self)))
    }
}
