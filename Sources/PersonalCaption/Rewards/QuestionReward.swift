import Synchronization

/// A question about a picture with one right option.
public struct MultipleChoiceQuestion: Sendable, Codable, Equatable, Hashable {
    /// The question.
    public var stem: String
    /// The options without letters.
    public var options: [String]
    /// Which option is right.
    public var correct: Int

    /// Names every part.
    public init(stem: String, options: [String], correct: Int) {
        self.stem = stem
        self.options = options
        self.correct = correct
    }
}

/// A text model that answers from a caption alone.
public protocol CaptionReader {
    /// How likely each answer is as the continuation of a prompt.
    ///
    /// - Parameters:
    ///   - prompt: caption and question.
    ///   - answers: complete answers such as `The answer is B`.
    /// - Returns: one log-probability per answer.
    func logProbabilities(of answers: [String], after prompt: String) throws -> [Float]
}

/// CapRL's reward (arXiv 2509.22647): a caption is worth what a reader who has not seen the
/// picture can answer from it.
///
/// Options are shuffled for every draw, and "Can not answer based on the caption" stands last. The
/// reader's choice is the likeliest letter, not a sampled one, so the same caption always earns the
/// same; answers are remembered. Safe to use from several threads.
public final class QuestionReward: Sendable {
    /// Questions drawn per caption.
    public let draws: Int
    private let remembered = Mutex<[Key: Float]>([:])
    private static let mostRemembered = 4096

    private struct Key: Hashable {
        var caption: String
        var questions: [MultipleChoiceQuestion]
    }

    /// CapRL draws eight questions.
    public init(draws: Int = 8) { self.draws = max(1, draws) }

    /// Share of the draws that the reader answers rightly, 0…1; 0 without questions.
    ///
    /// - Throws: what the reader throws.
    public func callAsFunction(
        _ caption: String, questions: [MultipleChoiceQuestion], reader: any CaptionReader
    ) throws -> Float {
        let usable = questions.filter { $0.options.indices.contains($0.correct) }
        guard !usable.isEmpty else { return 0 }
        let key = Key(caption: caption, questions: usable)
        if let known = remembered.withLock({ $0[key] }) { return known }
        // Seeded by the questions alone: every caption of a group gets the same examination.
        var random = RewardRandom(seed: Self.seed(usable))
        var right = 0
        for _ in 0..<draws {
            let question = usable[random.below(usable.count)]
            let sheet = QuestionSheet(question, random: &random)
            let scores = try reader.logProbabilities(
                of: sheet.answers, after: QuestionSheet.prompt(caption, sheet.text))
            let best = scores.indices.max { scores[$0] < scores[$1] }
            if best == sheet.correct { right += 1 }
        }
        let reward = Float(right) / Float(draws)
        remembered.withLock { known in
            if known.count >= Self.mostRemembered { known.removeAll() }
            known[key] = reward
        }
        return reward
    }

    private static func seed(_ questions: [MultipleChoiceQuestion]) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for question in questions {
            for byte in (question.stem + "\n" + question.options.joined(separator: "\n")).utf8 {
                hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
            }
        }
        return hash
    }
}

/// One question as it is put before the reader.
struct QuestionSheet: Equatable {
    static let cannotAnswer = "Can not answer based on the caption"
    /// Question and lettered options.
    let text: String
    /// The letters as complete answers, the last of them for not knowing.
    let answers: [String]
    /// Which answer is right.
    let correct: Int

    init(_ question: MultipleChoiceQuestion, random: inout RewardRandom) {
        var order = question.options.indices.filter { index in
            index == question.correct
                || question.options[index].lowercased().firstMatch(of: /can ?not (be )?answer/)
                    == nil
        }
        // CapRL's letters run from A to I, one of them for not knowing.
        while order.count > 8, let extra = order.lastIndex(where: { $0 != question.correct }) {
            order.remove(at: extra)
        }
        random.shuffle(&order)
        let options = order.map { PromptName.oneLine(question.options[$0]) } + [Self.cannotAnswer]
        let letters = options.indices.map { String(Character(Unicode.Scalar(UInt8(65 + $0)))) }
        let lines = zip(letters, options).map { "   - \($0)) \($1)" }
        text = ([PromptName.oneLine(question.stem)] + lines).joined(separator: "\n")
        answers = letters.map { "The answer is \($0)" }
        correct = order.firstIndex(of: question.correct) ?? -1
    }

    /// The reader's instruction, in the words of CapRL's `serve_rm.py` in substance.
    static func prompt(_ caption: String, _ question: String) -> String {
        "You will be given an image caption describing the visual content. Your task is to answer "
            + "the multiple-choice question strictly based on the caption. Ignore any external "
            + "knowledge.\n\nCaption: <Caption Start> \(caption) <Caption End>\n"
            + "Question: \(question)"
    }
}
