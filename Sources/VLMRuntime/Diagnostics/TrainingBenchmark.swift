import Foundation

/// Speed and memory of training an adapter, and of the rollouts it is trained on.
public struct TrainingBenchmark: Sendable {
    /// What the pairs look like; all values are random, so that every gradient is there.
    public var plan: AdapterPlan
    /// Tokens that go through the network.
    public var tokens: Int
    /// The last of them that are scored; the others are a prompt.
    public var scoredTokens: Int
    /// Tokens of each rollout; 0 leaves rollouts out.
    public var rolloutTokens: Int
    /// Tokens of the prompt before the rollouts.
    public var rolloutPrompt: Int
    /// Rollouts decoded together.
    public var group: Int
    /// Timed runs of each stage.
    public var repeats: Int
    /// Bytes of activations that may be kept; `nil` for the trainer's own choice.
    public var tapeBudget: Int?

    /// Takes the sizes of the work.
    ///
    /// - Precondition: `scoredTokens` is positive and at most `tokens`.
    public init(
        plan: AdapterPlan = AdapterPlan(rank: 64, alpha: 128), tokens: Int = 384,
        scoredTokens: Int = 384, rolloutTokens: Int = 0, rolloutPrompt: Int = 256, group: Int = 8,
        repeats: Int = 3, tapeBudget: Int? = nil
    ) {
        precondition(scoredTokens > 0 && scoredTokens <= tokens)
        self.plan = plan
        self.tokens = tokens
        self.scoredTokens = scoredTokens
        self.rolloutTokens = rolloutTokens
        self.rolloutPrompt = rolloutPrompt
        self.group = group
        self.repeats = repeats
        self.tapeBudget = tapeBudget
    }

    /// What was measured.
    public struct Report: Sendable, Codable, Equatable {
        /// Rank of the pairs.
        public var rank: Int
        /// Values in training.
        public var parameters: Int
        /// Tokens that were scored.
        public var scoredTokens: Int
        /// One pass forward and backward.
        public var forwardBackward: ModelBenchmark.Stage
        /// Clipping and AdamW over all values; `tokens` is `nil`.
        public var update: ModelBenchmark.Stage
        /// Most memory held up to the last timed pass forward and backward, before any update.
        public var passPeakMemoryBytes: Int
        /// One rollout by itself; `nil` when not asked for.
        public var rollout: ModelBenchmark.Stage?
        /// A group of them at once; `nil` when not asked for.
        public var rolloutGroup: ModelBenchmark.Stage?
    }

    /// Times a model, after one untimed pass.
    ///
    /// - Parameter progress: what is being measured, and how far along it all is (0…1).
    /// - Throws: `TrainingError`, `GenerationError` or `CancellationError`.
    public func run(
        _ model: VisionLanguageModel, cancellation: CancellationFlag? = nil,
        progress: (String, Double) -> Void = { _, _ in }
    ) throws -> Report {
        var trainer = try AdapterTrainer(
            model: model, adapter: randomAdapter(model),
            options: OptimizerOptions(learningRate: 1e-5, schedule: .constant))
        if let tapeBudget { trainer.tapeBudget = tapeBudget }
        trainer.cancellation = cancellation
        // The last token predicts nothing: it adds a target but no row.
        let sequence = TrainingSequence(
            prompt: prompt(model, tokens - scoredTokens + 1),
            continuations: [ids(model, scoredTokens, from: tokens)])
        let slope = -1 / Float(scoredTokens)
        var passes: [Double] = []
        for round in 0...repeats {
            progress("training", Double(round) / Double(repeats + 2))
            let start = ContinuousClock.now
            try trainer.accumulate(sequence) { $0.map { $0.map { _ in slope } } }
            if round > 0 { passes.append((ContinuousClock.now - start).inSeconds) }
        }
        let peak = RuntimeSettings.peakMemoryBytes()
        var updates: [Double] = []
        for round in 0...repeats {
            let start = ContinuousClock.now
            _ = try trainer.update()
            if round > 0 { updates.append((ContinuousClock.now - start).inSeconds) }
        }
        var rollouts: [ModelBenchmark.Stage] = []
        if rolloutTokens > 0 {
            let policy = try trainer.policy()
            for count in [1, group] {
                progress("\(count) rollouts", Double(repeats + 1) / Double(repeats + 2))
                rollouts.append(try rolloutStage(policy, count, cancellation))
            }
        }
        return Report(
            rank: plan.rank, parameters: trainer.adapter.parameterCount,
            scoredTokens: scoredTokens, forwardBackward: ModelBenchmark.Stage(passes, tokens),
            update: ModelBenchmark.Stage(updates, nil), passPeakMemoryBytes: peak,
            rollout: rollouts.first, rolloutGroup: rollouts.last)
    }

    /// Decoding alone: what reading the prompt and the first token take is measured and taken off.
    private func rolloutStage(
        _ policy: VisionLanguageModel, _ count: Int, _ cancellation: CancellationFlag?
    ) throws -> ModelBenchmark.Stage {
        let prompt = prompt(policy, rolloutPrompt)
        func seconds(_ tokens: Int) throws -> (time: Double, tokens: Int) {
            let start = ContinuousClock.now
            let answers = try policy.rollouts(
                after: prompt, count: count,
                options: SamplingOptions(temperature: 1, seed: 7, maxNewTokens: tokens),
                cancellation: cancellation)
            let written = answers.reduce(0) { $0 + $1.ids.count }
            return ((ContinuousClock.now - start).inSeconds, written)
        }
        var speeds: [Double] = []
        _ = try seconds(2)
        for _ in 0..<repeats {
            let few = try seconds(2)
            let many = try seconds(rolloutTokens + 2)
            speeds.append(
                (many.time - few.time) / Double(max(1, many.tokens - few.tokens))
                    * Double(count * rolloutTokens))
        }
        return ModelBenchmark.Stage(speeds, count * rolloutTokens)
    }

    /// B is random too: with zeros half of the gradients would be zeros.
    private func randomAdapter(_ model: VisionLanguageModel) -> Adapter {
        var adapter = Adapter(plan, for: model, seed: 1)
        var random = RandomSource(seed: 2)
        let values = adapter.values.mutable
        for slot in adapter.slots {
            for index in slot.offsetOfB..<slot.end {
                values[index] = Float((2 * random.nextUnit() - 1) * 1e-3)
            }
        }
        return adapter
    }

    private func prompt(_ model: VisionLanguageModel, _ count: Int) -> ReadyPrompt {
        let ids = ids(model, count, from: 0)
        return ReadyPrompt(
            ids: ids, images: [], rows: InputRows(model.language.embed(ids)),
            positions: MultimodalPositions(textTokens: count, after: 0))
    }

    private func ids(_ model: VisionLanguageModel, _ count: Int, from start: Int) -> [Int32] {
        let vocabulary = min(model.configuration.text.vocabularySize, 1000)
        return (start..<start + count).map { Int32(($0 * 37) % vocabulary) }
    }
}

extension ModelBenchmark.Stage {
    /// The median of several times.
    init(_ times: [Double], _ tokens: Int?) {
        let median = times.sorted()[times.count / 2]
        self.init(
            seconds: median, tokens: tokens,
            tokensPerSecond: tokens.map { Double($0) / max(median, 1e-9) })
    }
}
