import Foundation
import TerminalUI
import VLMRuntime

@testable import PersonalCaption
@testable import StudioTUI

/// Runs and states for the tests of the screen Train, without a model.
enum TrainFixture {
    static func settings(_ name: String = "milo-1", steps: Int = 20) -> RunSettings {
        var settings = RunSettings(
            name: name, model: "mini", modelFolder: "/nowhere/mini", modelFingerprint: "1",
            recipe: .repic, concepts: ["Milo", "Luna"], steps: steps, seed: 1)
        settings.checkpointEvery = 5
        settings.heldOutScenes = 2
        return settings
    }

    static func answer(_ text: String, _ reward: Float, _ advantage: Float) -> AnswerReport {
        AnswerReport(
            text: text, reward: reward, reason: reward < 1 ? "a name is missing" : "",
            advantage: advantage, tokens: 12)
    }

    static func group(_ rewards: [Float], question: String = "Who is there?") -> GroupReport {
        let mean = rewards.reduce(0, +) / Float(max(1, rewards.count))
        return GroupReport(
            task: .names, question: question, episode: 3,
            answers: rewards.enumerated().map { answer("answer \($0)", $1, $1 - mean) })
    }

    static func event(
        _ type: RunEvent.Kind, _ step: Int, steps: Int = 20, report: StepReport? = nil,
        evaluation: EvaluationReport? = nil, reason: String? = nil
    ) -> RunEvent {
        RunEvent(
            type: type, run: "milo-1", step: step, steps: steps, report: report,
            evaluation: evaluation, reason: reason)
    }

    static func update(_ step: Int, reward: Float = 0.5, groups: [GroupReport] = []) -> RunEvent {
        event(
            .step, step,
            report: StepReport(
                reward: reward, rewards: ["names": reward, "box": 0.25], loss: 0.1,
                divergence: 0.002 * Float(step), clippedShare: 0, length: 30, flatGroups: 0,
                gradientNorm: 1, learningRate: 1e-4, seconds: 2, groups: groups))
    }

    static func judging(_ step: Int, score: Float, answers: [String]? = nil) -> RunEvent {
        let answers = answers ?? ["<Zorp> at step \(step)", "Nobody at step \(step)"]
        let isRight = score > 0.5
        return event(
            .evaluation, step,
            evaluation: EvaluationReport(
                scenes: 2, score: score, precision: 0.5, recall: Double(score),
                f1: Double(score), exact: 0.5, abstention: 1, length: 80, seconds: 4,
                answers: answers,
                details: answers.map { _ in
                    SceneDetail(
                        question: "Who is there?", present: ["Zorp"], supplied: ["Zorp", "Quill"],
                        wrong: [], named: isRight ? ["Zorp"] : [], reward: score,
                        reason: isRight ? "" : "Zorp is not named")
                }))
    }

    /// A course of so many updates; a checkpoint and a judging after every five.
    static func events(_ count: Int) -> [RunEvent] {
        var events = [event(.start, 0), judging(0, score: 0.25)]
        for step in 1...max(1, count) where count > 0 {
            events.append(
                update(
                    step, reward: 0.4 + 0.02 * Float(step),
                    groups: [group([0, 1, 0.5, 1]), group([0.5, 0.5])]))
            if step % 5 == 0 {
                events.append(judging(step, score: 0.25 + 0.03 * Float(step)))
                events.append(event(.checkpoint, step))
            }
        }
        return events
    }

    static func run(
        _ events: [RunEvent], _ phase: TrainedRun.Phase = .running, name: String = "milo-1",
        isKept: Bool = false
    ) throws -> TrainedRun {
        TrainedRun(
            name: name, settings: settings(name), course: RunCourse(events), phase: phase,
            isKept: isKept, lastChange: .distantPast,
            folder: try RunFolder(name: name, in: URL(fileURLWithPath: "/nowhere/data/runs")))
    }

    /// The screen Train with these runs.
    static func state(
        _ runs: [TrainedRun], size: Size = Size(columns: 120, rows: 36)
    ) -> AppState {
        var state = AskFixture.state(size: size)
        _ = Reducer.reduce(&state, .show(.train))
        _ = Reducer.reduce(&state, .train(.seen(runs)))
        return state
    }

    static func plan(_ settings: RunSettings = settings(), each: Double = 3) throws -> TrainPlan {
        let estimate = """
            {"secondsPerStep": \(each), "seconds": \(each * Double(settings.steps)),
             "secondsPerJudging": 5, "available": 900000000,
             "memory": {"adapter": 1000000, "activations": 200000000, "rollouts": 1000000}}
            """
        return TrainPlan(
            settings: settings,
            estimate: try JSONDecoder().decode(RunEstimate.self, from: Data(estimate.utf8)),
            warnings: ["Milo: one picture each"])
    }

    static func press(_ state: inout AppState, _ keys: String...) throws -> [Effect] {
        var effects: [Effect] = []
        for text in keys {
            for key in try KeySequence(parsing: text).keys {
                effects += Reducer.reduce(&state, .input(.key(key)))
            }
        }
        return effects
    }
}

extension [Effect] {
    /// What the screen Train wants done, but for looking.
    var training: [TrainEffect] {
        compactMap { effect in
            guard case .train(let wanted) = effect else { return nil }
            if case .look = wanted { return nil }
            return wanted
        }
    }
}
