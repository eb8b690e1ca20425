import CKernels

/// `y = w · x / sqrt(mean(x²) + ε)`, row by row.
struct RMSNorm: Sendable {
    let weight: [Float]
    let epsilon: Float

    func callAsFunction(_ x: Matrix) -> Matrix {
        precondition(x.columns == weight.count)
        var y = Matrix(uninitializedRows: x.rows, columns: x.columns)
        ck_rms_norm(y.mutable, x.pointer, weight, epsilon, x.rows, x.columns)
        return y
    }
}

/// `y = w · (x - mean) / sqrt(variance + ε) + b`, row by row.
struct LayerNorm: Sendable {
    let weight: [Float]
    let bias: [Float]
    let epsilon: Float

    func callAsFunction(_ x: Matrix) -> Matrix {
        precondition(x.columns == weight.count)
        var y = Matrix(uninitializedRows: x.rows, columns: x.columns)
        ck_layer_norm(y.mutable, x.pointer, weight, bias, epsilon, x.rows, x.columns)
        return y
    }
}

/// `down(silu(gate(x)) · up(x))`.
struct SwiGLU: Sendable {
    var gate: Linear
    var up: Linear
    var down: Linear

    func callAsFunction(_ x: Matrix) -> Matrix {
        let projected = Linear.together(x, [gate, up])
        var hidden = projected[0]
        let upward = projected[1]
        ck_silu_multiply(hidden.mutable, upward.pointer, hidden.count)
        withExtendedLifetime(upward) {}
        return down(hidden)
    }
}

extension Matrix {
    /// Adds a matrix of the same shape.
    static func += (left: inout Matrix, right: Matrix) {
        precondition(left.rows == right.rows && left.columns == right.columns)
        ck_add(left.mutable, right.pointer, left.count)
        withExtendedLifetime(right) {}
    }
}
