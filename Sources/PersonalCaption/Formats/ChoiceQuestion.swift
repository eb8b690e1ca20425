/// A multiple-choice question.
public struct ChoiceQuestion: Sendable, Codable, Equatable {
    /// What is asked.
    public var stem: String
    /// The answers to choose from, without their letters.
    public var options: [String]
    /// Which of them is right.
    public var correct: Int

    /// The letters of options, in order.
    public static let letters: [Character] = Array("ABCDEFGHI")
    /// The longest question or option, in characters.
    public static let longestText = 4_000

    /// Checks and takes the parts.
    ///
    /// - Returns: `nil` unless there are two to nine options, the right one among them, and no
    ///   text is empty or longer than 4,000 characters.
    public init?(stem: String, options: [String], correct: Int) {
        let texts = [stem] + options
        guard (2...Self.letters.count).contains(options.count), options.indices.contains(correct),
            texts.allSatisfy({ !$0.isEmpty && $0.count <= Self.longestText })
        else { return nil }
        self.stem = stem
        self.options = options
        self.correct = correct
    }

    /// Reads a question with lettered options below it, as CapRL's reward server takes it.
    ///
    /// - Parameters:
    ///   - block: the first lines are the question, then `- A) …` for each option.
    ///   - letter: that of the right option.
    public init?(block: String, letter: String) {
        var parts = QuestionText()
        for line in block.split(whereSeparator: \.isNewline) { parts.read(String(line)) }
        guard let question = parts.question(letter: letter) else { return nil }
        self = question
    }
}

/// Gathers the lines of one question.
struct QuestionText {
    private(set) var stem: [String] = []
    private(set) var options: [(letter: Character, text: String)] = []
    private(set) var answer: Character?
    /// Whether any line has been read.
    var isEmpty: Bool { stem.isEmpty && options.isEmpty && answer == nil }

    /// Reads one line: question, option or `**Answer:** D) …`.
    mutating func read(_ line: String) {
        let line = PromptName.oneLine(line)
        if let match = line.wholeMatch(of: /\**[Aa]nswer:?\**:?\s*\**\(?([A-Ia-i])\b.*/) {
            answer = Character(match.1.uppercased())
        } else if let match = line.wholeMatch(of: /(?:[-*•]\s*)?\**\(?([A-I])\s?[).:]\**\s*(.+)/) {
            options.append((Character(String(match.1)), Self.plain(String(match.2))))
        } else if options.isEmpty, !line.isEmpty {
            stem.append(Self.plain(line))
        }
    }

    /// The question, with the letter of the right option unless a line said it.
    func question(letter: String? = nil) -> ChoiceQuestion? {
        let wanted = letter.flatMap { PromptName.oneLine($0).uppercased().first } ?? answer
        let letters = options.map(\.letter)
        guard let wanted, let correct = letters.firstIndex(of: wanted),
            Set(letters).count == letters.count
        else { return nil }
        return ChoiceQuestion(
            stem: stem.joined(separator: " "), options: options.map(\.text), correct: correct)
    }

    /// Without the asterisks of Markdown around it.
    private static func plain(_ text: String) -> String {
        var text = text[...]
        while text.hasPrefix("**") { text = text.dropFirst(2) }
        while text.hasSuffix("**") { text = text.dropLast(2) }
        return PromptName.oneLine(String(text))
    }
}
