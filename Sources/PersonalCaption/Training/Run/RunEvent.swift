/// One line of a run's `events.jsonl`.
public struct RunEvent: Sendable, Codable, Equatable {
    /// What happened.
    public enum Kind: String, Sendable, Codable {
        case start, step, evaluation, checkpoint, end
    }

    /// What happened.
    public var type: Kind
    /// Which run.
    public var run: String
    /// Updates done.
    public var step: Int
    /// Updates of the whole run.
    public var steps: Int
    /// What the update did.
    public var report: StepReport?
    /// How well held-out scenes went.
    public var evaluation: EvaluationReport?
    /// Why the run ended or stopped.
    public var reason: String?

    /// Names every part.
    public init(
        type: Kind, run: String, step: Int, steps: Int, report: StepReport? = nil,
        evaluation: EvaluationReport? = nil, reason: String? = nil
    ) {
        self.type = type
        self.run = run
        self.step = step
        self.steps = steps
        self.report = report
        self.evaluation = evaluation
        self.reason = reason
    }
}

/// What one update did.
public struct StepReport: Sendable, Codable, Equatable {
    /// Mean reward of all answers, 0…1; for examples `exp(-loss)`.
    public var reward: Float
    /// Mean reward of each task that occurred.
    public var rewards: [String: Float]
    /// The loss.
    public var loss: Float
    /// Mean divergence from the base model per token.
    public var divergence: Float
    /// Share of tokens whose gradient was clipped.
    public var clippedShare: Float
    /// Mean length of the answers, in tokens.
    public var length: Float
    /// Groups drawn whose rewards were all equal.
    public var flatGroups: Int
    /// Length of the gradient before clipping.
    public var gradientNorm: Double
    /// Learning rate used.
    public var learningRate: Double
    /// How long it took.
    public var seconds: Double
    /// Every group with its answers.
    public var groups: [GroupReport]
}

/// The answers to one prompt.
public struct GroupReport: Sendable, Codable, Equatable {
    /// What was trained.
    public var task: EpisodeTask
    /// What was asked.
    public var question: String
    /// Which episode of the run.
    public var episode: Int
    /// The answers.
    public var answers: [AnswerReport]
}

/// One answer and what it earned.
public struct AnswerReport: Sendable, Codable, Equatable {
    /// What the model wrote.
    public var text: String
    /// 0…1.
    public var reward: Float
    /// Why it earned less than everything.
    public var reason: String
    /// How much better than its group it did.
    public var advantage: Float
    /// Its length.
    public var tokens: Int
    /// Whether it was put there as a right answer, instead of sampled; `nil` for no.
    public var isShown: Bool?
}

/// How well held-out scenes went: greedy captions, strict rules, whatever the run trains with.
public struct EvaluationReport: Sendable, Codable, Equatable {
    /// Scenes judged.
    public var scenes: Int
    /// Mean reward, 0…1; decides which checkpoint is best.
    public var score: Float
    /// Share of the names used that are right.
    public var precision: Double
    /// Share of the names in view that are used.
    public var recall: Double
    /// Harmonic mean of both.
    public var f1: Double
    /// Share of scenes with exactly the right names.
    public var exact: Double
    /// Share of the scenes without anybody known in which nobody is named; `nil` without such.
    public var abstention: Double?
    /// Mean length, in characters.
    public var length: Float
    /// How long it took.
    public var seconds: Double
    /// Each answer, for people.
    public var answers: [String]
    /// What each answer did, in the same order; `nil` in runs of earlier versions.
    public var details: [SceneDetail]?
}

/// What the greedy answer to one held-out scene did.
public struct SceneDetail: Sendable, Codable, Equatable {
    /// What was asked.
    public var question: String
    /// Names of those in the picture.
    public var present: [String]
    /// Names that were offered, in the picture or not.
    public var supplied: [String]
    /// Names the answer uses and should not.
    public var wrong: [String]
    /// Names of those in the picture that the answer uses.
    public var named: [String]
    /// 0…1, by the strict rules.
    public var reward: Float
    /// Why it earned less than everything.
    public var reason: String

    /// Whether exactly those in the picture are named.
    public var isExact: Bool { wrong.isEmpty && named.count == present.count }
}
