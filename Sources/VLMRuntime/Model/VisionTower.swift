import CKernels

/// Turns the patches of one picture into rows the language model can read.
///
/// Patch embedding, blocks with window or full attention, a merger that folds 2×2 patches into one
/// row. Qwen3-VL adds learned positions to the patches and takes rows out behind some blocks, each
/// through a merger of its own (deepstack). Source: Qwen2.5-VL Technical Report (arXiv 2502.13923);
/// Transformers `Qwen2_5_VisionTransformer`, `Qwen3VLVisionModel`.
struct VisionTower: Sendable {
    let patchEmbedding: Linear
    let blocks: [VisionBlock]
    let merger: PatchMerger
    let positions: PositionGrid?
    /// Mergers of the rows for the language model's first layers, by the block they follow.
    let deepstack: [Int: PatchMerger]
    private let configuration: VisionConfiguration

    init(
        _ weights: Weights, _ configuration: ModelConfiguration, _ arithmetic: Arithmetic
    ) throws(CheckpointError) {
        let vision = configuration.vision
        self.configuration = vision
        let projection = try weights.tensor(
            "visual.patch_embed.proj.weight", vision.hiddenSize, vision.channels,
            vision.temporalPatchSize, vision.patchSize, vision.patchSize)
        // Pixels keep their full precision; this product is a five-hundredth of the work.
        patchEmbedding = Linear(
            name: "visual.patch_embed.proj", weight: projection,
            bias: configuration.family == .qwen3VL
                ? try weights.vector("visual.patch_embed.proj.bias", vision.hiddenSize) : nil,
            inputSize: vision.patchValues, arithmetic: .float32)
        var blocks: [VisionBlock] = []
        for index in 0..<vision.depth {
            blocks.append(
                try VisionBlock(
                    weights, "visual.blocks.\(index).", vision, configuration.family,
                    isFullAttention: vision.fullAttentionBlocks.contains(index), arithmetic))
        }
        self.blocks = blocks
        merger = try PatchMerger(
            weights, "visual.merger.", vision, configuration.family, arithmetic)
        if let side = vision.positionGridSide {
            positions = PositionGrid(
                table: try weights.tensor(
                    "visual.pos_embed.weight", side * side, vision.hiddenSize), side: side)
        } else {
            positions = nil
        }
        var deepstack: [Int: PatchMerger] = [:]
        for (level, block) in vision.deepstackBlocks.enumerated() {
            deepstack[block] = try PatchMerger(
                weights, "visual.deepstack_merger_list.\(level).", vision, configuration.family,
                normsCells: true, arithmetic)
        }
        self.deepstack = deepstack
    }

    /// - Parameters:
    ///   - image: patches in merge-block order.
    ///   - afterBlock: called with the number of blocks done; may throw to stop.
    /// - Returns: `[cells, outputSize × (1 + levels)]` in raster order of the merged cells: what stands
    ///   for the cell, then what is added to it behind the language model's first layers.
    func callAsFunction<Failure: Error>(
        _ image: PreprocessedImage, afterBlock: (Int) throws(Failure) -> Void
    ) throws(Failure) -> Matrix {
        let layout = windowLayout(of: image.grid)
        let area = configuration.mergeArea
        let rope = rotaryTable(of: image.grid).permuted(groups: layout.cellOrder, size: area)
        var x = patchEmbedding(image.pixelValues)
        if let positions { x += positions(image.grid, mergeSize: configuration.mergeSize) }
        x = x.permuted(groups: layout.cellOrder, size: area)
        var levels: [Matrix] = []
        for (index, block) in blocks.enumerated() {
            block(&x, rope, layout)
            if let merger = deepstack[index] { levels.append(merger(x)) }
            try afterBlock(index + 1)
        }
        return Matrix(beside: [merger(x)] + levels).scattered(to: layout.cellOrder)
    }

    /// Every linear layer that may be packed: all but the patch embedding.
    var linears: [Linear] {
        blocks.flatMap { block in
            [block.attention.queryKeyValue, block.attention.output] + block.mlp.linears
        }
            + ([merger] + configuration.deepstackBlocks.compactMap { deepstack[$0] })
            .flatMap { [$0.first, $0.second] }
    }

    func windowLayout(of grid: PatchGrid) -> WindowLayout {
        let cells = configuration.windowSize / configuration.patchSize / configuration.mergeSize
        return WindowLayout(grid: grid, mergeSize: configuration.mergeSize, cellsPerSide: cells)
    }

    /// Half the frequencies turn with the row of a patch, half with its column.
    func rotaryTable(of grid: PatchGrid) -> RotaryTable {
        let half = configuration.headDimension / 2
        let frequencies = RotaryTable.inverseFrequencies(theta: 10_000, dimension: half)
        let order = MergeBlockOrder(grid, mergeSize: configuration.mergeSize)
        return RotaryTable(rows: grid.patchCount, half: half) { row, frequency in
            let quarter = half / 2
            let place = order.patch(at: row)
            let coordinate = frequency < quarter ? place.row : place.column
            return Float(coordinate) * frequencies[frequency % quarter]
        }
    }
}
