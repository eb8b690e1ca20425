import CKernels

/// What one update did.
public struct TrainingUpdate: Sendable, Codable, Equatable {
    /// Updates done, this one included.
    public var step: Int
    /// Learning rate used.
    public var learningRate: Double
    /// Length of the gradient before clipping.
    public var gradientNorm: Double

    /// Takes the values as they are.
    public init(step: Int, learningRate: Double, gradientNorm: Double) {
        self.step = step
        self.learningRate = learningRate
        self.gradientNorm = gradientNorm
    }
}

/// An adapter in training: gradients are collected sequence by sequence, then applied at once.
///
/// It knows tokens and their log-probabilities, nothing of captions, rewards or labels. The same
/// calls in the same order give the same bits.
public struct AdapterTrainer: Sendable {
    /// The model that is adapted, without any adapter.
    public let model: VisionLanguageModel
    /// How updates are made.
    public var options: OptimizerOptions
    /// Divides the logits before log-probabilities are taken; the temperature of the rollouts.
    public var temperature: Float = 1
    /// Bytes of activations that may be kept instead of being computed a second time.
    public var tapeBudget = 1 << 30
    /// Stops a pass at the next layer.
    public var cancellation: CancellationFlag?
    /// The adapter as it is now.
    public internal(set) var adapter: Adapter
    var optimizer: AdamW
    private var gradient: Matrix
    private let products: any FrozenProducts

    /// - Throws: `AdapterError` when the adapter does not fit the model.
    public init(
        model: VisionLanguageModel, adapter: Adapter, options: OptimizerOptions
    ) throws(AdapterError) {
        try self.init(model, adapter, options, frozenProducts(for: model.arithmetic))
    }

    init(
        _ model: VisionLanguageModel, _ adapter: Adapter, _ options: OptimizerOptions,
        _ products: any FrozenProducts
    ) throws(AdapterError) {
        try adapter.check(fits: model.configuration.text)
        self.model = try model.adapted(by: nil)
        self.adapter = adapter
        self.options = options
        self.products = products
        optimizer = AdamW(count: adapter.parameterCount)
        gradient = Matrix(rows: 1, columns: adapter.parameterCount)
    }

    /// Updates done.
    public var step: Int { optimizer.step }

    /// The model with the adapter as it is now, for rollouts.
    public func policy() throws(AdapterError) -> VisionLanguageModel {
        try model.adapted(by: adapter)
    }

    /// Log-probabilities of the continuations' tokens.
    ///
    /// - Parameter adapted: with the adapter, or of the base model.
    public func logProbabilities(
        of sequence: TrainingSequence, adapted: Bool
    ) throws -> [[Float]] {
        try pass(adapted ? adapter : nil).logProbabilities(of: sequence)
    }

    /// Adds a loss's gradient to what the next update will use.
    ///
    /// - Parameter slopes: given the log-probabilities of all tokens, the loss's derivative for
    ///   each of them.
    /// - Returns: the log-probabilities.
    /// - Throws: `TrainingError`, `CancellationError`, or what `slopes` throws; the collected
    ///   gradient is then unusable until `discardGradient`.
    @discardableResult
    public mutating func accumulate(
        _ sequence: TrainingSequence, slopes: ([[Float]]) throws -> [[Float]]
    ) throws -> [[Float]] {
        try pass(adapter).addGradient(of: sequence, to: &gradient, slopes: slopes)
    }

    /// Forgets what was collected since the last update.
    public mutating func discardGradient() {
        gradient = Matrix(rows: 1, columns: adapter.parameterCount)
    }

    /// Changes the adapter by what was collected.
    ///
    /// - Throws: `TrainingError.notANumber` before anything is changed.
    public mutating func update() throws(TrainingError) -> TrainingUpdate {
        let norm = ck_sum_of_squares(gradient.pointer, gradient.count).squareRoot()
        guard norm.isFinite else { throw .notANumber(what: "the gradient") }
        let limit = options.maximumGradientNorm
        let scale = limit > 0 ? min(1, limit / (norm + 1e-6)) : 1
        let rate = options.learningRate(after: optimizer.step)
        optimizer.update(
            &adapter.values, gradient: gradient, scale: scale, learningRate: rate, options)
        gradient.mutable.update(repeating: 0, count: gradient.count)
        return TrainingUpdate(step: optimizer.step, learningRate: rate, gradientNorm: norm)
    }

    /// What was collected, one value per value of the adapter.
    var collectedGradient: Matrix { gradient }

    private func pass(_ adapter: Adapter?) -> LikelihoodPass {
        LikelihoodPass(
            language: model.language, adapter: adapter, products: products,
            temperature: temperature, tapeBudget: tapeBudget, cancellation: cancellation)
    }
}
