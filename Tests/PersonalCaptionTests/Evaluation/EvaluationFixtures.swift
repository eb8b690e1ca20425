import Foundation
import ImageCodecs
import Synchronization
@testable import VLMRuntime

@testable import PersonalCaption

/// A model that answers by rule and counts how often it is asked.
final class RuleModel: PresenceModel {
    typealias Rule = @Sendable (_ question: String, _ names: [String]) throws -> String

    private let rule: Rule
    private let probability: @Sendable (String) -> Float
    private let count = Mutex(0)

    /// - Parameters:
    ///   - probability: that of yes, by the question.
    ///   - rule: the answer, by the question and the names given.
    init(
        probability: @escaping @Sendable (String) -> Float = { _ in 0.5 }, _ rule: @escaping Rule
    ) {
        self.rule = rule
        self.probability = probability
    }

    /// A model that names everyone it is given.
    static func naming() -> RuleModel {
        RuleModel { _, names in
            "Here we see " + names.map { "<\($0)>" }.joined(separator: " and ") + "."
        }
    }

    var calls: Int { count.withLock { $0 } }

    private static func parts(_ messages: [ChatMessage]) -> (question: String, names: [String]) {
        let texts = messages.flatMap(\.parts).compactMap { part -> String? in
            if case .text(let text) = part { text } else { nil }
        }
        let names = texts.compactMap { text in
            text.firstMatch(of: /Name: <([^>]*)>/).map { String($0.1) }
        }
        return (texts.last ?? "", names)
    }

    func generate(
        _ messages: [ChatMessage], options: SamplingOptions, cancellation: CancellationFlag?,
        onEvent: (GenerationEvent) -> Void
    ) throws -> GenerationResult {
        count.withLock { $0 += 1 }
        let (question, names) = Self.parts(messages)
        let text = try rule(question, names)
        let images = messages.flatMap(\.parts).compactMap { part -> ImageGeometry? in
            guard case .image(let image) = part else { return nil }
            return ImageGeometry(
                originalWidth: image.pixels.width, originalHeight: image.pixels.height,
                resizedWidth: image.pixels.width * 2, resizedHeight: image.pixels.height * 2)
        }
        return GenerationResult(
            text: text, tokenIDs: [], logProbabilities: [], promptTokenIDs: [],
            finishReason: cancellation?.isCancelled == true ? .cancelled : .stop,
            usage: TokenUsage(promptTokens: 10, imageTokens: 4, generatedTokens: 5),
            timings: GenerationTimings(), images: images)
    }

    func firstWordProbabilities(
        _ messages: [ChatMessage], of words: [String], cancellation: CancellationFlag?
    ) throws -> [Float] {
        let yes = probability(Self.parts(messages).question)
        return words.map { $0.lowercased().hasPrefix("y") ? yes / 2 : (1 - yes) / 2 }
    }
}

/// Sets without files.
enum EvaluationFixtures {
    /// Concepts `ann`, `bo` (dogs), `cy`, `di` (cats), `ed` (no category), and a picture for each
    /// list of places.
    static func set(
        _ present: [[Int]], absent: [Int] = [], boxes: [Int: [Int]] = [:],
        habit: EvaluationSet.QuestionHabit = .profile
    ) -> EvaluationSet {
        let kinds = [
            ("ann", "dog"), ("bo", "dog"), ("cy", "cat"), ("di", "cat"), ("ed", ""),
        ]
        let concepts = kinds.map { name, category in
            EvaluationConcept(
                name: name, info: "\(name) likes \(name) things", category: category,
                picture: EvaluationPicture(label: "\(name).png") { Fixtures.picture() })
        }
        let queries = present.enumerated().map { index, present in
            EvaluationQuery(
                id: "q\(index)",
                picture: EvaluationPicture(label: "q\(index).png") { Fixtures.picture(40, 20) },
                present: present, absent: absent.filter { !present.contains($0) }, boxes: { boxes })
        }
        return EvaluationSet(
            name: "fixture", concepts: concepts, queries: queries, questions: habit)
    }

    static func manifest(_ set: EvaluationSet, _ plan: EvaluationPlan) -> PersonalManifest {
        PersonalManifest(
            model: "rule", modelFolder: "nowhere", adapter: nil, source: "fixture", set: set,
            plan: plan, asksPresence: false, asksBoxes: false, maxTokens: nil)
    }

    /// Runs a plan in a folder and returns what it made.
    static func perform(
        _ set: EvaluationSet, _ plan: EvaluationPlan, _ model: RuleModel, in folder: URL,
        questions: PersonalRun.Questions = .init(), atATime: Int = 1,
        cancellation: CancellationFlag? = nil,
        progress: (Int, Int) -> Void = { _, _ in }
    ) throws -> [EvaluationRecord] {
        let captioner = Captioner(model: model, modelName: "rule", profile: .mini)
        let run = PersonalRun(
            set: set, plan: plan, captioner: captioner, model: model, questions: questions,
            folder: try EvaluationFolder(folder, manifest: manifest(set, plan)), atATime: atATime)
        return try run.perform(cancellation: cancellation, progress: progress)
    }
}
