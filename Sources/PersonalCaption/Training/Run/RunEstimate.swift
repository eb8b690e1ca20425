import Foundation
public import VLMRuntime

/// What a run will take, found out with one prompt before it starts.
public struct RunEstimate: Sendable, Codable, Equatable {
    /// Of one update.
    public var secondsPerStep: Double
    /// Of all updates, without judging.
    public var seconds: Double
    /// Of judging the held-out scenes once.
    public var secondsPerJudging: Double
    /// What training takes besides the model.
    public var memory: TrainingMemory
    /// What is free; `nil` when the system does not say.
    public var available: Int?

    /// Reads one episode, lets it be answered with a few tokens, and adds up.
    ///
    /// Answers rarely use all tokens they may; two thirds are counted.
    ///
    /// - Throws: `GenerationError.notEnoughMemory` for what cannot fit, and what episodes throw.
    public init(
        _ settings: RunSettings, model: VisionLanguageModel, source: any EpisodeSource,
        cancellation: CancellationFlag? = nil
    ) throws {
        let plan = AdapterPlan(rank: settings.rank, alpha: settings.alpha)
        let adapter = Adapter(plan, for: model, seed: settings.seed)
        let episode = try source.episode(seed: settings.seed, number: 0)
        let clock = ContinuousClock()
        func timed(_ body: () throws -> Void) rethrows -> Double {
            let parts = try clock.measure(body).components
            return Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
        }
        var prompt: ReadyPrompt?
        let reading = try timed {
            prompt = try model.ready(episode.messages, cancellation: cancellation)
        }
        guard let prompt else { throw RunError.noMaterial(reason: "no prompt could be made") }
        let group = settings.recipe == .sft ? 1 : settings.group.groupSize
        let limit = settings.group.maximumTokens
        let trainer = try AdapterTrainer(model: model, adapter: adapter, options: .init())
        memory = TrainingMemory(
            model, parameters: adapter.parameterCount, promptTokens: prompt.ids.count,
            answerTokens: limit, answers: group, tapeBudget: trainer.tapeBudget)
        available = MemoryHeadroom().available()
        try memory.check(model)

        let few = min(6, limit)
        var answers: [Rollout] = []
        let writing = try timed {
            answers = try model.rollouts(
                after: prompt, count: group,
                options: SamplingOptions(temperature: 1, maxNewTokens: few, minNewTokens: few),
                cancellation: cancellation)
        }
        let writingOne = try timed {
            _ = try model.rollouts(
                after: prompt, count: 1,
                options: SamplingOptions(maxNewTokens: few, minNewTokens: few),
                cancellation: cancellation)
        }
        let sequence = TrainingSequence(prompt: prompt, continuations: answers.map(\.ids))
        let forward = try timed {
            _ = try trainer.logProbabilities(of: sequence, adapted: true)
        }
        let length = Double(limit) * 2 / 3
        let rows = Double(prompt.ids.count + group * few)
        let fullRows = Double(prompt.ids.count) + Double(group) * length
        // The pass back costs about two passes forward; GRPO adds one of the base model.
        let passes = settings.recipe == .sft ? 3.0 : settings.group.divergenceWeight > 0 ? 4 : 3
        let rollouts = settings.recipe == .sft ? 0 : writing * length / Double(max(1, few))
        let showing =
            settings.showsRightAnswers == true ? writingOne * length / Double(max(1, few)) : 0
        let one = reading + rollouts + showing + passes * forward * fullRows / rows
        secondsPerStep = one * Double(max(1, settings.group.groupsPerStep))
        seconds = secondsPerStep * Double(settings.steps)
        secondsPerJudging =
            Double(settings.heldOutScenes) * (reading + writingOne * length / Double(max(1, few)))
    }

    /// Everything, judging included.
    public func total(_ settings: RunSettings) -> Double {
        secondsPerStep * Double(settings.steps)
            + secondsPerJudging * Double(settings.judgings)
    }
}
