public import Foundation
public import ImageCodecs

/// The questions about one picture.
public struct PictureQuestions: Sendable, Equatable {
    /// The picture's path as the file states it.
    public var image: String
    /// The questions.
    public var questions: [ChoiceQuestion]

    /// Names both parts.
    public init(image: String, questions: [ChoiceQuestion]) {
        self.image = image
        self.questions = questions
    }
}

/// The question files of CapRL: one JSON object on each line.
///
/// A line holds `image_path` (or `image`) and either `qa_response`, the answer of the model that
/// wrote the questions (`#### 1. **…?**`, `- A) …`, `**Answer:** D) …`), or `questions`, pairs of
/// a question with options and a letter as CapRL's reward server takes them, or one `question`
/// with its `answer`. Lines about the same picture are joined.
/// Source: InternLM/CapRL, QA curation and `reward_fn.py`.
public struct CapRLQuestions: Sendable, Equatable {
    /// Pictures with questions, in the order of the file.
    public let pictures: [PictureQuestions]
    /// What was left out.
    public let problems: [FormatProblem]

    /// The largest file, in bytes.
    public static let maximumBytes = 1 << 30
    /// The longest line, in bytes.
    public static let maximumLineBytes = 4 << 20
    /// The most questions of one picture.
    public static let mostQuestions = 100

    /// Reads a file line by line.
    ///
    /// - Throws: `ImageReadError` when it cannot be read; bad lines are listed instead.
    public static func read(_ file: URL) throws(ImageReadError) -> CapRLQuestions {
        var lines = LineReader(
            try ChunkedFile(file, limit: maximumBytes), longest: maximumLineBytes)
        var reader = CapRLReader()
        while let line = try lines.next() {
            guard let bytes = line.bytes else {
                reader.problems.note(
                    "line \(line.number)", "has more than \(maximumLineBytes) bytes; left out")
                continue
            }
            reader.read(bytes, number: line.number)
        }
        return CapRLQuestions(pictures: reader.pictures, problems: reader.problems.all)
    }

    /// The questions in what a model wrote when it was asked to write some.
    ///
    /// - Returns: the questions, and what is wrong with those that were left out.
    public static func questions(
        in response: String
    ) -> (questions: [ChoiceQuestion], problems: [String]) {
        var blocks: [QuestionText] = []
        var current = QuestionText()
        func isHeading(_ line: String) -> Bool {
            line.hasPrefix("#") || line.wholeMatch(of: /\d+[.)]\s*\*\*.*/) != nil
        }
        for rawLine in response.split(whereSeparator: \.isNewline) {
            var line = PromptName.oneLine(String(rawLine))
            if isHeading(line) {
                if !current.isEmpty { blocks.append(current) }
                current = QuestionText()
                line = String(line.trimmingPrefix(/#*\s*(\d+[.)])?\s*/))
            }
            if line.wholeMatch(of: /[-–—=_*]{3,}/) != nil { continue }
            current.read(line)
        }
        if !current.isEmpty { blocks.append(current) }
        var questions: [ChoiceQuestion] = []
        var problems: [String] = []
        for (index, block) in blocks.enumerated() {
            if let question = block.question() {
                questions.append(question)
            } else if !block.options.isEmpty || block.answer != nil {
                problems.append(
                    "question \(index + 1) has no 2 to 9 options with the answer among them")
            }
        }
        return (questions, problems)
    }
}

/// Reads the lines and joins those about one picture.
private struct CapRLReader {
    private(set) var pictures: [PictureQuestions] = []
    var problems = ProblemList()
    private var places: [String: Int] = [:]

    mutating func read(_ bytes: [UInt8], number: Int) {
        let item = "line \(number)"
        guard bytes.contains(where: { $0 > 0x20 }) else { return }
        guard let value = try? JSONValue.parse(Data(bytes)), case .object(let members) = value
        else { return problems.note(item, "is no JSON object; left out") }
        let fields = Dictionary(members.map { ($0.key, $0.value) }) { _, last in last }
        guard let image = (fields["image_path"] ?? fields["image"])?.string, !image.isEmpty else {
            return problems.note(item, "names no picture ('image_path'); left out")
        }
        let found = questions(fields, item)
        guard !found.isEmpty else {
            return problems.note(item, "holds no question that can be asked; left out")
        }
        add(found, to: image, item)
    }

    private mutating func add(_ found: [ChoiceQuestion], to image: String, _ item: String) {
        if let place = places[image] {
            let room = CapRLQuestions.mostQuestions - pictures[place].questions.count
            if found.count > room { problems.note(item, "adds too many questions; some left out") }
            pictures[place].questions += found.prefix(max(0, room))
        } else {
            places[image] = pictures.count
            let kept = Array(found.prefix(CapRLQuestions.mostQuestions))
            pictures.append(PictureQuestions(image: image, questions: kept))
        }
    }

    private mutating func questions(
        _ fields: [String: JSONValue], _ item: String
    ) -> [ChoiceQuestion] {
        if let response = fields["qa_response"]?.string {
            let (questions, reasons) = CapRLQuestions.questions(in: response)
            for reason in reasons { problems.note(item, "\(reason); left out") }
            return questions
        }
        if case .array(let pairs)? = fields["questions"] {
            return pairs.compactMap { pair in
                guard case .array(let parts) = pair, parts.count == 2,
                    let question = parts[0].string.flatMap({ block in
                        ChoiceQuestion(block: block, letter: parts[1].string ?? "")
                    })
                else {
                    problems.note(item, "has a question of another form; left out")
                    return nil
                }
                return question
            }
        }
        guard let block = fields["question"]?.string, let letter = fields["answer"]?.string,
            let question = ChoiceQuestion(block: block, letter: letter)
        else { return [] }
        return [question]
    }
}
