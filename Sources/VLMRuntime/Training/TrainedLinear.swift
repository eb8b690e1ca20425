/// A frozen linear with the pair that is being trained, if it has one.
struct TrainedLinear {
    let linear: Linear
    let pair: LowRankPair?
    let products: any FrozenProducts

    /// - Returns: the product, and the pair's narrow middle for the way back.
    func forward(_ x: Matrix) -> (y: Matrix, narrow: Matrix?) {
        var y = products.forward(linear, x)
        guard let pair else { return (y, nil) }
        let narrow = pair.shrink(x)
        pair.expand(narrow, into: &y)
        return (y, narrow)
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
            pair.backward(dy, input: x, narrow: narrow, gradient: &gradient, dx: &dx)
        }
        return dx
    }
}
