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
    /// Rows of the embedding, padding included.
    public let vocabularySize: Int
    /// ε of every RMSNorm.
    public let normEpsilon: Float
    /// Base of the rotary frequencies.
    public let ropeTheta: Double
    /// How many rotary frequencies follow the time, height and width position.
    public let ropeSections: [Int]
    /// Longest sequence in tokens.
    public let contextLength: Int

    /// Features of one head.
    public var headDimension: Int { hiddenSize / headCount }

    /// Reads the nested layout (`text_config`) or the flat one.
    init(_ file: JSONFile) throws(CheckpointError) {
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
        ropeTheta = try Self.ropeTheta(file, prefix)
        ropeSections = try Self.ropeSections(file, prefix)
        try check(file, prefix)
    }

    private func check(_ file: JSONFile, _ prefix: String) throws(CheckpointError) {
        guard hiddenSize % headCount == 0, headDimension % 2 == 0 else {
            throw file.wrong(
                prefix + "num_attention_heads", "heads of an even share of \(hiddenSize) features")
        }
        guard headCount % keyValueHeadCount == 0 else {
            throw file.wrong(prefix + "num_key_value_heads", "a divisor of \(headCount)")
        }
        guard ropeSections.reduce(0, +) == headDimension / 2 else {
            throw file.wrong(
                prefix + "rope_scaling", "sections that add up to \(headDimension / 2)")
        }
        let activation = try file.string(prefix + "hidden_act") ?? "silu"
        guard activation == "silu" else {
            throw .unsupported(file: file.path, feature: "activation '\(printable(activation))'")
        }
        if try file.bool(prefix + "use_sliding_window") ?? false {
            throw .unsupported(file: file.path, feature: "sliding-window attention")
        }
    }

    /// Three spellings are in use: `rope_theta` beside `rope_scaling`, or `rope_parameters`.
    static func ropeTheta(
        _ file: JSONFile, _ prefix: String
    ) throws(CheckpointError) -> Double {
        let nested = prefix + "rope_parameters.rope_theta"
        let key = file.value(nested) == nil ? prefix + "rope_theta" : nested
        return try file.number(key, in: 1...1e12, or: 1e6)
    }

    private static func ropeSections(
        _ file: JSONFile, _ prefix: String
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
        return [16, 24, 24]
    }
}
