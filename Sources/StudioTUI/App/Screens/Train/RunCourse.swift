import Foundation
import PersonalCaption

/// What a run has done so far, made of its events one by one.
struct RunCourse: Sendable, Equatable {
    /// One update, without its answers.
    struct Update: Sendable, Equatable {
        let step: Int
        let reward: Float
        /// Mean reward of each task that occurred.
        let rewards: [String: Float]
        let loss: Float
        let divergence: Float
        let length: Float
        let flatGroups: Int
        let seconds: Double
    }

    /// One judging of the held-out scenes.
    struct Judging: Sendable, Equatable {
        let step: Int
        let report: EvaluationReport
    }

    /// The answers to one prompt.
    struct Group: Sendable, Equatable {
        let step: Int
        let report: GroupReport
    }

    private(set) var step = 0
    private(set) var steps = 0
    private(set) var updates: [Update] = []
    private(set) var judgings: [Judging] = []
    /// The latest groups, oldest first.
    private(set) var groups: [Group] = []
    /// The step of the newest checkpoint.
    private(set) var checkpoint: Int?
    /// Why it ended: `done`, `stopped`, or the sentence of a failure; `nil` while it runs.
    private(set) var end: String?

    /// Groups kept for looking at.
    static let keptGroups = 240

    init() {}

    init(_ events: [RunEvent]) {
        for event in events { add(event) }
    }

    mutating func add(_ event: RunEvent) {
        step = event.step
        steps = event.steps
        switch event.type {
        case .start: rewind(to: event.step)
        case .step: event.report.map { add($0, at: event.step) }
        case .evaluation:
            if let report = event.evaluation {
                judgings.append(Judging(step: event.step, report: report))
            }
        case .checkpoint: checkpoint = event.step
        case .end: end = event.reason ?? ""
        }
    }

    /// A run that goes on from a checkpoint does again what came after it.
    private mutating func rewind(to step: Int) {
        end = nil
        updates.removeAll { $0.step > step }
        groups.removeAll { $0.step > step }
        judgings.removeAll { $0.step > step }
    }

    private mutating func add(_ report: StepReport, at step: Int) {
        updates.append(
            Update(
                step: step, reward: report.reward, rewards: report.rewards, loss: report.loss,
                divergence: report.divergence, length: report.length,
                flatGroups: report.flatGroups, seconds: report.seconds))
        groups += report.groups.map { Group(step: step, report: $0) }
        groups.removeFirst(max(0, groups.count - Self.keptGroups))
    }

    // MARK: - What follows from it

    /// The judging before the first update.
    var before: EvaluationReport? { judgings.first { $0.step == 0 }?.report }

    /// The best judging; of equal ones the first, as the run itself decides.
    var best: Judging? {
        judgings.reduce(nil) { best, next in
            guard let best else { return next }
            return next.report.score > best.report.score ? next : best
        }
    }

    /// Seconds of one update, by the latest ones.
    var secondsPerUpdate: Double? {
        let latest = updates.suffix(8).map(\.seconds)
        return latest.isEmpty ? nil : latest.reduce(0, +) / Double(latest.count)
    }

    /// Seconds until the last update at the speed of the latest ones, judging included.
    func remaining(_ settings: RunSettings) -> Double? {
        guard let each = secondsPerUpdate else { return nil }
        let left = max(0, settings.steps - step)
        let every = max(1, settings.checkpointEvery)
        let judgingsLeft = (settings.steps + every - 1) / every - step / every
        let judging = judgings.last?.report.seconds ?? 0
        return Double(left) * each + Double(max(0, judgingsLeft)) * judging
    }

    /// The tasks that have a reward of their own, in the order of the recipe.
    var tasks: [String] {
        let known = EpisodeTask.allCases.map(\.rawValue)
        let seen = Set(updates.flatMap(\.rewards.keys))
        return known.filter { seen.contains($0) }
    }
}
