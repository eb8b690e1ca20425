import CKernels

/// What the way back through one decoder layer needs from the way forward.
///
/// What is cheap to compute again (norms, turning heads, the gated product) is not kept.
struct LayerTape {
    let input: KeptRows
    /// As projected, neither normed nor turned; k alike.
    let q: KeptRows
    let k: KeptRows
    let v: KeptRows
    let attended: KeptRows
    /// After the attention, before the MLP.
    let middle: KeptRows
    let gate: KeptRows
    let up: KeptRows
    /// The pairs' narrow middles, in the order of `AdapterTarget.allCases`.
    let narrow: [Matrix?]

    /// Values per row that a tape of this model holds, the narrow middles aside.
    static func width(_ text: TextConfiguration) -> Int {
        2 * (text.hiddenSize + text.queryWidth + text.keyValueWidth + text.intermediateSize)
    }
}

/// One decoder layer with the pairs that are being trained.
///
/// Forward it computes what `DecoderLayer` does; backward it is written out step by step.
/// Source: MODEL.md, "Training".
struct TrainedLayer {
    let layer: DecoderLayer
    private let linears: [AdapterTarget: TrainedLinear]
    private let attention: BranchedAttention
    private let precision: ProductPrecision
    private let rope: RotaryTable
    private let ropeBack: RotaryTable

    init(
        _ layer: DecoderLayer, index: Int, adapter: Adapter?, products: any FrozenProducts,
        attention: BranchedAttention, rope: RotaryTable, ropeBack: RotaryTable
    ) {
        self.layer = layer
        self.attention = attention
        precision = products.precision
        self.rope = rope
        self.ropeBack = ropeBack
        var linears: [AdapterTarget: TrainedLinear] = [:]
        for target in AdapterTarget.allCases {
            let linear: Linear =
                switch target {
                case .query: layer.attention.query
                case .key: layer.attention.key
                case .value: layer.attention.value
                case .output: layer.attention.output
                case .gate: layer.mlp.gate
                case .up: layer.mlp.up
                case .down: layer.mlp.down
                }
            linears[target] = TrainedLinear(
                linear: linear, pair: adapter?[target.module(layer: index)], products: products)
        }
        self.linears = linears
    }

    private subscript(_ target: AdapterTarget) -> TrainedLinear {
        guard let linear = linears[target] else { preconditionFailure("all targets are there") }
        return linear
    }

    /// - Parameter x: `[rows, hiddenSize]`.
    /// - Returns: the layer's output and its tape.
    func forward(_ x: Matrix) -> (Matrix, LayerTape) {
        let (tape, middle, hidden) = forwardToHidden(x)
        var output = middle
        output += self[.down].forward(hidden, narrow: tape.narrow[6])
        return (output, tape)
    }

    /// The tape alone, which does not need the last product.
    func tape(_ x: Matrix) -> LayerTape { forwardToHidden(x).tape }

    private func forwardToHidden(
        _ x: Matrix
    ) -> (tape: LayerTape, middle: Matrix, hidden: Matrix) {
        let normed = layer.attentionNorm(x)
        let (q, narrowQ) = self[.query].forward(normed)
        let (k, narrowK) = self[.key].forward(normed)
        let (v, narrowV) = self[.value].forward(normed)
        let attended = attention.forward(
            q: layer.attention.queries(q, rope), k: layer.attention.keys(k, rope), v: v)
        let (projected, narrowO) = self[.output].forward(attended)
        var middle = x
        middle += projected
        let mlpInput = layer.mlpNorm(middle)
        let (gate, narrowG) = self[.gate].forward(mlpInput)
        let (up, narrowU) = self[.up].forward(mlpInput)
        let (keptGate, keptUp) = (kept(gate), kept(up))
        let hidden = Self.gated(consume gate, consume up)
        let narrowD = self[.down].shrink(hidden)
        let tape = LayerTape(
            input: kept(x), q: kept(q), k: kept(k), v: kept(v), attended: kept(attended),
            middle: kept(middle), gate: keptGate, up: keptUp,
            narrow: [narrowQ, narrowK, narrowV, narrowO, narrowG, narrowU, narrowD])
        return (tape, middle, hidden)
    }

    private func kept(_ x: Matrix) -> KeptRows { KeptRows(x, precision) }

    /// - Parameters:
    ///   - dy: gradient of the layer's output.
    ///   - tape: what `forward` returned; used up.
    ///   - gradient: the pairs' gradients are added to it.
    ///   - needsInput: whether anything below is trained.
    /// - Returns: gradient of the layer's input.
    func backward(
        _ dy: Matrix, _ tape: consuming LayerTape, gradient: inout Matrix, needsInput: Bool
    ) -> Matrix? {
        let narrow = tape.narrow
        // y = middle + down(silu(gate) · up)
        var (gate, up) = (tape.gate.matrix, tape.up.matrix)
        guard
            let dHidden = self[.down].backward(
                dy, input: Self.gated(gate, up), narrow: narrow[6], gradient: &gradient)
        else { return nil }
        ck_silu_multiply_backward(gate.mutable, up.mutable, dHidden.pointer, dHidden.count)
        withExtendedLifetime(dHidden) {}
        let middle = tape.middle.matrix
        let mlpInput = layer.mlpNorm(middle)
        var dNormed = self[.gate].backward(
            consume gate, input: mlpInput, narrow: narrow[4], gradient: &gradient)
        dNormed.add(
            self[.up].backward(
                consume up, input: mlpInput, narrow: narrow[5], gradient: &gradient))
        var dMiddle = dy
        layer.mlpNorm.addGradient(of: middle, slope: dNormed, to: &dMiddle)

        // middle = x + output(attention(rope(norm(query)), rope(norm(key)), value))
        guard
            let dAttended = self[.output].backward(
                dMiddle, input: tape.attended.matrix, narrow: narrow[3], gradient: &gradient)
        else { return nil }
        let (q, k) = (tape.q.matrix, tape.k.matrix)
        var (dq, dk, dv) = attention.backward(
            dAttended, q: layer.attention.queries(q, rope), k: layer.attention.keys(k, rope),
            v: tape.v.matrix)
        ropeBack.turn(&dq, heads: attention.heads, headDimension: attention.headDimension)
        ropeBack.turn(&dk, heads: attention.keyValueHeads, headDimension: attention.headDimension)
        dq = layer.attention.queryNorm?.perHeadGradient(of: q, slope: dq) ?? dq
        dk = layer.attention.keyNorm?.perHeadGradient(of: k, slope: dk) ?? dk
        let input = tape.input.matrix
        let normed = layer.attentionNorm(input)
        var dInput: Matrix?
        for (index, (target, slope)) in [
            (AdapterTarget.query, dq), (.key, dk), (.value, dv),
        ].enumerated() {
            let share = self[target].backward(
                slope, input: normed, narrow: narrow[index], gradient: &gradient,
                needsInput: needsInput)
            dInput.add(share)
        }
        guard needsInput else { return nil }
        layer.attentionNorm.addGradient(of: input, slope: dInput, to: &dMiddle)
        return dMiddle
    }

    private static func gated(_ gate: Matrix, _ up: Matrix) -> Matrix {
        var hidden = gate
        ck_silu_multiply(hidden.mutable, up.pointer, hidden.count)
        withExtendedLifetime(up) {}
        return hidden
    }
}

extension RMSNorm {
    /// Adds the gradient of the norm's input `x` to `dx`, given that of its output.
    func addGradient(of x: Matrix, slope dy: Matrix?, to dx: inout Matrix) {
        guard let dy else { return }
        precondition(x.columns == weight.count && dy.count == x.count && dx.count == x.count)
        ck_rms_norm_backward(
            dx.mutable, dy.pointer, x.pointer, weight, epsilon, x.rows, x.columns)
        withExtendedLifetime((x, dy)) {}
    }

    /// The gradient of the input of `perHead`.
    func perHeadGradient(of x: Matrix, slope dy: Matrix) -> Matrix {
        precondition(dy.count == x.count)
        var dx = Matrix(rows: x.rows, columns: x.columns)
        ck_rms_norm_backward(
            dx.mutable, dy.pointer, x.pointer, weight, epsilon, x.count / weight.count,
            weight.count)
        withExtendedLifetime((x, dy)) {}
        return dx
    }
}

extension Matrix? {
    /// Adds another gradient; the first one is taken over.
    fileprivate mutating func add(_ other: Matrix?) {
        guard let other else { return }
        if self == nil { self = other } else { self? += other }
    }
}
