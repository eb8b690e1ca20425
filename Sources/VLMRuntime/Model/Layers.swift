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

    /// Norms every head of a row by itself; the weight is as long as a head.
    func perHead(_ x: Matrix) -> Matrix {
        self(x.reshaped(rows: x.count / weight.count, columns: weight.count))
            .reshaped(rows: x.rows, columns: x.columns)
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

/// `x · Φ(x)` or one of its approximations.
enum GELU: Sendable {
    /// With the error function: in mergers.
    case exact
    /// With a hyperbolic tangent: in Qwen3-VL's vision MLP.
    case tanh
    /// With a logistic function: in Qwen2-VL's vision MLP.
    case quick

    func callAsFunction(_ x: consuming Matrix) -> Matrix {
        switch self {
        case .exact: ck_gelu_erf(x.mutable, x.count)
        case .tanh: ck_gelu_tanh(x.mutable, x.count)
        case .quick: ck_quick_gelu(x.mutable, x.count)
        }
        return x
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
