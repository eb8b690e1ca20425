public import VLMRuntime

/// What an episode trains, in RePIC's three tasks, CapRL's, and learning from examples.
public enum EpisodeTask: String, Sendable, Codable, CaseIterable {
    /// OCT: is the object of the reference in the picture?
    case sameObject
    /// VLT: where is it?
    case box
    /// ICT: a caption with the names of those in view.
    case names
    /// CapRL: a caption from which questions can be answered.
    case questions
    /// An example with its answer.
    case example
}

/// What a right answer is.
public enum EpisodeGoal: Sendable, Equatable {
    case sameObject(isPresent: Bool)
    /// `[x1, y1, x2, y2]` in pixels of the query picture.
    case box([Int], name: String)
    case names(RewardScene)
    case questions([MultipleChoiceQuestion])
    /// Only the answer itself is known.
    case example

    /// Which task it belongs to.
    public var task: EpisodeTask {
        switch self {
        case .sameObject: .sameObject
        case .box: .box
        case .names: .names
        case .questions: .questions
        case .example: .example
        }
    }
}

/// One prompt with what is known of its right answer.
public struct Episode: Sendable {
    /// The chat; its last picture is the query.
    public var messages: [ChatMessage]
    /// What a right answer is.
    public var goal: EpisodeGoal
    /// The question alone, for people.
    public var question: String
    /// An answer to learn from; boxes are made from the goal instead.
    public var answer: String
    /// The same question with nobody supplied who is not in view, far easier to answer; `nil` where
    /// that is the chat itself or where it is not known.
    public var easier: [ChatMessage]?
    /// For boxes: words that only the object in the box fits, so that it can be asked for without a
    /// reference; `nil` where there are none.
    public var expression: String?

    /// Names every part.
    public init(
        messages: [ChatMessage], goal: EpisodeGoal, question: String, answer: String,
        easier: [ChatMessage]? = nil
    ) {
        self.messages = messages
        self.goal = goal
        self.question = question
        self.answer = answer
        self.easier = easier
    }

    /// The answer to learn from, boxes in the units the model writes.
    public func answer(seen: PictureScale) -> String {
        guard case .box(let box, let name) = goal, answer.isEmpty else { return answer }
        let scales = [seen.across, seen.down, seen.across, seen.down]
        let numbers = zip(box, scales).map { String(Int((Double($0) / $1).rounded())) }
        return "{\"bbox_2d\": [\(numbers.joined(separator: ", "))], "
            + "\"label\": \"\(PromptName.tag(name))\"}"
    }
}

extension PictureScale {
    /// Between the last picture of a prompt and boxes about it.
    public init(query prompt: ReadyPrompt) {
        self = prompt.images.last.map { PictureScale($0, units: prompt.boxUnits) } ?? .same
    }
}

/// Gives answers their reward.
public struct EpisodeJudge {
    /// Names in captions, their form and gates.
    public var names: NamesReward
    /// How box overlaps count.
    public var boxScale: BoxReward.Scale
    /// CapRL's examination.
    public var questions: QuestionReward
    /// Who reads captions; `nil` gives question episodes nothing.
    public var reader: (any CaptionReader)?

    /// Names every part.
    public init(
        names: NamesReward = NamesReward(), boxScale: BoxReward.Scale = .half,
        questions: QuestionReward = QuestionReward(), reader: (any CaptionReader)? = nil
    ) {
        self.names = names
        self.boxScale = boxScale
        self.questions = questions
        self.reader = reader
    }

    /// - Parameters:
    ///   - answer: what the model wrote.
    ///   - seen: how the model saw the query picture.
    /// - Throws: what the reader throws.
    public func judge(
        _ answer: String, of episode: Episode, seen: PictureScale = .same
    ) throws -> Verdict {
        switch episode.goal {
        case .sameObject(let isPresent):
            return SameObjectReward.judge(answer, isPresent: isPresent, form: names.form)
        case .box(let box, _):
            return BoxReward.judge(
                answer, box: box, seen: seen, form: names.form, scale: boxScale)
        case .names(let scene): return names.judge(answer, scene: scene)
        case .questions(let questions):
            guard let reader else { return Verdict(0, "nobody to answer the questions") }
            let share = try self.questions(answer, questions: questions, reader: reader)
            return Verdict(share, share < 1 ? "not every question can be answered" : "")
        case .example:
            let isSame = PromptName.oneLine(answer) == PromptName.oneLine(episode.answer)
            return Verdict(isSame ? 1 : 0, isSame ? "" : "not the example's answer")
        }
    }
}

/// Where episodes come from; the same number always gives the same episode.
public protocol EpisodeSource: Sendable {
    /// - Parameters:
    ///   - seed: of the run.
    ///   - number: counts the episodes of a run.
    func episode(seed: UInt64, number: Int) throws -> Episode
}
