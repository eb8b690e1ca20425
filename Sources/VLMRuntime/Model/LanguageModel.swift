import CKernels

/// Qwen's decoder: embedding, layers, norm, head.
///
/// Source: Qwen2.5-VL Technical Report (arXiv 2502.13923); Transformers `Qwen2_5_VLTextModel`,
/// `Qwen3VLTextModel`.
struct LanguageModel: Sendable {
    let embedding: Tensor
    var layers: [DecoderLayer]
    let norm: RMSNorm
    var head: Linear
    let configuration: TextConfiguration

    init(
        _ weights: Weights, _ configuration: TextConfiguration, _ arithmetic: Arithmetic
    ) throws(CheckpointError) {
        self.configuration = configuration
        let (vocabulary, hidden) = (configuration.vocabularySize, configuration.hiddenSize)
        embedding = try weights.tensor("embed_tokens.weight", vocabulary, hidden)
        var layers: [DecoderLayer] = []
        for index in 0..<configuration.layerCount {
            layers.append(try DecoderLayer(weights, "layers.\(index).", configuration, arithmetic))
        }
        self.layers = layers
        norm = RMSNorm(
            weight: try weights.vector("norm.weight", hidden), epsilon: configuration.normEpsilon)
        // A tied head is absent from the file: whatever config.json says, its presence decides.
        let isTied = !weights.contains("lm_head.weight")
        let headWeight =
            isTied ? embedding : try weights.tensor("lm_head.weight", vocabulary, hidden)
        head = Linear(
            name: "lm_head", weight: headWeight, bias: nil, inputSize: hidden,
            arithmetic: arithmetic, packed: try weights.packed("lm_head", vocabulary, hidden),
            tiles: try weights.tiles(isTied ? "embed_tokens.weight" : "lm_head.weight", hidden))
    }

    /// Embedding rows of tokens, `[ids.count, hiddenSize]`.
    ///
    /// - Precondition: ids lie within the vocabulary.
    func embed(_ ids: [Int32]) -> Matrix {
        guard let type = embedding.type.kernelType else { preconditionFailure("integer embedding") }
        let width = configuration.hiddenSize
        var result = Matrix(uninitializedRows: ids.count, columns: width)
        let target = result.mutable
        for (row, id) in ids.enumerated() {
            precondition(id >= 0 && id < configuration.vocabularySize, "token \(id) has no row")
            let source = embedding.pointer + embedding.type.byteCount(of: Int(id) * width)
            ck_expand(target + row * width, source, type, width)
        }
        return result
    }

    /// Reads tokens after those in the cache.
    ///
    /// - Parameters:
    ///   - input: the tokens' rows.
    ///   - cache: grows by the tokens.
    ///   - afterLayer: called with the number of layers done; may throw to stop, which leaves the
    ///     cache unusable.
    /// - Returns: the last layer's rows, before the final norm.
    func callAsFunction<Failure: Error>(
        _ input: InputRows, at positions: MultimodalPositions, cache: inout KVCache,
        afterLayer: (Int) throws(Failure) -> Void
    ) throws(Failure) -> Matrix {
        cache.extend(by: input.count)
        let sequences = CachedSequences([cache], counts: [input.count])
        return try self(input, at: positions, sequences, afterLayer: afterLayer)
    }

    /// Reads tokens of text after those in the cache, `[tokens, hiddenSize]`.
    func callAsFunction<Failure: Error>(
        _ embeddings: Matrix, at positions: MultimodalPositions, cache: inout KVCache,
        afterLayer: (Int) throws(Failure) -> Void
    ) throws(Failure) -> Matrix {
        try self(InputRows(embeddings), at: positions, cache: &cache, afterLayer: afterLayer)
    }

    /// Reads the next tokens of several conversations.
    ///
    /// - Parameters:
    ///   - input: the tokens' rows, those of all sequences in order.
    ///   - positions: of the same tokens.
    ///   - sequences: caches that have room for the tokens.
    /// - Returns: the last layer's rows, before the final norm.
    func callAsFunction<Failure: Error>(
        _ input: InputRows, at positions: MultimodalPositions, _ sequences: CachedSequences,
        afterLayer: (Int) throws(Failure) -> Void
    ) throws(Failure) -> Matrix {
        var x = input.embeddings
        let rope = positions.rotaryTable(configuration)
        for (index, layer) in layers.enumerated() {
            layer(&x, rope, sequences, layer: index)
            input.addDeepstack(to: &x, behind: index)
            try afterLayer(index + 1)
        }
        return x
    }

    /// Every linear layer, the head last.
    var linears: [Linear] {
        layers.flatMap { layer in
            [
                layer.attention.query, layer.attention.key, layer.attention.value,
                layer.attention.output, layer.mlp.gate, layer.mlp.up, layer.mlp.down,
            ]
        } + [head]
    }

    /// Logits of rows, `[rows, vocabularySize]`.
    func logits(_ x: Matrix) -> Matrix { head(norm(x)) }
}

/// One decoder layer: attention, then an MLP, each behind a norm.
struct DecoderLayer: Sendable {
    let attentionNorm: RMSNorm
    var attention: Attention
    let mlpNorm: RMSNorm
    var mlp: SwiGLU

    init(
        _ weights: Weights, _ prefix: String, _ configuration: TextConfiguration,
        _ arithmetic: Arithmetic
    ) throws(CheckpointError) {
        let (hidden, inner) = (configuration.hiddenSize, configuration.intermediateSize)
        attentionNorm = RMSNorm(
            weight: try weights.vector(prefix + "input_layernorm.weight", hidden),
            epsilon: configuration.normEpsilon)
        attention = try Attention(weights, prefix + "self_attn.", configuration, arithmetic)
        mlpNorm = RMSNorm(
            weight: try weights.vector(prefix + "post_attention_layernorm.weight", hidden),
            epsilon: configuration.normEpsilon)
        mlp = SwiGLU(
            gate: try Linear(
                weights, prefix + "mlp.gate_proj", hidden, inner, hasBias: false,
                arithmetic: arithmetic),
            up: try Linear(
                weights, prefix + "mlp.up_proj", hidden, inner, hasBias: false,
                arithmetic: arithmetic),
            down: try Linear(
                weights, prefix + "mlp.down_proj", inner, hidden, hasBias: false,
                arithmetic: arithmetic))
    }

    /// - Parameters:
    ///   - x: `[tokens, hiddenSize]`, updated in place.
    ///   - layer: this layer's number in the caches.
    func callAsFunction(
        _ x: inout Matrix, _ rope: RotaryTable, _ sequences: CachedSequences, layer: Int
    ) {
        x += attention(attentionNorm(x), rope, sequences, layer: layer)
        x += mlp(mlpNorm(x))
    }
}

/// Causal attention with fewer key and value heads than query heads (GQA).
///
/// Qwen3-VL has no biases but norms each head of queries and keys before it turns.
struct Attention: Sendable {
    var query: Linear
    var key: Linear
    var value: Linear
    var output: Linear
    let queryNorm: RMSNorm?
    let keyNorm: RMSNorm?
    private let headCount: Int
    private let keyValueHeadCount: Int
    private let headDimension: Int

    init(
        _ weights: Weights, _ prefix: String, _ configuration: TextConfiguration,
        _ arithmetic: Arithmetic
    ) throws(CheckpointError) {
        headCount = configuration.headCount
        keyValueHeadCount = configuration.keyValueHeadCount
        headDimension = configuration.headDimension
        let hidden = configuration.hiddenSize
        let (wide, narrow) = (configuration.queryWidth, configuration.keyValueWidth)
        let hasBias = configuration.hasAttentionBias
        query = try Linear(
            weights, prefix + "q_proj", hidden, wide, hasBias: hasBias, arithmetic: arithmetic)
        key = try Linear(
            weights, prefix + "k_proj", hidden, narrow, hasBias: hasBias, arithmetic: arithmetic)
        value = try Linear(
            weights, prefix + "v_proj", hidden, narrow, hasBias: hasBias, arithmetic: arithmetic)
        output = try Linear(
            weights, prefix + "o_proj", wide, hidden, hasBias: false, arithmetic: arithmetic)
        func norm(_ name: String) throws(CheckpointError) -> RMSNorm? {
            guard configuration.normalizesHeads else { return nil }
            return RMSNorm(
                weight: try weights.vector("\(prefix)\(name).weight", configuration.headDimension),
                epsilon: configuration.normEpsilon)
        }
        queryNorm = try norm("q_norm")
        keyNorm = try norm("k_norm")
    }

    /// - Parameter x: `[tokens, hiddenSize]`, the new tokens of the sequences.
    func callAsFunction(
        _ x: Matrix, _ rope: RotaryTable, _ sequences: CachedSequences, layer: Int
    ) -> Matrix {
        let projected = Linear.together(x, [query, key, value])
        let (q, k) = (queries(projected[0], rope), keys(projected[1], rope))
        sequences.write(layer: layer, keys: k, values: projected[2])
        return output(sequences.attend(layer: layer, queries: q, headCount: headCount))
    }

    /// Projected queries as they are compared: normed where the family does that, and turned.
    func queries(_ projected: Matrix, _ rope: RotaryTable) -> Matrix {
        var q = queryNorm?.perHead(projected) ?? projected
        rope.turn(&q, heads: headCount, headDimension: headDimension)
        return q
    }

    /// Projected keys as they are compared and remembered.
    func keys(_ projected: Matrix, _ rope: RotaryTable) -> Matrix {
        var k = keyNorm?.perHead(projected) ?? projected
        rope.turn(&k, heads: keyValueHeadCount, headDimension: headDimension)
        return k
    }
}
