import CKernels

/// Where the pair of one module lies among the values of an adapter.
struct AdapterSlot: Sendable, Equatable {
    /// Canonical name: `layers.3.self_attn.q_proj`.
    let module: String
    let inputSize: Int
    let outputSize: Int
    let rank: Int
    /// What PEFT calls `lora_alpha`.
    let alpha: Double
    /// `alpha / rank`, or `alpha / sqrt(rank)`.
    let scale: Float
    /// Where A, `[rank, inputSize]`, begins; B, `[outputSize, rank]`, follows it.
    let offset: Int

    var offsetOfB: Int { offset + rank * inputSize }
    var end: Int { offsetOfB + outputSize * rank }
}

/// What an adapter adds to one linear: `y += scale · (x Aᵀ) Bᵀ`.
///
/// Source: LoRA (arXiv 2106.09685), in the form of PEFT.
struct LowRankPair: Sendable {
    let slot: AdapterSlot
    /// The adapter's values, shared by all its pairs.
    let values: Matrix

    private var a: MatrixView { MatrixView(values.pointer + slot.offset, stride: slot.inputSize) }
    private var b: MatrixView { MatrixView(values.pointer + slot.offsetOfB, stride: slot.rank) }

    /// Adds the pair's share to a product.
    ///
    /// - Parameters:
    ///   - y: `[rows, outputSize]`.
    ///   - x: `[rows, inputSize]`, the input of the linear.
    func add(to y: inout Matrix, input x: Matrix) {
        guard x.rows <= Session.fewRows else { return expand(shrink(x), into: &y) }
        // A step of decoding makes hundreds of these small products: they stay on the kernels' own
        // threads, where a second library's would wait for the first's.
        var narrow = Matrix(uninitializedRows: x.rows, columns: slot.rank)
        var wide = Matrix(uninitializedRows: x.rows, columns: slot.outputSize)
        ck_linear(
            narrow.mutable, x.pointer, values.pointer + slot.offset, CK_F32, nil, x.rows,
            slot.rank, slot.inputSize)
        narrow.scale(by: slot.scale)
        ck_linear(
            wide.mutable, narrow.pointer, values.pointer + slot.offsetOfB, CK_F32, nil, x.rows,
            slot.outputSize, slot.rank)
        ck_add(y.mutable, wide.pointer, x.rows * slot.outputSize)
        withExtendedLifetime((x, values)) {}
    }

    /// `scale · x Aᵀ`, `[rows, rank]`.
    func shrink(_ x: Matrix, _ precision: ProductPrecision = .float32) -> Matrix {
        precondition(x.columns == slot.inputSize)
        var narrow = Matrix(uninitializedRows: x.rows, columns: slot.rank)
        multiply(
            x.view, a.transposed, into: narrow.mutable, stride: slot.rank, m: x.rows,
            n: slot.rank, k: slot.inputSize, adding: false, precision)
        narrow.scale(by: slot.scale)
        withExtendedLifetime((x, values)) {}
        return narrow
    }

    /// `y += narrow · Bᵀ`.
    func expand(
        _ narrow: Matrix, into y: inout Matrix, _ precision: ProductPrecision = .float32
    ) {
        precondition(y.columns == slot.outputSize && narrow.rows == y.rows)
        multiply(
            narrow.view, b.transposed, into: y.mutable, stride: slot.outputSize, m: y.rows,
            n: slot.outputSize, k: slot.rank, adding: true, precision)
        withExtendedLifetime((narrow, values)) {}
    }

    /// Adds the gradients of A and B to `gradient`, and the pair's share of the input's gradient
    /// to `dx` when there is one.
    ///
    /// - Parameters:
    ///   - dy: `[rows, outputSize]`.
    ///   - x: the input, `[rows, inputSize]`.
    ///   - narrow: what `shrink` returned for it.
    ///   - gradient: laid out like the adapter's values.
    func backward(
        _ dy: Matrix, input x: Matrix, narrow: Matrix, gradient: inout Matrix, dx: inout Matrix?,
        _ precision: ProductPrecision = .float32
    ) {
        let (rows, rank) = (x.rows, slot.rank)
        let slopes = gradient.mutable
        // dB += dyᵀ (s x Aᵀ)
        multiply(
            dy.view.transposed, narrow.view, into: slopes + slot.offsetOfB, stride: rank,
            m: slot.outputSize, n: rank, k: rows, adding: true, precision)
        // s dy B
        var narrowSlope = Matrix(uninitializedRows: rows, columns: rank)
        multiply(
            dy.view, b, into: narrowSlope.mutable, stride: rank, m: rows, n: rank,
            k: slot.outputSize, adding: false, precision)
        narrowSlope.scale(by: slot.scale)
        // dA += (s dy B)ᵀ x
        multiply(
            narrowSlope.view.transposed, x.view, into: slopes + slot.offset,
            stride: slot.inputSize, m: rank, n: slot.inputSize, k: rows, adding: true, precision)
        if dx != nil {
            multiply(
                narrowSlope.view, a, into: dx?.mutable ?? slopes, stride: slot.inputSize, m: rows,
                n: slot.inputSize, k: rank, adding: true, precision)
        }
        withExtendedLifetime((dy, x, narrow, narrowSlope, values)) {}
    }
}
