import Foundation
import VLMRuntime

/// Judges a model on scenes that it is not trained with.
struct HeldOutJudge {
    let episodes: [Episode]
    let judge: EpisodeJudge
    let maximumTokens: Int

    /// Greedy answers, strict rewards, and names counted as the demo does.
    func report(
        _ model: VisionLanguageModel, cancellation: CancellationFlag?
    ) throws -> EvaluationReport {
        let start = Date()
        var strict = judge
        strict.names.form = .strict
        var names = DemoScore()
        var rewards: Float = 0
        var characters = 0
        var (empty, silent) = (0, 0)
        var answers: [String] = []
        var details: [SceneDetail] = []
        for episode in episodes {
            let prompt = try model.ready(episode.messages, cancellation: cancellation)
            let options = SamplingOptions(maxNewTokens: maximumTokens)
            let text = try model.rollouts(
                after: prompt, count: 1, options: options, cancellation: cancellation)[0].text
            let seen = PictureScale(query: prompt)
            let verdict = try strict.judge(text, of: episode, seen: seen)
            rewards += verdict.reward
            characters += text.count
            answers.append(text)
            var detail = SceneDetail(
                question: episode.question, present: [], supplied: [], wrong: [], named: [],
                reward: verdict.reward, reason: verdict.reason)
            defer { details.append(detail) }
            guard case .names(let scene) = episode.goal else { continue }
            let report = NameCheck(supplied: scene.supplied, library: scene.others)
                .report(on: text)
            detail.present = scene.present
            detail.supplied = scene.supplied
            detail.named = report.named.filter { scene.present.contains($0) }
            detail.wrong = report.named.filter { !scene.present.contains($0) } + report.wrong
            names.add(SceneScore(report: report, truth: scene.present))
            if scene.present.isEmpty {
                empty += 1
                if report.named.isEmpty, report.wrong.isEmpty { silent += 1 }
            }
        }
        let count = max(1, episodes.count)
        return EvaluationReport(
            scenes: episodes.count, score: rewards / Float(count), precision: names.precision,
            recall: names.recall, f1: names.f1,
            exact: Double(names.exact) / Double(max(1, names.scenes)),
            abstention: empty > 0 ? Double(silent) / Double(empty) : nil,
            length: Float(characters) / Float(count), seconds: Date().timeIntervalSince(start),
            answers: answers, details: details)
    }
}
