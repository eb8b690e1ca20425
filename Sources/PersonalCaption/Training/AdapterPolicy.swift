public import VLMRuntime

/// A language model with an adapter in training, as GRPO sees it.
public struct AdapterPolicy: TrainablePolicy {
    /// Holds model, adapter and optimizer.
    public var trainer: AdapterTrainer
    /// How answers are sampled; its seed is replaced.
    public var sampling: SamplingOptions
    /// Ends rollouts early.
    public var cancellation: CancellationFlag?

    /// - Parameter sampling: temperature 1 and no cut of the distribution, unless there is a
    ///   reason: log-probabilities are taken of the whole distribution.
    public init(
        trainer: AdapterTrainer, sampling: SamplingOptions, cancellation: CancellationFlag? = nil
    ) {
        self.trainer = trainer
        self.trainer.temperature = sampling.temperature
        self.trainer.cancellation = cancellation
        self.sampling = sampling
        self.cancellation = cancellation
    }

    /// Several answers, decoded together.
    public func rollouts(
        _ prompt: ReadyPrompt, count: Int, seed: UInt64
    ) throws -> [Rollout] {
        var options = sampling
        options.seed = seed
        return try trainer.policy().rollouts(
            after: prompt, count: count, options: options, cancellation: cancellation)
    }

    /// The base model is the same weights without the adapter.
    public func referenceLogProbabilities(
        _ prompt: ReadyPrompt, _ rollouts: [Rollout]
    ) throws -> [[Float]] {
        try trainer.logProbabilities(of: Self.sequence(prompt, rollouts), adapted: false)
    }

    /// Collects a gradient.
    public mutating func accumulate(
        _ prompt: ReadyPrompt, _ rollouts: [Rollout], slopes: ([[Float]]) throws -> [[Float]]
    ) throws {
        try trainer.accumulate(Self.sequence(prompt, rollouts), slopes: slopes)
    }

    /// Changes the adapter.
    public mutating func update() throws -> TrainingUpdate { try trainer.update() }

    private static func sequence(_ prompt: ReadyPrompt, _ rollouts: [Rollout]) -> TrainingSequence {
        TrainingSequence(prompt: prompt, continuations: rollouts.map(\.ids))
    }
}
