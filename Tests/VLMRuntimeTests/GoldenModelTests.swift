import Foundation
import Testing

@testable import VLMRuntime

/// Every intermediate tensor of the reference, for the three tiny checkpoints.
///
/// A wrong window order, rope section or norm shows here at the first tensor it touches; generated
/// text alone would only show that something is wrong.
struct GoldenModelTests {
    private let golden: [String: Tensor]

    init() throws { golden = try Golden.tensors() }

    private func images() throws -> [PreprocessedImage] {
        let pixels = try #require(golden["pixel_values"])
        let grids = try #require(golden["image_grid_thw"]).integers()
        let values = Matrix(
            rows: pixels.shape[0], columns: pixels.shape[1], values: pixels.floats())
        var start = 0
        return (0..<grids.count / 3).map { image in
            let grid = PatchGrid(
                time: grids[3 * image], height: grids[3 * image + 1], width: grids[3 * image + 2])
            defer { start += grid.patchCount }
            let geometry = ImageGeometry(
                originalWidth: 0, originalHeight: 0, resizedWidth: 0, resizedHeight: 0)
            return PreprocessedImage(
                pixelValues: values.rows(start..<start + grid.patchCount), grid: grid,
                geometry: geometry)
        }
    }

    private func ids(_ name: String) throws -> [Int32] {
        try #require(golden[name]).integers().map(Int32.init)
    }

    @Test func windowsAndCoordinatesAreThoseOfTheReference() throws {
        let parts = try Golden.parts("ckpt-new")
        var order: [Int] = []
        var bounds = [0]
        var coordinates: [Int] = []
        for image in try images() {
            let layout = parts.vision.windowLayout(of: image.grid)
            let (cells, patches) = (order.count, bounds[bounds.count - 1])
            order += layout.cellOrder.map { $0 + cells }
            bounds += layout.windows.map { $0.upperBound + patches }
            let order = MergeBlockOrder(image.grid, mergeSize: 2)
            coordinates += (0..<image.grid.patchCount).flatMap { index in
                let place = order.patch(at: index)
                return [place.row, place.column]
            }
        }
        #expect(order == golden["vis.window_index"]?.integers())
        #expect(bounds == golden["vis.cu_window_seqlens"]?.integers())
        #expect(coordinates == golden["vis.position_ids_hw"]?.integers())
    }

    @Test(arguments: ["ckpt-new", "ckpt-old"])
    func everyVisionBlockMatches(checkpoint: String) throws {
        let parts = try Golden.parts(checkpoint)
        var blocks = [[Matrix]](repeating: [], count: parts.vision.blocks.count)
        var (norms, attentions, mlps) = ([Matrix](), [Matrix](), [Matrix]())
        var embedded: [Matrix] = []
        var merged: [Matrix] = []
        for image in try images() {
            let layout = parts.vision.windowLayout(of: image.grid)
            let rope = parts.vision.rotaryTable(of: image.grid)
                .permuted(groups: layout.cellOrder, size: 4)
            embedded.append(parts.vision.patchEmbedding(image.pixelValues))
            var x = embedded[embedded.count - 1].permuted(groups: layout.cellOrder, size: 4)
            for (index, block) in parts.vision.blocks.enumerated() {
                let normed = block.attentionNorm(x)
                let attended = block.attention(normed, rope, layout)
                var y = x
                y += attended
                let mlp = block.mlp(block.mlpNorm(y))
                y += mlp
                if index == 0 {
                    norms.append(normed)
                    attentions.append(attended)
                    mlps.append(mlp)
                }
                block(&x, rope, layout)
                #expect(x.values == y.values, "the block is the sum of its parts")
                blocks[index].append(x)
            }
            merged.append(parts.vision.merger(x))
        }
        expectClose(stacked(embedded), golden["vis.patch_embed"], "patch embedding")
        expectClose(stacked(norms), golden["vis.block0.norm1"], "first norm")
        expectClose(stacked(attentions), golden["vis.block0.attn"], "window attention")
        expectClose(stacked(mlps), golden["vis.block0.mlp"], "first MLP")
        for (index, outputs) in blocks.enumerated() {
            expectClose(stacked(outputs), golden["vis.block\(index).out"], "block \(index)")
        }
        expectClose(stacked(merged), golden["vis.merger_window_order"], "merger")
    }

    @Test(arguments: ["ckpt-new", "ckpt-old"])
    func pictureRowsMatch(checkpoint: String) throws {
        let parts = try Golden.parts(checkpoint)
        let rows = try images().map { image in parts.vision(image) { _ in } }
        expectClose(stacked(rows), golden["vis.embeds"], "picture rows")
    }

    @Test func positionsMatch() throws {
        let positions = MultimodalPositions(
            ids: try ids("input_ids"), imageToken: 489, grids: try images().map(\.grid),
            mergeSize: 2)
        let all = (positions.time + positions.height + positions.width).map(Int.init)
        #expect(all == golden["lm.position_ids"]?.integers())
        let delta = Int(positions.next) - positions.count
        #expect([delta] == golden["lm.rope_deltas"]?.integers())
        let table = positions.rotaryTable(try Golden.parts("ckpt-new").configuration.text)
        let full = try #require(golden["lm.rope_cos"])
        let half = table.cosine.columns
        let expected = full.floats()
        for row in 0..<table.cosine.rows {
            for column in 0..<half {
                #expect(
                    abs(table.cosine[row, column] - expected[row * 2 * half + column]) < 1e-6)
            }
        }
    }

    @Test(arguments: ["ckpt-new", "ckpt-old"])
    func everyDecoderLayerMatches(checkpoint: String) throws {
        let parts = try Golden.parts(checkpoint)
        let inputs = try #require(golden["lm.inputs_embeds"])
        var x = Matrix(rows: inputs.shape[1], columns: inputs.shape[2], values: inputs.floats())
        let positions = MultimodalPositions(
            ids: try ids("input_ids"), imageToken: 489, grids: try images().map(\.grid),
            mergeSize: 2)
        let rope = positions.rotaryTable(parts.configuration.text)
        var cache = KVCache(parts.configuration.text)
        cache.extend(by: x.rows)
        let sequence = CachedSequences([cache], counts: [x.rows])
        for (index, layer) in parts.language.layers.enumerated() {
            let attended = layer.attention(layer.attentionNorm(x), rope, sequence, layer: index)
            expectClose(attended, golden["lm.layer\(index).attn"], "attention \(index)")
            layer(&x, rope, sequence, layer: index)
            expectClose(x, golden["lm.layer\(index).out"], "layer \(index)")
        }
        expectClose(parts.language.norm(x), golden["lm.norm"], "final norm")
        expectClose(parts.language.logits(x), golden["lm.logits"], "logits")
    }

    /// Prefill in one piece, in pieces of any size, and token by token give the same rows.
    @Test(arguments: [1, 7, 64, 139])
    func chunkedReadingEqualsOneShot(chunk: Int) throws {
        let parts = try Golden.parts("ckpt-new")
        let inputs = try #require(golden["lm.inputs_embeds"])
        let x = Matrix(rows: inputs.shape[1], columns: inputs.shape[2], values: inputs.floats())
        let positions = MultimodalPositions(
            ids: try ids("input_ids"), imageToken: 489, grids: try images().map(\.grid),
            mergeSize: 2)
        var cache = KVCache(parts.configuration.text)
        var rows: [Matrix] = []
        for start in stride(from: 0, to: x.rows, by: chunk) {
            let range = start..<min(start + chunk, x.rows)
            rows.append(
                parts.language(x.rows(range), at: positions.slice(range), cache: &cache) { _ in })
        }
        expectClose(parts.language.logits(stacked(rows)), golden["lm.logits"], "logits")
    }

    @Test func theTiedHeadIsTheEmbedding() throws {
        let tied = try Golden.tensors("golden_tied.safetensors")
        let parts = try Golden.parts("ckpt-tied")
        var embeddings = parts.language.embed(try ids("input_ids"))
        let rows = try images().map { image in parts.vision(image) { _ in } }
        let pictures = stacked(rows)
        var next = 0
        for (row, id) in try ids("input_ids").enumerated() where id == 489 {
            for column in 0..<embeddings.columns {
                embeddings[row, column] = pictures[next, column]
            }
            next += 1
        }
        let positions = MultimodalPositions(
            ids: try ids("input_ids"), imageToken: 489, grids: try images().map(\.grid),
            mergeSize: 2)
        var cache = KVCache(parts.configuration.text)
        let x = parts.language(embeddings, at: positions, cache: &cache) { _ in }
        expectClose(parts.language.logits(x), tied["lm.logits"], "tied logits")
    }
}

/// Matrices of equal width, one below the other.
func stacked(_ parts: [Matrix]) -> Matrix {
    Matrix(
        rows: parts.reduce(0) { $0 + $1.rows }, columns: parts.first?.columns ?? 0,
        values: parts.flatMap(\.values))
}
