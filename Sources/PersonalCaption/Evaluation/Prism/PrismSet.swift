public import Foundation
import ImageCodecs

/// A picture and the questions about it.
public struct PrismItem: Sendable {
    /// One question and the group it counts in.
    public struct Question: Sendable {
        /// What is asked.
        public var question: ChoiceQuestion
        /// The benchmark's own grouping; may be empty.
        public var category: String

        /// Names both parts.
        public init(_ question: ChoiceQuestion, category: String = "") {
            self.question = question
            self.category = category
        }
    }

    /// Names it; unique in its set, and the same in every run.
    public var key: String
    /// The picture.
    public var picture: EvaluationPicture
    /// The questions.
    public var questions: [Question]

    /// Names every part.
    public init(key: String, picture: EvaluationPicture, questions: [Question]) {
        self.key = key
        self.picture = picture
        self.questions = questions
    }
}

/// Pictures with multiple-choice questions.
public struct PrismSet: Sendable {
    /// What it is called.
    public var name: String
    /// The pictures, in order.
    public var items: [PrismItem]
    /// What was left out.
    public var problems: [FormatProblem]

    /// Names every part.
    public init(name: String, items: [PrismItem], problems: [FormatProblem] = []) {
        self.name = name
        self.items = items
        self.problems = problems
    }

    /// Reads CapRL's questions (JSON lines) or a VLMEvalKit table (TSV), by the file's ending.
    ///
    /// - Parameters:
    ///   - file: the questions.
    ///   - images: where pictures are looked for; default: beside the file.
    /// - Throws: one sentence that says what is wrong; what can be left out is listed instead.
    public static func read(_ file: URL, images: URL? = nil) throws -> PrismSet {
        let name = PromptName.oneLine(file.lastPathComponent)
        if file.pathExtension.lowercased() == "tsv" {
            return PrismSet(try VLMEvalTable(file, images: images), name: name)
        }
        let folder = images ?? file.deletingLastPathComponent()
        return PrismSet(try CapRLQuestions.read(file), name: name, images: folder)
    }

    /// The questions of CapRL.
    public init(_ questions: CapRLQuestions, name: String, images: URL) {
        var problems = ProblemList()
        for problem in questions.problems { problems.note(problem.item, problem.reason) }
        var items: [PrismItem] = []
        for entry in questions.pictures {
            do throws(FolderPath.Failure) {
                let url = try FolderPath.find(FolderPath.components(of: entry.image), in: images)
                items.append(
                    PrismItem(
                        key: entry.image, picture: EvaluationPicture(file: url, label: entry.image),
                        questions: entry.questions.map { PrismItem.Question($0) }))
            } catch {
                problems.note(entry.image, "\(error); its questions are left out")
            }
        }
        self.init(name: name, items: items, problems: problems.all)
    }

    /// A table of VLMEvalKit; rows with one picture are asked together.
    public init(_ table: VLMEvalTable, name: String) {
        var items: [PrismItem] = []
        var places: [String: Int] = [:]
        for row in table.rows {
            let question = PrismItem.Question(row.question, category: row.category)
            let identity =
                switch row.picture {
                case .bytes(let range): "bytes \(range.lowerBound)"
                case .file(let url): url.path
                }
            if let place = places[identity] {
                items[place].questions.append(question)
                continue
            }
            places[identity] = items.count
            let picture = EvaluationPicture(label: "row \(row.index)") {
                try ImageDecoder.decode(try table.picture(of: row), name: "row \(row.index)")
                    .flattened()
            }
            items.append(
                PrismItem(key: "row \(row.index)", picture: picture, questions: [question]))
        }
        self.init(name: name, items: items, problems: table.problems)
    }

    /// Questions about pictures of a made set: which kinds of things there are, and where.
    public init(_ set: EvaluationSet, seed: UInt64) {
        let kinds = Set(set.concepts.map(\.category)).filter { !$0.isEmpty }.sorted()
        var items: [PrismItem] = []
        for (index, query) in set.queries.enumerated() {
            guard let picture = query.picture, !query.present.isEmpty else { continue }
            var draw = IndexDraw(seed: seed &+ UInt64(index))
            let here = Set(query.present.map { set.concepts[$0].category })
            var questions: [PrismItem.Question] = []
            for kind in here.sorted() where !kind.isEmpty {
                let others = draw.shuffled(kinds.filter { !here.contains($0) }).prefix(3)
                let options = draw.shuffled([kind] + others)
                if let question = ChoiceQuestion(
                    stem: "Which of these is in the picture?", options: options,
                    correct: options.firstIndex(of: kind) ?? 0)
                {
                    questions.append(PrismItem.Question(question, category: "kind"))
                }
            }
            items.append(PrismItem(key: query.id, picture: picture, questions: questions))
        }
        self.init(name: set.name, items: items.filter { !$0.questions.isEmpty })
    }
}
