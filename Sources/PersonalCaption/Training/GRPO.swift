public import VLMRuntime

/// What is taught: something that answers prompts and can be changed by the answers' slopes.
///
/// `AdapterPolicy` is a language model with an adapter; tests use a table.
public protocol TrainablePolicy {
    associatedtype Prompt
    /// Several independent answers to a prompt, decided by the seed.
    func rollouts(_ prompt: Prompt, count: Int, seed: UInt64) throws -> [Rollout]
    /// Log-probabilities of the answers' tokens under the base model.
    func referenceLogProbabilities(_ prompt: Prompt, _ rollouts: [Rollout]) throws -> [[Float]]
    /// Collects the gradient of a loss, given its derivative for each token's log-probability.
    mutating func accumulate(
        _ prompt: Prompt, _ rollouts: [Rollout], slopes: ([[Float]]) throws -> [[Float]]
    ) throws
    /// Applies what was collected.
    mutating func update() throws -> TrainingUpdate
}

/// Answers to one prompt with what they earned.
public struct RolloutGroup<Prompt> {
    /// What was asked.
    public var prompt: Prompt
    /// The answers.
    public var rollouts: [Rollout]
    /// What each earned.
    public var rewards: [Float]
    /// How much better than the group each did.
    public var advantages: [Float]
    /// Whether all rewards are equal: nothing can be learnt but staying near the base model.
    public var isFlat: Bool { Set(rewards).count < 2 }
}

/// What one step did.
public struct GRPOStep<Prompt> {
    /// The groups that were learnt from.
    public var groups: [RolloutGroup<Prompt>]
    /// Groups drawn whose rewards were all equal.
    public var flatGroups: Int
    /// Loss of the first iteration.
    public var loss: Float
    /// Mean divergence from the base model per token.
    public var divergence: Float
    /// Share of tokens whose gradient was clipped, over all iterations.
    public var clippedShare: Float
    /// The last update.
    public var update: TrainingUpdate
}

/// Group relative policy optimization (arXiv 2402.03300), one step.
///
/// Each prompt is answered several times; an answer's advantage is how much better than its group
/// it was rewarded; tokens of good answers become likelier and those of bad ones less likely,
/// within a clipped ratio and on a leash to the base model.
public struct GRPO: Sendable {
    /// The numbers.
    public var options: GroupRelativeOptions

    /// Takes the numbers.
    public init(_ options: GroupRelativeOptions) { self.options = options }

    /// - Parameters:
    ///   - random: gives each group its seed; the same state gives the same step.
    ///   - nextPrompt: called for each group, and again in place of groups without a difference.
    ///   - reward: one number per answer, 0…1; it may put a known right answer in the place of
    ///     one, which is then learnt from like any other.
    /// - Throws: what policy, prompts and rewards throw; the policy is then unchanged.
    public func step<Policy: TrainablePolicy>(
        _ policy: inout Policy, random: inout RandomSource,
        nextPrompt: () throws -> Policy.Prompt,
        reward: (Policy.Prompt, inout [Rollout]) throws -> [Float]
    ) throws -> GRPOStep<Policy.Prompt> {
        var groups: [RolloutGroup<Policy.Prompt>] = []
        var flat: [RolloutGroup<Policy.Prompt>] = []
        while groups.count < options.groupsPerStep,
            groups.count + flat.count < options.groupsPerStep + options.resampleLimit
        {
            let prompt = try nextPrompt()
            var rollouts = try policy.rollouts(
                prompt, count: options.groupSize, seed: random.next())
            let rewards = try reward(prompt, &rollouts)
            precondition(rewards.count == rollouts.count, "one reward per answer")
            let group = RolloutGroup(
                prompt: prompt, rollouts: rollouts, rewards: rewards,
                advantages: options.advantages(rewards))
            if group.isFlat { flat.append(group) } else { groups.append(group) }
        }
        let flatGroups = flat.count
        groups += flat.prefix(options.groupsPerStep - groups.count)
        return try learn(&policy, groups, flatGroups: flatGroups)
    }

    /// - Parameter flatGroups: only reported.
    func learn<Policy: TrainablePolicy>(
        _ policy: inout Policy, _ groups: [RolloutGroup<Policy.Prompt>], flatGroups: Int
    ) throws -> GRPOStep<Policy.Prompt> {
        let masks = groups.map { group in group.rollouts.map(isCounted) }
        let lengths = zip(groups, masks).map { group, mask in
            zip(group.rollouts, mask).map { $1 ? $0.ids.count : 0 }
        }
        let stepTokens = lengths.joined().reduce(0, +)
        let references = try groups.map { group in
            options.divergenceWeight == 0
                ? nil : try policy.referenceLogProbabilities(group.prompt, group.rollouts)
        }
        var old: [[[Float]]] = []
        var (loss, divergence, clipped) = (Float(0), Float(0), Float(0))
        var update = TrainingUpdate(step: 0, learningRate: 0, gradientNorm: 0)
        for iteration in 0..<max(1, options.iterations) {
            for (index, group) in groups.enumerated() {
                let groupTokens = lengths[index].reduce(0, +)
                try policy.accumulate(group.prompt, group.rollouts) { current in
                    if iteration == 0 { old.append(current) }
                    return current.indices.map { answer in
                        guard masks[index][answer] else { return current[answer].map { _ in 0 } }
                        let weight = options.tokenWeight(
                            length: lengths[index][answer], groupTokens: groupTokens,
                            stepTokens: stepTokens, groups: groups.count)
                        return current[answer].indices.map { token in
                            let result = options.tokenLoss(
                                current: current[answer][token], old: old[index][answer][token],
                                reference: references[index]?[answer][token],
                                advantage: group.advantages[answer])
                            if iteration == 0 {
                                loss += weight * result.loss
                                divergence += result.divergence
                            }
                            if result.isClipped { clipped += 1 }
                            return weight * result.slope
                        }
                    }
                }
            }
            update = try policy.update()
        }
        let tokens = Float(max(1, stepTokens))
        return GRPOStep(
            groups: groups, flatGroups: flatGroups, loss: loss, divergence: divergence / tokens,
            clippedShare: clipped / (tokens * Float(max(1, options.iterations))), update: update)
    }

    /// Whether an answer's tokens are learnt from.
    private func isCounted(_ rollout: Rollout) -> Bool {
        !options.masksTruncated || rollout.finishReason == .stop
    }
}
