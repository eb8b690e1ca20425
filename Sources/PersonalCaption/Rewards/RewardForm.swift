/// Which reading of a reward is used.
public enum RewardForm: String, Sendable, Codable, CaseIterable {
    /// Bit for bit what oyt9306/RePIC trains with, weaknesses included.
    case published
    /// The same aims without the ways around them: whole words, boxes in the picture's own pixels,
    /// no filler, no repetition, absent names punished, abstention rewarded.
    case strict
}

/// What is true of a picture and was told to the model, as far as a reward wants to know.
public struct RewardScene: Sendable, Codable, Equatable {
    /// Names of the concepts that can be seen.
    public var present: [String]
    /// Names the model was given, seen or not, in prompt order.
    public var supplied: [String]
    /// Further names that must not be used.
    public var others: [String]
    /// Info lines the model was given; repeating them is not describing the picture.
    public var infos: [String]

    /// Names every part.
    public init(
        present: [String], supplied: [String], others: [String] = [], infos: [String] = []
    ) {
        self.present = present
        self.supplied = supplied
        self.others = others
        self.infos = infos
    }

    /// Supplied names of concepts that cannot be seen.
    public var absent: [String] {
        let seen = Set(present.map(NameKey.init))
        return supplied.filter { !seen.contains(NameKey($0)) }
    }
}

/// What a reward function says of one answer.
public struct Verdict: Sendable, Codable, Equatable {
    /// 0…1.
    public var reward: Float
    /// Why it is less than 1, in a few words; empty for a full reward.
    public var reason: String

    /// Takes the values as they are.
    public init(_ reward: Float, _ reason: String = "") {
        self.reward = reward
        self.reason = reason
    }

    static let full = Verdict(1)
    static func none(_ reason: String) -> Verdict { Verdict(0, reason) }
}
