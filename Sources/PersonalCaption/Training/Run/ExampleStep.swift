import Foundation
import VLMRuntime

/// One update from examples with known answers.
struct ExampleStep {
    let settings: RunSettings
    let judge: EpisodeJudge
    let cancellation: CancellationFlag?

    func run(
        _ trainer: inout AdapterTrainer, _ episodes: inout StepEpisodes
    ) throws -> StepReport {
        trainer.cancellation = cancellation
        let count = max(1, settings.group.groupsPerStep)
        var losses: [Float] = []
        var tokens = 0
        do {
            for _ in 0..<count {
                let (number, episode) = try episodes.next()
                let prompt = try trainer.model.ready(
                    episode.messages, cancellation: cancellation)
                let ids = try answer(to: episode, prompt, trainer.model, seed: UInt64(number))
                guard !ids.isEmpty else { continue }
                tokens += ids.count
                losses.append(
                    try SupervisedTuning.accumulate(
                        TrainingSequence(prompt: prompt, continuations: [ids]), examples: count,
                        in: &trainer))
            }
        } catch {
            trainer.discardGradient()
            throw error
        }
        let update = try trainer.update()
        let loss = losses.reduce(0, +) / Float(max(1, losses.count))
        return StepReport(
            reward: exp(-loss), rewards: [:], loss: loss, divergence: 0, clippedShare: 0,
            length: Float(tokens) / Float(max(1, losses.count)), flatGroups: 0,
            gradientNorm: update.gradientNorm, learningRate: update.learningRate, seconds: 0,
            groups: [])
    }

    /// The model's own right words where they are wanted and can be found, else the episode's answer.
    private func answer(
        to episode: Episode, _ prompt: ReadyPrompt, _ model: VisionLanguageModel, seed: UInt64
    ) throws -> [Int32] {
        if settings.showsRightAnswers == true, case .names = episode.goal {
            let found = try RightAnswer(
                settings: settings, judge: judge, cancellation: cancellation
            ).find(episode, prompt: prompt, model: model, seed: seed, least: 1)
            return found?.rollout.ids ?? []
        }
        return Self.tokens(of: episode.answer(seen: PictureScale(query: prompt)), model)
    }

    /// The answer as the chat template writes it, the end of its turn included.
    ///
    /// Not any token that ends generation: `eos_token_id` also names the end of plain text, which a
    /// chat model never writes and would have to be forced to.
    static func tokens(of answer: String, _ model: VisionLanguageModel) -> [Int32] {
        guard let end = model.turnEndToken else { return model.tokenizer.encode(answer) }
        return model.tokenizer.encode(answer) + [end]
    }
}
