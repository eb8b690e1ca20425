import CKernels
import COpenBLAS

/// How products of activations and weights are computed.
public enum Arithmetic: String, Sendable, Codable {
    /// Activations stay in float32: exact up to the order of additions.
    case float32
    /// Activations are rounded to bfloat16 first; sums stay in float32. About three times as fast
    /// where the CPU has the instruction, and what the reference does when it runs in bfloat16.
    case bfloat16
    /// Weights in 8 bits or fewer meet activations rounded to 8 bits, both in blocks with scales of
    /// their own; sums across blocks stay in float32.
    case int8
}

/// Which code computes one product; a pure decision, see `productRoute`.
enum ProductRoute: Equatable {
    /// Weights are read once, as they are: best for few rows.
    case stream
    /// Weights become floats panel by panel, then OpenBLAS multiplies.
    case panels
    /// The bfloat16 dot product.
    case bfloat16
}

/// Chooses the route from the facts of the product.
///
/// In bfloat16 arithmetic every row count takes the same route, so that a row's result does not
/// depend on how many rows were computed with it.
func productRoute(
    rows: Int, type: TensorType, arithmetic: Arithmetic, hasBLAS: Bool
) -> ProductRoute {
    if arithmetic == .bfloat16, type == .bfloat16 { return .bfloat16 }
    return rows > 16 && hasBLAS ? .panels : .stream
}

/// `y = x Wᵀ + b` with the weights where they lie on disk.
struct Linear: Sendable {
    /// The layer's name, such as `layers.3.self_attn.q_proj`.
    let name: String
    let inputSize: Int
    let outputSize: Int
    let bias: [Float]?
    /// The checkpoint's own weights, `[outputSize, inputSize]`.
    let weight: Tensor
    /// The same weights in fewer bits; when there, products use these.
    let packed: PackedTensor?
    /// The blocks of a GGUF tensor in the kernels' order; when there, products use these.
    let tiles: WeightTiles?
    /// What an adapter adds to the product.
    var delta: LowRankPair?
    private let kernelType: ck_dtype
    private let arithmetic: Arithmetic

    /// Takes `name.weight`, `[outputSize, inputSize]`, and `name.bias` when `hasBias`.
    init(
        _ weights: Weights, _ name: String, _ inputSize: Int, _ outputSize: Int,
        hasBias: Bool = true, arithmetic: Arithmetic
    ) throws(CheckpointError) {
        self.init(
            name: name, weight: try weights.tensor(name + ".weight", outputSize, inputSize),
            bias: hasBias ? try weights.vector(name + ".bias", outputSize) : nil,
            inputSize: inputSize, arithmetic: arithmetic,
            packed: try weights.packed(name, outputSize, inputSize),
            tiles: try weights.tiles(name + ".weight", inputSize))
    }

    /// - Precondition: `weight` is floating point with a multiple of `inputSize` values.
    init(
        name: String, weight: Tensor, bias: [Float]?, inputSize: Int, arithmetic: Arithmetic,
        packed: PackedTensor? = nil, tiles: WeightTiles? = nil
    ) {
        guard let kernelType = weight.type.kernelType else {
            preconditionFailure("\(weight.name) holds integers")
        }
        self.name = name
        self.weight = weight
        self.bias = bias
        self.inputSize = inputSize
        outputSize = weight.count / inputSize
        self.packed = packed
        self.tiles = tiles
        self.kernelType = kernelType
        self.arithmetic = arithmetic
    }

    /// - Parameter x: `[rows, inputSize]`.
    /// - Returns: `[rows, outputSize]`.
    func callAsFunction(_ x: Matrix) -> Matrix {
        precondition(x.columns == inputSize, "\(name) takes \(inputSize), not \(x.columns)")
        if packed != nil || tiles != nil { return Self.together(x, [self])[0] }
        var y = Matrix(uninitializedRows: x.rows, columns: outputSize)
        let route = productRoute(
            rows: x.rows, type: weight.type, arithmetic: arithmetic, hasBLAS: cob_available())
        switch route {
        case .stream:
            ck_linear(
                y.mutable, x.pointer, weight.pointer, kernelType, bias, x.rows, outputSize,
                inputSize)
        case .bfloat16:
            ck_linear_bf16(
                y.mutable, x.pointer, weight.pointer, bias, x.rows, outputSize, inputSize)
        case .panels:
            multiplyPanels(x, into: &y)
        }
        delta?.add(to: &y, input: x)
        return y
    }

    /// Several layers on the same rows; those that are packed or in tiles share the rounding of x
    /// and one parallel region.
    ///
    /// - Returns: a matrix for each layer, in order.
    static func together(_ x: Matrix, _ layers: [Linear]) -> [Matrix] {
        let arePacked = layers.allSatisfy { $0.packed != nil }
        guard arePacked || layers.allSatisfy({ $0.packed == nil && $0.tiles != nil }) else {
            return layers.map { $0(x) }
        }
        precondition(layers.allSatisfy { $0.inputSize == x.columns })
        var results = layers.map { Matrix(uninitializedRows: x.rows, columns: $0.outputSize) }
        let targets = results.indices.map { results[$0].mutable }
        let pairs = Array(zip(targets, layers))
        if arePacked { PackedTensor.multiply(pairs, x) } else { WeightTiles.multiply(pairs, x) }
        for (index, layer) in layers.enumerated() {
            layer.delta?.add(to: &results[index], input: x)
        }
        return results
    }

    /// Expands as many weight rows at a time as fit 8 MiB of floats.
    private func multiplyPanels(_ x: Matrix, into y: inout Matrix) {
        let panelRows = min(outputSize, max(64, (2 << 20) / inputSize))
        var panel = Matrix(uninitializedRows: panelRows, columns: inputSize)
        let rowBytes = weight.type.byteCount(of: inputSize)
        for first in stride(from: 0, to: outputSize, by: panelRows) {
            let count = min(panelRows, outputSize - first)
            ck_expand(
                panel.mutable, weight.pointer + first * rowBytes, kernelType, count * inputSize)
            cob_multiply_transposed(
                y.mutable + first, outputSize, x.pointer, inputSize, panel.pointer, inputSize,
                x.rows, count, inputSize)
        }
        if let bias { ck_add_row(y.mutable, bias, x.rows, outputSize) }
    }
}
