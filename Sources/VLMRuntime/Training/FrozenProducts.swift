import CKernels

/// The two products in which a frozen linear takes part while an adapter is trained.
///
/// One seam for faster kernels: whatever computes these two, the trainer does not know. A linear's
/// own `delta` takes no part.
protocol FrozenProducts: Sendable {
    /// What everything else around these products is rounded to: the pairs' products, and the
    /// activations that wait for the way back.
    var precision: ProductPrecision { get }
    /// `x Wᵀ + b`; x: `[rows, inputSize]`.
    func forward(_ linear: Linear, _ x: Matrix) -> Matrix
    /// `dy W`, the gradient of the input; dy: `[rows, outputSize]`.
    func backward(_ linear: Linear, _ dy: Matrix) -> Matrix
}

/// The products that suit a model: exact ones where it computes in float32 or where this machine
/// has nothing faster.
func frozenProducts(
    for arithmetic: Arithmetic, hasDotProduct: Bool = ck_current_level() == CK_LEVEL_AVX512_BF16
) -> any FrozenProducts {
    arithmetic != .float32 && hasDotProduct ? RoundedProducts() : PanelProducts()
}

/// Forward as in inference; backward with weights expanded panel by panel to float32.
///
/// This is what `RoundedProducts` is measured against.
struct PanelProducts: FrozenProducts {
    var precision: ProductPrecision { .float32 }

    func forward(_ linear: Linear, _ x: Matrix) -> Matrix {
        precondition(linear.delta == nil, "training starts from the model without an adapter")
        return linear(x)
    }

    func backward(_ linear: Linear, _ dy: Matrix) -> Matrix {
        precondition(dy.columns == linear.outputSize)
        let (width, outputs) = (linear.inputSize, linear.outputSize)
        var dx = Matrix(uninitializedRows: dy.rows, columns: width)
        // As many weight rows at a time as fit 8 MiB of floats; packed ones come 16 together.
        let panelRows = min(outputs, max(64, (2 << 20) / width / 16 * 16))
        var panel = Matrix(uninitializedRows: panelRows, columns: width)
        for first in stride(from: 0, to: outputs, by: panelRows) {
            let rows = first..<min(first + panelRows, outputs)
            linear.expand(rows: rows, into: panel.mutable)
            multiply(
                MatrixView(dy.pointer + first, stride: outputs), panel.view, into: dx.mutable,
                stride: width, m: dy.rows, n: width, k: rows.count, adding: first > 0)
        }
        withExtendedLifetime((dy, panel)) {}
        return dx
    }
}

/// Forward as in inference; backward with the bfloat16 dot product, on the weights where they lie.
///
/// Gradients and weights are rounded to bfloat16, sums stay in float32.
struct RoundedProducts: FrozenProducts {
    var precision: ProductPrecision { .bfloat16 }

    func forward(_ linear: Linear, _ x: Matrix) -> Matrix { PanelProducts().forward(linear, x) }

    func backward(_ linear: Linear, _ dy: Matrix) -> Matrix {
        precondition(dy.columns == linear.outputSize)
        let (width, outputs) = (linear.inputSize, linear.outputSize)
        guard linear.packed != nil || linear.weight.type == .bfloat16 else {
            return PanelProducts().backward(linear, dy)
        }
        var dx = Matrix(uninitializedRows: dy.rows, columns: width)
        if let packed = linear.packed {
            ck_linear_backward_quantized(
                dx.mutable, dy.pointer, packed.pointer, packed.format.kernelFormat, dy.rows,
                outputs,
                width)
        } else {
            ck_linear_backward_bf16(
                dx.mutable, dy.pointer, linear.weight.pointer, dy.rows, outputs, width)
        }
        withExtendedLifetime((dy, linear)) {}
        return dx
    }
}

extension Linear {
    /// Rows of the weights that products use, as floats.
    func expand(rows: Range<Int>, into target: UnsafeMutablePointer<Float>) {
        guard let packed else {
            return weight.expand(rows: rows, width: inputSize, into: target)
        }
        ck_unpack(
            target, packed.pointer, packed.format.kernelFormat, inputSize, rows.lowerBound,
            rows.count)
    }
}

extension Tensor {
    /// Rows of a matrix of `width` columns as floats.
    func expand(rows: Range<Int>, width: Int, into target: UnsafeMutablePointer<Float>) {
        guard let kernelType = type.kernelType else { preconditionFailure("\(name) is integer") }
        precondition(rows.lowerBound >= 0 && rows.upperBound * width <= count)
        let start = pointer + type.byteCount(of: rows.lowerBound * width)
        ck_expand(target, start, kernelType, rows.count * width)
    }
}
