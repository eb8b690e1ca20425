public import VLMRuntime

/// A question as it is put to a reader who sees a caption and no picture.
///
/// CapRL (arXiv 2509.22647): options that decline to answer are removed, the others shuffled and
/// lettered anew, and one that declines is added at the end. The published reader writes ten
/// tokens after "The answer is"; here the letters are weighed by their probability as the first
/// word of the answer, which needs no luck.
public struct PrismQuiz: Sendable, Equatable {
    /// The options in the order they are shown, by their place in the question; the last one shown
    /// declines and has none.
    public let order: [Int]
    private let question: ChoiceQuestion

    /// The words of the last option.
    public static let declining = "Can not answer based on the caption"
    private static let instruction = """
        You will be given an image caption describing the visual content. Your task is to answer \
        the multiple-choice question strictly based on the caption. Do not guess, and ignore any \
        external knowledge. If the caption does not hold the information, choose the option that \
        says so. Answer with the option's letter from the given choices directly.
        """

    /// Shuffles the options.
    ///
    /// - Parameter seed: decides their order.
    public init(_ question: ChoiceQuestion, seed: UInt64) {
        self.question = question
        var draw = IndexDraw(seed: seed)
        let kept = question.options.indices.filter {
            $0 == question.correct || !ChoiceQuestion.declines(question.options[$0])
        }
        let room = ChoiceQuestion.letters.count - 1
        order = draw.shuffled(Array(kept.prefix(room)))
    }

    /// The letters shown, the declining one last.
    public var letters: [String] {
        ChoiceQuestion.letters.prefix(order.count + 1).map(String.init)
    }

    /// The conversation.
    ///
    /// - Parameter caption: what the reader knows; `nil` asks without any, to see what can be
    ///   guessed.
    public func messages(caption: String?) -> [ChatMessage] {
        let options = order.map { question.options[$0] } + [Self.declining]
        let lines = zip(letters, options).map { "\($0). \($1)" }.joined(separator: "\n")
        let known = PromptName.oneLine(caption ?? "")
        let text =
            "\(Self.instruction)\nCaption: <Caption Start> \(known) <Caption End>\n"
            + "Question: \(question.stem)\n\(lines)"
        return [ChatMessage(.user, text: text)]
    }

    /// What the reader chose, by the probabilities of the letters: a place in the question, or
    /// `nil` for declining.
    public func choice(_ probabilities: [Float]) -> Int? {
        guard let best = probabilities.indices.max(by: { probabilities[$0] < probabilities[$1] })
        else { return nil }
        return order.indices.contains(best) ? order[best] : nil
    }
}

/// Reads captions and answers questions about them.
public struct PrismReader: Sendable {
    private let model: any PresenceModel
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

    /// - Parameters:
    ///   - model: the reader.
    ///   - shuffles: how often each question is asked, each time with the options in another order.
    public init(model: any PresenceModel, shuffles: Int) {
        self.model = model
        self.shuffles = max(1, shuffles)
    }

    /// Answers one question.
    ///
    /// - Throws: what the model throws.
    public func answer(
        _ question: ChoiceQuestion, caption: String?, seed: UInt64,
        cancellation: CancellationFlag? = nil
    ) throws -> Answer {
        var (right, declined) = (0, 0)
        for shuffle in 0..<shuffles {
            if cancellation?.isCancelled == true { throw CancellationError() }
            let quiz = PrismQuiz(question, seed: seed &* 31 &+ UInt64(shuffle))
            let found = try model.firstWordProbabilities(
                quiz.messages(caption: caption), of: quiz.letters, cancellation: cancellation)
            let choice = quiz.choice(found)
            if choice == question.correct { right += 1 }
            if choice == nil { declined += 1 }
        }
        return Answer(
            right: Double(right) / Double(shuffles), declined: Double(declined) / Double(shuffles))
    }
}
