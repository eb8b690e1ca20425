import VLMRuntime

/// Finds a right answer to an episode, for a model that does not find one by itself.
///
/// Yes or no and boxes are known from the composition. A caption is written by the base model, in its
/// own words, when it is told of those in view only: whom it confuses with an absent look-alike it
/// names without trouble when the look-alike is not offered. The model then learns to give the same
/// caption to the harder question. So words and style stay those of the model; only names change.
/// (Learning under privileged information, Vapnik & Vashist 2009; off-policy guidance in groups as
/// in LUFFY, arXiv 2504.14945.)
struct RightAnswer {
    /// Attempts at a caption beside the greedy one, decoded together.
    static let attempts = 4
    let settings: RunSettings
    let judge: EpisodeJudge
    let cancellation: CancellationFlag?

    /// - Parameters:
    ///   - model: without the adapter.
    ///   - prompt: of the episode.
    ///   - least: what it has to earn, or more.
    /// - Returns: the best answer found; `nil` when none earns enough or none can be known.
    /// - Throws: what the model or the judge throws.
    func find(
        _ episode: Episode, prompt: ReadyPrompt, model: VisionLanguageModel, seed: UInt64,
        least: Float
    ) throws -> (rollout: Rollout, verdict: Verdict)? {
        let seen = PictureScale(query: prompt)
        func best(_ rollouts: [Rollout]) throws -> (rollout: Rollout, verdict: Verdict)? {
            try rollouts.filter { $0.finishReason == .stop }.map {
                ($0, try judge.judge($0.text, of: episode, seen: seen))
            }.filter { $0.1.reward >= least }.max { $0.1.reward < $1.1.reward }
        }
        switch episode.goal {
        case .sameObject, .box:
            let text = episode.answer(seen: seen)
            let ids = ExampleStep.tokens(of: text, model)
            return try best([Rollout(ids: ids, text: text, finishReason: .stop)])
        case .names:
            let asked =
                try episode.easier.map { try model.ready($0, cancellation: cancellation) } ?? prompt
            var options = SamplingOptions(maxNewTokens: settings.group.maximumTokens)
            let greedy = try model.rollouts(
                after: asked, count: 1, options: options, cancellation: cancellation)
            if let found = try best(greedy), found.verdict.reward >= 1 { return found }
            options.temperature = settings.temperature
            options.seed = seed
            return try best(
                greedy
                    + model.rollouts(
                        after: asked, count: Self.attempts, options: options,
                        cancellation: cancellation))
        case .questions, .example: return nil
        }
    }
}
