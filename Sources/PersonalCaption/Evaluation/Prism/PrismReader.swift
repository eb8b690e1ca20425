public import VLMRuntime

/// Answers questions from captions, each several times with the options in another order.
///
/// CapRL (arXiv 2509.22647): options that decline to answer are removed, the others shuffled and
/// lettered anew, and one that declines is added at the end. The published reader writes ten tokens
/// after "The answer is"; here the letters are weighed by their probability there.
public struct PrismReader {
    private let reader: any CaptionReader
    private let shuffles: Int

    /// How often a question was answered rightly and how often declined, 0…1 each.
    public struct Answer: Sendable, Codable, Equatable {
        /// Share of right answers.
        public var right: Double
        /// Share of declined answers.
        public var declined: Double

        /// Names both shares.
        public init(right: Double, declined: Double) {
            self.right = right
            self.declined = declined
        }
    }

    /// Takes the reader.
    ///
    /// - Parameter shuffles: how often each question is asked.
    public init(_ reader: any CaptionReader, shuffles: Int) {
        self.reader = reader
        self.shuffles = max(1, shuffles)
    }

    /// Answers one question.
    ///
    /// - Parameters:
    ///   - caption: what the reader knows; `nil` asks without any, to see what can be guessed.
    ///   - seed: decides the orders.
    /// - Throws: what the reader throws, or `CancellationError`.
    public func answer(
        _ question: ChoiceQuestion, caption: String?, seed: UInt64,
        cancellation: CancellationFlag? = nil
    ) throws -> Answer {
        var (right, declined) = (0, 0)
        var random = RewardRandom(seed: seed)
        for _ in 0..<shuffles {
            if cancellation?.isCancelled == true { throw CancellationError() }
            let sheet = QuestionSheet(MultipleChoiceQuestion(question), random: &random)
            let known = PromptName.oneLine(caption ?? "")
            let scores = try reader.logProbabilities(
                of: sheet.answers, after: QuestionSheet.prompt(known, sheet.text))
            let best = scores.indices.max { scores[$0] < scores[$1] }
            if best == sheet.correct { right += 1 }
            if best == sheet.answers.count - 1 { declined += 1 }
        }
        return Answer(
            right: Double(right) / Double(shuffles), declined: Double(declined) / Double(shuffles))
    }

    /// Share of right answers of one who chooses blindly.
    static func chance(_ question: ChoiceQuestion) -> Double {
        var random = RewardRandom(seed: 0)
        let sheet = QuestionSheet(MultipleChoiceQuestion(question), random: &random)
        return 1 / Double(sheet.answers.count)
    }
}

extension MultipleChoiceQuestion {
    /// The question in the form that rewards ask it.
    init(_ question: ChoiceQuestion) {
        self.init(stem: question.stem, options: question.options, correct: question.correct)
    }
}
