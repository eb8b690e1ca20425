import CKernels

/// How many bits most weights take in a packed file.
public enum WeightBits: Int, Sendable, Codable, CaseIterable {
    /// 8 bits, a scale for every 64: 8.25 bits a weight.
    case eight = 8
    /// 4 bits that index 16 uneven steps, a scale for every 64: 4.25 bits a weight.
    case four = 4
}

/// How one layer is packed; the raw value is the suffix of its name in the file.
enum PackedFormat: String, CaseIterable {
    case eight = "q8"
    /// 6 evenly spaced bits, a scale for every 64: 6.25 bits a weight.
    case six = "q6"
    case four = "q4"

    var kernelFormat: ck_quantized_format {
        switch self {
        case .eight: CK_Q8
        case .six: CK_Q6
        case .four: CK_Q4
        }
    }

    /// Bytes of a packed `[rows, columns]` matrix.
    func byteCount(rows: Int, columns: Int) -> Int {
        ck_packed_size(kernelFormat, rows, columns)
    }
}

/// The weights of one linear layer in the kernels' own layout, where they lie in their file.
struct PackedTensor: @unchecked Sendable {
    // Unchecked: points into a read-only mapping that `file` keeps alive.
    let format: PackedFormat
    let file: MappedFile
    let pointer: UnsafeRawPointer

    /// Products of the same rows with packed layers.
    ///
    /// - Precondition: every layer is packed and takes `x.columns` values.
    static func multiply(
        _ layers: [(y: UnsafeMutablePointer<Float>, layer: Linear)], _ x: Matrix
    ) {
        withBiases(layers[...], []) { products in
            ck_linear_quantized(x.pointer, x.rows, x.columns, products, products.count)
        }
        withExtendedLifetime((x, layers)) {}
    }

    /// Pins the biases one after the other, then calls `body` with all products.
    private static func withBiases(
        _ layers: ArraySlice<(y: UnsafeMutablePointer<Float>, layer: Linear)>,
        _ products: [ck_quantized_product], _ body: ([ck_quantized_product]) -> Void
    ) {
        guard let (y, layer) = layers.first else { return body(products) }
        guard let packed = layer.packed else { preconditionFailure("\(layer.name) is not packed") }
        func next(_ bias: UnsafePointer<Float>?) {
            let product = ck_quantized_product(
                y: y, packed: packed.pointer, format: packed.format.kernelFormat, bias: bias,
                n: layer.outputSize)
            withBiases(layers.dropFirst(), products + [product], body)
        }
        guard let bias = layer.bias else { return next(nil) }
        bias.withUnsafeBufferPointer { next($0.baseAddress) }
    }
}
