/// Sizes of the vision tower, from `config.json`.
public struct VisionConfiguration: Sendable, Equatable {
    /// Number of blocks.
    public let depth: Int
    /// Features of a patch inside the tower.
    public let hiddenSize: Int
    /// Features inside an MLP.
    public let intermediateSize: Int
    /// Attention heads.
    public let headCount: Int
    /// Width of the rows handed to the language model.
    public let outputSize: Int
    /// Colour channels, always 3.
    public let channels: Int
    /// Side of a patch in pixels.
    public let patchSize: Int
    /// Patches per side that the merger folds into one token.
    public let mergeSize: Int
    /// Frames in a patch; a still picture repeats its only one.
    public let temporalPatchSize: Int
    /// Side of an attention window in pixels.
    public let windowSize: Int
    /// Blocks that attend to the whole image; the others stay inside their window.
    public let fullAttentionBlocks: Set<Int>

    /// Side of the square grid of learned positions; `nil` for towers without (all but Qwen3-VL).
    public let positionGridSide: Int?
    /// Blocks after which a merger of its own makes rows for the language model's first layers, in
    /// rising order (Qwen3-VL).
    public let deepstackBlocks: [Int]

    /// Features of one head.
    public var headDimension: Int { hiddenSize / headCount }
    /// Patches that become one token.
    public var mergeArea: Int { mergeSize * mergeSize }
    /// Values of one row of pixels.
    public var patchValues: Int { channels * temporalPatchSize * patchSize * patchSize }

    init(_ file: JSONFile, family: ModelFamily) throws(CheckpointError) {
        let key = { (name: String) in "vision_config.\(name)" }
        let isThird = family == .qwen3VL
        depth = try file.integer(key("depth"), in: 1...256, or: isThird ? 27 : 32)
        headCount = try file.integer(key("num_heads"), in: 1...256, or: 16)
        patchSize = try file.integer(key("patch_size"), in: 2...64, or: isThird ? 16 : 14)
        mergeSize = try file.integer(key("spatial_merge_size"), in: 1...8, or: 2)
        temporalPatchSize = try file.integer(key("temporal_patch_size"), in: 1...8, or: 2)
        let channelKey = file.value(key("in_channels")) == nil ? "in_chans" : "in_channels"
        channels = try file.integer(key(channelKey), in: 3...3, or: 3)
        switch family {
        case .qwen25VL:
            hiddenSize = try file.integer(key("hidden_size"), in: 8...16_384)
            intermediateSize = try file.integer(
                key("intermediate_size"), in: 8...65_536, or: 3420)
            outputSize = try file.integer(key("out_hidden_size"), in: 8...65_536, or: 3584)
            windowSize = try file.integer(key("window_size"), in: 1...65_536, or: 112)
            fullAttentionBlocks = Set(
                try file.integers(key("fullatt_block_indexes"), in: 0...255) ?? [7, 15, 23, 31])
        case .qwen2VL:
            hiddenSize = try file.integer(key("embed_dim"), in: 8...16_384, or: 1280)
            let ratio = try file.number(key("mlp_ratio"), in: 0.25...64, or: 4)
            intermediateSize = Int(Double(hiddenSize) * ratio)
            outputSize = try file.integer(key("hidden_size"), in: 8...65_536, or: 3584)
            windowSize = patchSize * mergeSize
            fullAttentionBlocks = Set(0..<depth)
        case .qwen3VL:
            hiddenSize = try file.integer(key("hidden_size"), in: 8...16_384, or: 1152)
            intermediateSize = try file.integer(
                key("intermediate_size"), in: 8...65_536, or: 4304)
            outputSize = try file.integer(key("out_hidden_size"), in: 8...65_536, or: 3584)
            windowSize = patchSize * mergeSize
            fullAttentionBlocks = Set(0..<depth)
        }
        positionGridSide = isThird ? try Self.positionGridSide(file) : nil
        deepstackBlocks = isThird ? try Self.deepstackBlocks(file, depth: depth) : []
        let theta = try file.number(key("rope_parameters.rope_theta"), in: 1...1e12, or: 10_000)
        guard theta == 10_000 else {
            throw .unsupported(file: file.path, feature: "a vision rope of base \(theta)")
        }
        if isThird {
            let activation = try file.string(key("hidden_act")) ?? "gelu_pytorch_tanh"
            guard activation == "gelu_pytorch_tanh" else {
                throw .unsupported(
                    file: file.path, feature: "vision activation '\(printable(activation))'")
            }
        }
        guard hiddenSize % headCount == 0, (hiddenSize / headCount) % 4 == 0 else {
            throw file.wrong(
                key("num_heads"), "heads whose share of \(hiddenSize) features is a multiple of 4")
        }
        guard windowSize >= patchSize * mergeSize else {
            throw file.wrong(key("window_size"), "at least one merged cell of pixels")
        }
    }

    private static func positionGridSide(_ file: JSONFile) throws(CheckpointError) -> Int {
        let key = "vision_config.num_position_embeddings"
        let count = try file.integer(key, in: 1...4_194_304, or: 2304)
        let side = Int(Double(count).squareRoot().rounded())
        guard side * side == count else {
            throw file.wrong(key, "a square number, such as 2304 for a grid of 48×48")
        }
        return side
    }

    private static func deepstackBlocks(
        _ file: JSONFile, depth: Int
    ) throws(CheckpointError) -> [Int] {
        let key = "vision_config.deepstack_visual_indexes"
        let blocks = try file.integers(key, in: 0...(depth - 1)) ?? [8, 16, 24]
        guard zip(blocks, blocks.dropFirst()).allSatisfy({ $0 < $1 }),
            blocks.allSatisfy({ $0 < depth })
        else { throw file.wrong(key, "rising numbers of blocks below \(depth)") }
        return blocks
    }
}
