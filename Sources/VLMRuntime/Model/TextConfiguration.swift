/// Sizes of the language model, from `config.json`.
public struct TextConfiguration: Sendable, Equatable {
    /// Features of a token.
    public let hiddenSize: Int
    /// Features inside an MLP.
    public let intermediateSize: Int
    /// Number of decoder layers.
    public let layerCount: Int
    /// Query heads.
    public let headCount: Int
    /// Key and value heads, shared by groups of query heads.
    public let keyValueHeadCount: Int
    /// Features of one head.
    public let headDimension: Int
    /// Whether queries, keys and values have biases: not in Qwen3-VL.
    public let hasAttentionBias: Bool
    /// Whether every head of queries and keys is normalised before it turns: only in Qwen3-VL.
    public let normalizesHeads: Bool
    /// Rows of the embedding, padding included.
    public let vocabularySize: Int
    /// ε of every RMSNorm.
    public let normEpsilon: Float
    /// Base of the rotary frequencies.
    public let ropeTheta: Double
    /// How many rotary frequencies follow the time, height and width position.
    public let ropeSections: [Int]
    /// Which position turns each rotary frequency: 0 time, 1 height, 2 width.
    public let ropeAxes: [Int]
    /// Longest sequence in tokens.
    public let contextLength: Int

    /// Features of all query heads together.
    public var queryWidth: Int { headCount * headDimension }
    /// Features of all key heads together; as many of the value heads.
    public var keyValueWidth: Int { keyValueHeadCount * headDimension }

    /// Reads the nested layout (`text_config`) or the flat one.
    init(_ file: JSONFile, family: ModelFamily) throws(CheckpointError) {
        let prefix = file.value("text_config") == nil ? "" : "text_config."
        hiddenSize = try file.integer(prefix + "hidden_size", in: 8...65_536)
        intermediateSize = try file.integer(prefix + "intermediate_size", in: 8...1_048_576)
        layerCount = try file.integer(prefix + "num_hidden_layers", in: 1...512)
        headCount = try file.integer(prefix + "num_attention_heads", in: 1...1024)
        keyValueHeadCount = try file.integer(
            prefix + "num_key_value_heads", in: 1...1024, or: headCount)
        vocabularySize = try file.integer(prefix + "vocab_size", in: 1...2_000_000)
        // The class default (1e-5) is wrong for every published checkpoint: the key is required.
        normEpsilon = Float(try file.number(prefix + "rms_norm_eps", in: 1e-12...1e-2))
        contextLength = try file.integer(
            prefix + "max_position_embeddings", in: 16...16_777_216, or: 32_768)
        let isThird = family == .qwen3VL
        hasAttentionBias = !isThird
        normalizesHeads = isThird
        if isThird {
            headDimension = try file.integer(prefix + "head_dim", in: 2...1024, or: 128)
        } else {
            guard hiddenSize % headCount == 0 else {
                throw file.wrong(
                    prefix + "num_attention_heads",
                    "heads of an even share of \(hiddenSize) features")
            }
            headDimension = hiddenSize / headCount
        }
        ropeTheta = try Self.ropeTheta(file, prefix, or: isThird ? 5e5 : 1e6)
        ropeSections = try Self.ropeSections(
            file, prefix, or: isThird ? [24, 20, 20] : [16, 24, 24])
        ropeAxes =
            isThird ? Self.interleavedAxes(ropeSections) : Self.contiguousAxes(ropeSections)
        try check(file, prefix)
        if isThird { try checkThird(file, prefix) }
    }

    /// Time first, then height, then width.
    private static func contiguousAxes(_ sections: [Int]) -> [Int] {
        sections.enumerated().flatMap { axis, length in Array(repeating: axis, count: length) }
    }

    /// Time, height, width in turn, and time alone once the others have their number.
    private static func interleavedAxes(_ sections: [Int]) -> [Int] {
        (0..<sections.reduce(0, +)).map { frequency in
            let axis = frequency % 3
            return frequency < 3 * sections[axis] ? axis : 0
        }
    }

    private func check(_ file: JSONFile, _ prefix: String) throws(CheckpointError) {
        guard headDimension % 2 == 0 else {
            throw file.wrong(
                prefix + (normalizesHeads ? "head_dim" : "num_attention_heads"),
                "heads of an even number of features")
        }
        guard headCount % keyValueHeadCount == 0 else {
            throw file.wrong(prefix + "num_key_value_heads", "a divisor of \(headCount)")
        }
        guard ropeSections.reduce(0, +) == headDimension / 2 else {
            throw file.wrong(
                Self.sectionsKey(file, prefix), "sections that add up to \(headDimension / 2)")
        }
        let activation = try file.string(prefix + "hidden_act") ?? "silu"
        guard activation == "silu" else {
            throw .unsupported(file: file.path, feature: "activation '\(printable(activation))'")
        }
        if try file.bool(prefix + "use_sliding_window") ?? false {
            throw .unsupported(file: file.path, feature: "sliding-window attention")
        }
    }

    /// What only Qwen3-VL's configuration can get wrong.
    private func checkThird(_ file: JSONFile, _ prefix: String) throws(CheckpointError) {
        let counts = (0..<3).map { axis in ropeAxes.count { $0 == axis } }
        guard counts == ropeSections else {
            throw file.wrong(
                Self.sectionsKey(file, prefix),
                "sections that can take turns, time having the longest")
        }
        for name in ["rope_parameters", "rope_scaling"] {
            guard try file.bool("\(prefix)\(name).mrope_interleaved") ?? true else {
                throw .unsupported(
                    file: file.path, feature: "a Qwen3-VL with contiguous rope sections")
            }
        }
        if try file.bool(prefix + "attention_bias") ?? false {
            throw .unsupported(file: file.path, feature: "a Qwen3-VL with biases in its attention")
        }
    }

    private static func sectionsKey(_ file: JSONFile, _ prefix: String) -> String {
        let name =
            file.value(prefix + "rope_parameters") == nil ? "rope_scaling" : "rope_parameters"
        return "\(prefix)\(name).mrope_section"
    }

    /// Three spellings are in use: `rope_theta` beside `rope_scaling`, or `rope_parameters`.
    static func ropeTheta(
        _ file: JSONFile, _ prefix: String, or fallback: Double
    ) throws(CheckpointError) -> Double {
        let nested = prefix + "rope_parameters.rope_theta"
        let key = file.value(nested) == nil ? prefix + "rope_theta" : nested
        return try file.number(key, in: 1...1e12, or: fallback)
    }

    private static func ropeSections(
        _ file: JSONFile, _ prefix: String, or fallback: [Int]
    ) throws(CheckpointError) -> [Int] {
        for name in ["rope_parameters", "rope_scaling"] {
            let key = prefix + name
            guard file.value(key) != nil else { continue }
            for typeKey in ["\(key).rope_type", "\(key).type"] {
                let type = try file.string(typeKey) ?? "default"
                guard type == "default" || type == "mrope" else {
                    throw .unsupported(file: file.path, feature: "rope type '\(printable(type))'")
                }
            }
            if let sections = try file.integers("\(key).mrope_section", in: 0...4096) {
                guard sections.count == 3 else {
                    throw file.wrong("\(key).mrope_section", "three sections")
                }
                return sections
            }
        }
        return fallback
    }
}
