import CKernels

/// One block of the vision tower: attention inside segments, then an MLP.
struct VisionBlock: Sendable {
    let attentionNorm: VisionNorm
    let attention: VisionAttention
    let mlpNorm: VisionNorm
    let mlp: VisionMLP

    init(
        _ weights: Weights, _ prefix: String, _ configuration: VisionConfiguration,
        _ family: ModelFamily, isFullAttention: Bool, _ arithmetic: Arithmetic
    ) throws(CheckpointError) {
        let size = configuration.hiddenSize
        attentionNorm = try VisionNorm(weights, prefix + "norm1", size, family)
        attention = VisionAttention(
            queryKeyValue: try Linear(
                weights, prefix + "attn.qkv", size, 3 * size, arithmetic: arithmetic),
            output: try Linear(weights, prefix + "attn.proj", size, size, arithmetic: arithmetic),
            headCount: configuration.headCount, isFull: isFullAttention)
        mlpNorm = try VisionNorm(weights, prefix + "norm2", size, family)
        mlp = try VisionMLP(weights, prefix + "mlp.", configuration, family, arithmetic)
    }

    /// - Parameter x: `[patches, hiddenSize]` in window order, updated in place.
    func callAsFunction(_ x: inout Matrix, _ rope: RotaryTable, _ layout: WindowLayout) {
        x += attention(attentionNorm(x), rope, layout)
        x += mlp(mlpNorm(x))
    }
}

/// RMSNorm in Qwen2.5-VL, LayerNorm in Qwen2-VL and Qwen3-VL; ε is 1e-6 in every checkpoint.
enum VisionNorm: Sendable {
    case rms(RMSNorm)
    case layer(LayerNorm)

    init(
        _ weights: Weights, _ name: String, _ size: Int, _ family: ModelFamily
    ) throws(CheckpointError) {
        let weight = try weights.vector(name + ".weight", size)
        switch family {
        case .qwen25VL: self = .rms(RMSNorm(weight: weight, epsilon: 1e-6))
        case .qwen2VL, .qwen3VL:
            let bias = try weights.vector(name + ".bias", size)
            self = .layer(LayerNorm(weight: weight, bias: bias, epsilon: 1e-6))
        }
    }

    func callAsFunction(_ x: Matrix) -> Matrix {
        switch self {
        case .rms(let norm): norm(x)
        case .layer(let norm): norm(x)
        }
    }
}

/// Attention of patches inside their window, or of the whole picture.
struct VisionAttention: Sendable {
    let queryKeyValue: Linear
    let output: Linear
    let headCount: Int
    let isFull: Bool

    func callAsFunction(_ x: Matrix, _ rope: RotaryTable, _ layout: WindowLayout) -> Matrix {
        let width = x.columns
        let head = width / headCount
        var qkv = queryKeyValue(x)
        let base = qkv.mutable
        for offset in [0, width] {  // queries and keys turn, values do not
            ck_rope(
                base + offset, rope.cosine.pointer, rope.sine.pointer, x.rows, headCount, head,
                3 * width)
        }
        var attended = Matrix(uninitializedRows: x.rows, columns: width)
        let segments = (isFull ? [layout.whole] : layout.windows).map { patches in
            let start = base + patches.lowerBound * 3 * width
            return ck_kv_segment(
                k: start + width, v: start + 2 * width, k_scales: nil, v_scales: nil,
                keys: patches.count, stride: 3 * width, type: CK_KV_F32)
        }
        segments.withUnsafeBufferPointer { segments in
            // The rows are in window order: each window's queries follow those of the one before.
            let sequences = segments.indices.map { index in
                ck_attention_sequence(
                    segments: segments.baseAddress.map { $0 + index }, segment_count: 1,
                    queries: segments[index].keys)
            }
            sequences.withUnsafeBufferPointer { sequences in
                var problem = ck_attention_problem(
                    q: base, out: attended.mutable, sequences: sequences.baseAddress,
                    sequence_count: sequences.count, shared_keys: 0, heads: headCount,
                    kv_heads: headCount, d: head, q_stride: 3 * width, out_stride: width,
                    causal: false)
                ck_attention(&problem)
            }
        }
        withExtendedLifetime((qkv, rope)) {}
        return output(attended)
    }
}

/// SwiGLU with biases in Qwen2.5-VL, two layers around a GELU in Qwen2-VL and Qwen3-VL.
enum VisionMLP: Sendable {
    case gated(SwiGLU)
    case plain(Linear, GELU, Linear)

    init(
        _ weights: Weights, _ prefix: String, _ configuration: VisionConfiguration,
        _ family: ModelFamily, _ arithmetic: Arithmetic
    ) throws(CheckpointError) {
        let (size, inner) = (configuration.hiddenSize, configuration.intermediateSize)
        switch family {
        case .qwen25VL:
            self = .gated(
                SwiGLU(
                    gate: try Linear(
                        weights, prefix + "gate_proj", size, inner, arithmetic: arithmetic),
                    up: try Linear(
                        weights, prefix + "up_proj", size, inner, arithmetic: arithmetic),
                    down: try Linear(
                        weights, prefix + "down_proj", inner, size, arithmetic: arithmetic)))
        case .qwen2VL, .qwen3VL:
            let name = prefix + (family == .qwen2VL ? "fc" : "linear_fc")
            self = .plain(
                try Linear(weights, name + "1", size, inner, arithmetic: arithmetic),
                family == .qwen2VL ? .quick : .tanh,
                try Linear(weights, name + "2", inner, size, arithmetic: arithmetic))
        }
    }

    var linears: [Linear] {
        switch self {
        case .gated(let mlp): [mlp.gate, mlp.up, mlp.down]
        case .plain(let first, _, let second): [first, second]
        }
    }

    func callAsFunction(_ x: Matrix) -> Matrix {
        switch self {
        case .gated(let mlp): return mlp(x)
        case .plain(let first, let gelu, let second): return second(gelu(first(x)))
        }
    }
}

/// Folds the patches of a cell into one row of the language model's width.
struct PatchMerger: Sendable {
    let norm: VisionNorm
    let first: Linear
    let second: Linear
    /// Whether the norm sees a cell as one row instead of its patches (deepstack).
    private let normsCells: Bool
    private let area: Int

    /// - Parameter prefix: of its tensors, such as `visual.merger.`.
    init(
        _ weights: Weights, _ prefix: String, _ configuration: VisionConfiguration,
        _ family: ModelFamily, normsCells: Bool = false, _ arithmetic: Arithmetic
    ) throws(CheckpointError) {
        area = configuration.mergeArea
        self.normsCells = normsCells
        let (size, wide) = (configuration.hiddenSize, configuration.hiddenSize * area)
        let names =
            family == .qwen3VL ? ["norm", "linear_fc1", "linear_fc2"] : ["ln_q", "mlp.0", "mlp.2"]
        norm = try VisionNorm(weights, prefix + names[0], normsCells ? wide : size, family)
        first = try Linear(weights, prefix + names[1], wide, wide, arithmetic: arithmetic)
        second = try Linear(
            weights, prefix + names[2], wide, configuration.outputSize, arithmetic: arithmetic)
    }

    /// - Parameter x: `[patches, hiddenSize]`.
    /// - Returns: `[patches / area, outputSize]`, in the same order.
    func callAsFunction(_ x: Matrix) -> Matrix {
        func cells(_ x: Matrix) -> Matrix {
            x.reshaped(rows: x.rows / area, columns: x.columns * area)
        }
        let normed = normsCells ? norm(cells(x)) : cells(norm(x))
        return second(GELU.exact(first(normed)))
    }
}
