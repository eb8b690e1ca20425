/// A frozen linear with the pair that is being trained, if it has one.
struct TrainedLinear {
    let linear: Linear
    let pair: LowRankPair?
    let products: any FrozenProducts

    /// - Returns: the product, and the pair's narrow middle for the way back.
    func forward(_ x: Matrix) -> (y: Matrix, narrow: Matrix?) {
        let narrow = shrink(x)
        return (forward(x, narrow: narrow), narrow)
    }

    /// The pair's narrow middle, if there is a pair.
    func shrink(_ x: Matrix) -> Matrix? { pair?.shrink(x, products.precision) }

    /// The product, when the pair's narrow middle is known.
    func forward(_ x: Matrix, narrow: Matrix?) -> Matrix {
        var y = products.forward(linear, x)
        if let pair, let narrow { pair.expand(narrow, into: &y, products.precision) }
        return y
    }

    /// Adds the pair's gradients to `gradient`.
    ///
    /// - Returns: the gradient of the input, or `nil` when nobody below needs it.
    func backward(
        _ dy: Matrix, input x: Matrix, narrow: Matrix?, gradient: inout Matrix,
        needsInput: Bool = true
    ) -> Matrix? {
        var dx = needsInput ? products.backward(linear, dy) : nil
        if let pair, let narrow {
            pair.backward(
                dy, input: x, narrow: narrow, gradient: &gradient, dx: &dx, products.precision)
        }
        return dx
    }
}
