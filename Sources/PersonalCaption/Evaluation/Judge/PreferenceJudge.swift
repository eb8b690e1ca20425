public import VLMRuntime

/// Answers a conversation with pictures: a model in this process, or a service elsewhere.
public typealias JudgeEngine = @Sendable ([ChatMessage]) throws -> String

/// Which of two captions a judge prefers.
public enum Preference: String, Sendable, Codable {
    case first, second, tie
}

/// What a judge said, asked twice with the captions exchanged.
public struct PreferenceVerdict: Sendable, Codable, Equatable {
    /// What it chose with the first caption as option A; `nil` when it named neither option.
    public var straight: Preference?
    /// What it chose with the second caption as option A.
    public var exchanged: Preference?

    /// Names both choices.
    public init(straight: Preference?, exchanged: Preference?) {
        self.straight = straight
        self.exchanged = exchanged
    }

    /// The preference that does not depend on the order; a tie when there is none.
    public var outcome: Preference {
        straight == exchanged ? straight ?? .tie : .tie
    }
}

/// Asks a judge which of two captions describes a picture better, in both orders.
///
/// Wording: oyt9306/RePIC, `evaluation/GPT_eval_multi.py`, whose scripts ask in one order only.
public struct PreferenceJudge: Sendable {
    private static let system =
        "You are an evaluation expert. Your task is to determine which answer best describes the "
        + "given image accurately. Carefully analyze the options and select the most appropriate "
        + "one as your final choice."
    private static let criterion =
        "The preferable caption is one that is not merely a duplication of the given information "
        + "but provides a meaningful and accurate description of the image."

    private let engine: JudgeEngine

    /// Takes the judge.
    public init(engine: @escaping JudgeEngine) { self.engine = engine }

    /// The conversation that asks for a choice.
    public static func messages(
        concepts: [CaptionConcept], query: ImageInput, optionA: String, optionB: String
    ) -> [ChatMessage] {
        var parts: [ChatMessage.Part] = [.text(criterion + "\n")]
        for concept in concepts {
            parts.append(.image(ImageInput(concept.image)))
            parts.append(.text(CaptionPrompt.label(concept) + "\n"))
        }
        parts.append(.image(query))
        parts.append(
            .text(
                "Which one is more preferable caption to the query image?\nOptions: \n"
                    + " A: \(PromptName.oneLine(optionA)) \n B: \(PromptName.oneLine(optionB)) \n"
                    + "Output the final answer by choosing one of the options with a single "
                    + "alphabet."))
        return [ChatMessage(.system, text: system), ChatMessage(.user, parts)]
    }

    /// Asks twice.
    ///
    /// - Throws: what the engine throws.
    public func verdict(
        concepts: [CaptionConcept], query: ImageInput, first: String, second: String
    ) throws -> PreferenceVerdict {
        let straight = try engine(
            Self.messages(concepts: concepts, query: query, optionA: first, optionB: second))
        let exchanged = try engine(
            Self.messages(concepts: concepts, query: query, optionA: second, optionB: first))
        return PreferenceVerdict(
            straight: Self.option(in: straight).map { $0 == "A" ? .first : .second },
            exchanged: Self.option(in: exchanged).map { $0 == "A" ? .second : .first })
    }

    /// The first `A` or `B` that stands alone as a word.
    static func option(in answer: String) -> Character? {
        answer.split { !$0.isLetter && !$0.isNumber }
            .first { $0 == "A" || $0 == "B" || answer.count <= 2 && ($0 == "a" || $0 == "b") }?
            .uppercased().first
    }
}

/// The verdicts over many pictures.
public struct PreferenceScore: Sendable, Codable, Equatable {
    /// Pictures on which the first was preferred in both orders.
    public let first: Int
    /// Pictures on which the second was preferred in both orders.
    public let second: Int
    /// Pictures on which the choice changed with the order, or was none.
    public let ties: Int
    /// Answers that named neither option.
    public let unreadable: Int
    /// Share of all answers that chose option A: one half unless the judge has a habit.
    public let choseA: Double
    /// How surprising the split is if neither is better; ties left out.
    public let sign: SignTest

    /// Adds verdicts up.
    public init(_ verdicts: [PreferenceVerdict]) {
        first = verdicts.count { $0.outcome == .first }
        second = verdicts.count { $0.outcome == .second }
        ties = verdicts.count { $0.outcome == .tie }
        unreadable = verdicts.reduce(0) {
            $0 + ($1.straight == nil ? 1 : 0) + ($1.exchanged == nil ? 1 : 0)
        }
        let choices = verdicts.reduce(0) {
            $0 + ($1.straight == .first ? 1 : 0) + ($1.exchanged == .second ? 1 : 0)
        }
        let answers = 2 * verdicts.count - unreadable
        choseA = answers > 0 ? Double(choices) / Double(answers) : 0
        sign = SignTest(better: second, worse: first, ties: ties)
    }
}
