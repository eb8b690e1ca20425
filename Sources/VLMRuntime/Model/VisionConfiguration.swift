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

    /// Features of one head.
    public var headDimension: Int { hiddenSize / headCount }
    /// Patches that become one token.
    public var mergeArea: Int { mergeSize * mergeSize }
    /// Values of one row of pixels.
    public var patchValues: Int { channels * temporalPatchSize * patchSize * patchSize }

    init(_ file: JSONFile, family: ModelFamily) throws(CheckpointError) {
        let key = { (name: String) in "vision_config.\(name)" }
        depth = try file.integer(key("depth"), in: 1...256, or: 32)
        headCount = try file.integer(key("num_heads"), in: 1...256, or: 16)
        patchSize = try file.integer(key("patch_size"), in: 2...64, or: 14)
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
        }
        guard hiddenSize % headCount == 0, (hiddenSize / headCount) % 4 == 0 else {
            throw file.wrong(
                key("num_heads"), "heads whose share of \(hiddenSize) features is a multiple of 4")
        }
        guard windowSize >= patchSize * mergeSize else {
            throw file.wrong(key("window_size"), "at least one merged cell of pixels")
        }
    }
}
