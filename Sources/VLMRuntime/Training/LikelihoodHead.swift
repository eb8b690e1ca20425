import CKernels

/// The final norm and the head: from hidden rows to log-probabilities of tokens and back.
///
/// Logits are made some rows at a time, because a large vocabulary times a long text would not fit.
struct LikelihoodHead {
    private let norm: RMSNorm
    private let head: TrainedLinear
    private let temperature: Float
    private let vocabulary: Int
    private let targets: [Int32]
    /// Logits of the only block, kept for the way back.
    private var logits: Matrix?

    /// Floats of logits that exist at once: 128 MiB.
    private static let blockFloats = 32 << 20

    init(
        _ language: LanguageModel, adapter: Adapter?, products: any FrozenProducts,
        targets: [Int32], temperature: Float
    ) {
        norm = language.norm
        head = TrainedLinear(
            linear: language.head, pair: adapter?["lm_head"], products: products)
        vocabulary = language.configuration.vocabularySize
        self.targets = targets
        self.temperature = temperature
    }

    private var blockRows: Int { max(16, Self.blockFloats / vocabulary) }

    /// - Parameter x: the rows that predict the targets, `[targets.count, hiddenSize]`.
    /// - Returns: one log-probability per target.
    mutating func forward(_ x: Matrix) -> [Float] {
        var result = [Float](repeating: 0, count: x.rows)
        for start in stride(from: 0, to: x.rows, by: blockRows) {
            let rows = start..<min(start + blockRows, x.rows)
            let block = head.forward(norm(x.rows(rows))).y
            let part = Array(targets[rows])
            result.withUnsafeMutableBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                ck_log_likelihood(
                    base + start, block.pointer, part, temperature, rows.count, vocabulary)
            }
            if rows.count == x.rows { logits = block }
        }
        return result
    }

    /// - Parameters:
    ///   - slopes: derivative of the loss for each log-probability.
    ///   - gradient: the head's pair, if it has one, adds to it.
    /// - Returns: gradient of `x`.
    mutating func backward(_ x: Matrix, slopes: [Float], gradient: inout Matrix) -> Matrix {
        var dx = Matrix(rows: x.rows, columns: x.columns)
        for start in stride(from: 0, to: x.rows, by: blockRows) {
            let rows = start..<min(start + blockRows, x.rows)
            let block = x.rows(rows)
            let normed = norm(block)
            var dLogits = logits ?? head.forward(normed).y
            logits = nil
            ck_log_likelihood_backward(
                dLogits.mutable, Array(targets[rows]), Array(slopes[rows]), temperature,
                rows.count, vocabulary)
            let narrow = head.shrink(normed)
            let dNormed = head.backward(
                dLogits, input: normed, narrow: narrow, gradient: &gradient)
            var dBlock = Matrix(rows: rows.count, columns: x.columns)
            norm.addGradient(of: block, slope: dNormed, to: &dBlock)
            (dx.mutable + start * x.columns).update(from: dBlock.pointer, count: dBlock.count)
            withExtendedLifetime(dBlock) {}
        }
        return dx
    }
}
