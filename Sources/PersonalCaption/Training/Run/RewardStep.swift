import VLMRuntime

/// One update by reinforcement: episodes, groups of answers, rewards.
struct RewardStep {
    let settings: RunSettings
    let judge: EpisodeJudge
    let cancellation: CancellationFlag?

    func run(
        _ trainer: inout AdapterTrainer, _ episodes: inout StepEpisodes, number: Int
    ) throws -> StepReport {
        let sampling = SamplingOptions(
            temperature: settings.temperature, maxNewTokens: settings.group.maximumTokens)
        var policy = AdapterPolicy(
            trainer: trainer, sampling: sampling, cancellation: cancellation)
        var random = RandomSource(
            seed: settings.seed &+ UInt64(number) &* 0xD134_2543_DE82_EF95)
        var current: (number: Int, episode: Episode)?
        var groups: [GroupReport] = []
        let result = try GRPO(settings.group).step(
            &policy, random: &random,
            nextPrompt: {
                let next = try episodes.next()
                current = next
                return try trainer.model.ready(next.episode.messages, cancellation: cancellation)
            },
            reward: { prompt, rollouts in
                guard let current else { return rollouts.map { _ in 0 } }
                let seen = PictureScale(query: prompt)
                var verdicts = try rollouts.map {
                    try judge.judge($0.text, of: current.episode, seen: seen)
                }
                let shown = try show(
                    &rollouts, &verdicts, current.episode, prompt, trainer.model,
                    seed: UInt64(current.number))
                let rewards = verdicts.map(\.reward)
                let advantages = settings.group.advantages(rewards)
                groups.append(
                    GroupReport(
                        task: current.episode.goal.task, question: current.episode.question,
                        episode: current.number,
                        answers: rollouts.indices.map { index in
                            AnswerReport(
                                text: rollouts[index].text, reward: rewards[index],
                                reason: verdicts[index].reason, advantage: advantages[index],
                                tokens: rollouts[index].ids.count,
                                isShown: index == shown ? true : nil)
                        }))
                return rewards
            })
        trainer = policy.trainer
        return StepReport(result, groups)
    }

    /// Puts a right answer in the place of the worst, when none of the answers earns everything.
    ///
    /// - Returns: its place.
    private func show(
        _ rollouts: inout [Rollout], _ verdicts: inout [Verdict], _ episode: Episode,
        _ prompt: ReadyPrompt, _ model: VisionLanguageModel, seed: UInt64
    ) throws -> Int? {
        guard settings.showsRightAnswers == true,
            let best = verdicts.map(\.reward).max(), best < 1,
            let worst = verdicts.indices.min(by: { verdicts[$0].reward < verdicts[$1].reward }),
            let found = try RightAnswer(
                settings: settings, judge: judge, cancellation: cancellation
            ).find(episode, prompt: prompt, model: model, seed: seed, least: best.nextUp)
        else { return nil }
        (rollouts[worst], verdicts[worst]) = found
        return worst
    }
}

extension StepReport {
    fileprivate init(_ step: GRPOStep<ReadyPrompt>, _ groups: [GroupReport]) {
        // Answers that were shown say nothing about how good the model is.
        func own(_ group: GroupReport) -> [AnswerReport] {
            group.answers.filter { $0.isShown != true }
        }
        let answers = groups.flatMap(own)
        func mean(_ values: [Float]) -> Float {
            values.reduce(0, +) / Float(max(1, values.count))
        }
        let byTask = Dictionary(grouping: groups) { $0.task.rawValue }
        self.init(
            reward: mean(answers.map(\.reward)),
            rewards: byTask.mapValues { mean($0.flatMap(own).map(\.reward)) },
            loss: step.loss, divergence: step.divergence, clippedShare: step.clippedShare,
            length: mean(answers.map { Float($0.tokens) }), flatGroups: step.flatGroups,
            gradientNorm: step.update.gradientNorm, learningRate: step.update.learningRate,
            seconds: 0, groups: groups)
    }
}
