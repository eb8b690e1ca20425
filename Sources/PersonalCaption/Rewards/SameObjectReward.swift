/// Object consistency (RePIC's OCT): whether the object of the reference is in the picture.
public enum SameObjectReward {
    /// - Parameters:
    ///   - answer: what the model wrote.
    ///   - isPresent: the truth.
    /// - Returns: 1 for the right answer, else 0.
    public static func judge(_ answer: String, isPresent: Bool, form: RewardForm) -> Verdict {
        switch form {
        case .published: published(answer, isPresent: isPresent)
        case .strict: strict(answer, isPresent: isPresent)
        }
    }

    /// The first "yes" or "no" anywhere, also inside another word ("now", "another").
    private static func published(_ answer: String, isPresent: Bool) -> Verdict {
        guard let hit = answer.lowercased().firstMatch(of: /yes|no/) else {
            return .none("neither yes nor no")
        }
        return hit.output == (isPresent ? "yes" : "no") ? .full : .none("the wrong answer")
    }

    private static func strict(_ answer: String, isPresent: Bool) -> Verdict {
        let words = Set(NameToken.split(answer).map(\.text))
        switch (words.contains("yes"), words.contains("no")) {
        case (true, true): return .none("both yes and no")
        case (false, false): return .none("neither yes nor no")
        case (let saysYes, _):
            return saysYes == isPresent ? .full : .none("the wrong answer")
        }
    }
}
