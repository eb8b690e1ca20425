public import Foundation
public import ImageCodecs

/// A picture that is read or made when it is needed.
public struct EvaluationPicture: Sendable {
    /// Its path or name, for records.
    public let label: String
    private let make: @Sendable () throws -> RGBImage

    /// A picture that is made.
    public init(label: String, make: @escaping @Sendable () throws -> RGBImage) {
        self.label = label
        self.make = make
    }

    /// A picture file; transparency is put on white.
    public init(file: URL, label: String) {
        self.init(label: label) { try ImageDecoder.decode(fileAt: file).flattened() }
    }

    /// The pixels, upright.
    ///
    /// - Throws: what keeps the picture from being read.
    public func image() throws -> RGBImage { try make() }
}

/// A concept that captions may name.
public struct EvaluationConcept: Sendable {
    /// What result lists call it, with brackets.
    public var tag: String
    /// What the model is told it is called.
    public var name: String
    /// One line about it; may be empty.
    public var info: String
    /// What kind of thing it is; may be empty.
    public var category: String
    /// The picture the model is shown; `nil` when it is missing.
    public var picture: EvaluationPicture?

    /// Names every part.
    public init(
        tag: String? = nil, name: String, info: String = "", category: String = "",
        picture: EvaluationPicture?
    ) {
        self.tag = tag ?? PromptName.tag(name)
        self.name = name
        self.info = info
        self.category = category
        self.picture = picture
    }
}

/// A picture to be captioned, and what is in it.
public struct EvaluationQuery: Sendable {
    /// What it is called; unique in its set, and the same in every run.
    public var id: String
    /// The picture; `nil` when it is missing.
    public var picture: EvaluationPicture?
    /// The concepts in view, or those asked for, by their place in the set.
    public var present: [Int]
    /// Finds out where each concept is, `[x1, y1, x2, y2]` in pixels; empty when it is not known.
    public var boxes: @Sendable () throws -> [Int: [Int]]
    /// Concepts that are not in view, best suited to mislead first.
    public var absent: [Int]

    /// Names every part.
    public init(
        id: String, picture: EvaluationPicture?, present: [Int], absent: [Int] = [],
        boxes: @escaping @Sendable () throws -> [Int: [Int]] = { [:] }
    ) {
        self.id = id
        self.picture = picture
        self.present = present
        self.boxes = boxes
        self.absent = absent
    }
}

/// Concepts and pictures with known contents.
public struct EvaluationSet: Sendable {
    /// Where the questions come from.
    public enum QuestionHabit: String, Sendable, Codable {
        /// The model's usual question.
        case profile
        /// The rotation of RePIC's evaluation scripts.
        case rotating
    }

    /// What it is called in records and reports.
    public var name: String
    /// The concepts.
    public var concepts: [EvaluationConcept]
    /// The pictures.
    public var queries: [EvaluationQuery]
    /// How pictures are asked about.
    public var questions: QuestionHabit
    /// What was missing or had to be repaired.
    public var problems: [FormatProblem]

    /// Names every part.
    public init(
        name: String, concepts: [EvaluationConcept], queries: [EvaluationQuery],
        questions: QuestionHabit = .profile, problems: [FormatProblem] = []
    ) {
        self.name = name
        self.concepts = concepts
        self.queries = queries
        self.questions = questions
        self.problems = problems
    }
}
