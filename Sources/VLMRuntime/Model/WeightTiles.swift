import CKernels
import Foundation

/// The weights of a GGUF tensor in the order that products want them: the same values and scales,
/// in memory of their own.
struct WeightTiles: @unchecked Sendable {
    // Unchecked: nothing writes to the memory once it is filled.
    private let memory: MappedFile
    private let kernelType: ck_dtype

    /// - Returns: `nil` when the values do not stand in blocks, or rows are not whole blocks.
    /// - Throws: `CheckpointError` when there is no memory for it.
    init?(_ tensor: Tensor, inputSize: Int) throws(CheckpointError) {
        guard tensor.type.isBlocked, let kernelType = tensor.type.kernelType,
            inputSize % tensor.type.blockLength == 0, tensor.count % inputSize == 0
        else { return nil }
        let rows = tensor.count / inputSize
        memory = try MappedFile(
            room: ck_tiles_size(kernelType, rows, inputSize), path: tensor.file.path)
        self.kernelType = kernelType
        let target = UnsafeMutableRawPointer(mutating: memory.base)
        ck_make_tiles(target, tensor.pointer, kernelType, rows, inputSize)
        tensor.file.letGo(tensor.pointer, tensor.byteCount)
    }

    /// Products of the same rows with layers that have tiles.
    ///
    /// - Precondition: every layer has tiles and takes `x.columns` values.
    static func multiply(
        _ layers: [(y: UnsafeMutablePointer<Float>, layer: Linear)], _ x: Matrix
    ) {
        withBiases(layers[...], []) { products in
            ck_linear_tiles(x.pointer, x.rows, x.columns, products, products.count)
        }
        withExtendedLifetime((x, layers)) {}
    }

    /// Pins the biases one after the other, then calls `body` with all products.
    private static func withBiases(
        _ layers: ArraySlice<(y: UnsafeMutablePointer<Float>, layer: Linear)>,
        _ products: [ck_tiles_product], _ body: ([ck_tiles_product]) -> Void
    ) {
        guard let (y, layer) = layers.first else { return body(products) }
        guard let tiles = layer.tiles else { preconditionFailure("\(layer.name) has no tiles") }
        func next(_ bias: UnsafePointer<Float>?) {
            let product = ck_tiles_product(
                y: y, tiles: tiles.memory.base, dtype: tiles.kernelType, bias: bias,
                n: layer.outputSize)
            withBiases(layers.dropFirst(), products + [product], body)
        }
        guard let bias = layer.bias else { return next(nil) }
        bias.withUnsafeBufferPointer { next($0.baseAddress) }
    }
}
