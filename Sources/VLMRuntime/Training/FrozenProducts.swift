import CKernels

/// The two products in which a frozen linear takes part while an adapter is trained.
///
/// One seam for faster kernels: whatever computes these two, the trainer does not know. A linear's
/// own `delta` takes no part.
protocol FrozenProducts: Sendable {
    /// `x Wᵀ + b`; x: `[rows, inputSize]`.
    func forward(_ linear: Linear, _ x: Matrix) -> Matrix
    /// `dy W`, the gradient of the input; dy: `[rows, outputSize]`.
    func backward(_ linear: Linear, _ dy: Matrix) -> Matrix
}

/// Forward as in inference; backward with weights expanded panel by panel to float32.
struct PanelProducts: FrozenProducts {
    func forward(_ linear: Linear, _ x: Matrix) -> Matrix {
        precondition(linear.delta == nil, "training starts from the model without an adapter")
        return linear(x)
    }

    func backward(_ linear: Linear, _ dy: Matrix) -> Matrix {
        precondition(dy.columns == linear.outputSize)
        let (width, outputs) = (linear.inputSize, linear.outputSize)
        var dx = Matrix(uninitializedRows: dy.rows, columns: width)
        // As many weight rows at a time as fit 8 MiB of floats.
        let panelRows = min(outputs, max(64, (2 << 20) / width))
        var panel = Matrix(uninitializedRows: panelRows, columns: width)
        for first in stride(from: 0, to: outputs, by: panelRows) {
            let rows = first..<min(first + panelRows, outputs)
            linear.weight.expand(rows: rows, width: width, into: panel.mutable)
            multiply(
                MatrixView(dy.pointer + first, stride: outputs), panel.view, into: dx.mutable,
                stride: width, m: dy.rows, n: width, k: rows.count, adding: first > 0)
        }
        withExtendedLifetime((dy, panel)) {}
        return dx
    }
}

extension Tensor {
    /// Rows of a matrix of `width` columns as floats.
    func expand(rows: Range<Int>, width: Int, into target: UnsafeMutablePointer<Float>) {
        guard let kernelType = type.kernelType else { preconditionFailure("\(name) is integer") }
        precondition(rows.lowerBound >= 0 && rows.upperBound * width <= count)
        ck_expand(
            target, pointer + rows.lowerBound * width * type.size, kernelType, rows.count * width)
    }
}
