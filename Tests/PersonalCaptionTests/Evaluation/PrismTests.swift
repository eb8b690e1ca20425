import Foundation
import ImageCodecs
import Synchronization
import Testing
@testable import VLMRuntime

@testable import PersonalCaption

/// Writes one caption, and picks the option its rule likes, wherever it stands.
private final class OptionReader: CaptionModel, CaptionReader {
    typealias Rule = @Sendable (_ caption: String, _ option: String) -> Float

    private let caption: String
    private let rule: Rule
    private let count = Mutex(0)

    init(caption: String = "A dog on a lawn.", _ rule: @escaping Rule) {
        self.caption = caption
        self.rule = rule
    }

    var captionsMade: Int { count.withLock { $0 } }

    func generate(
        _ messages: [ChatMessage], options: SamplingOptions, cancellation: CancellationFlag?,
        onEvent: (GenerationEvent) -> Void
    ) throws -> GenerationResult {
        count.withLock { $0 += 1 }
        return GenerationResult(
            text: "\(caption) \(options.seed % 1_009)", tokenIDs: [], logProbabilities: [],
            promptTokenIDs: [], finishReason: .stop,
            usage: TokenUsage(promptTokens: 1, imageTokens: 1, generatedTokens: 1),
            timings: GenerationTimings(), images: [])
    }

    func logProbabilities(of answers: [String], after prompt: String) throws -> [Float] {
        let caption = prompt.firstMatch(of: /<Caption Start> (.*) <Caption End>/)
            .map { String($0.1) }
        let options = prompt.matches(of: /(?m)^ *- ([A-I])\) (.*)$/)
        #expect(options.map { "The answer is \($0.1)" } == answers)
        return options.map { rule(caption ?? "", String($0.2)) }
    }
}

@Suite struct PrismTests {
    private func question(_ options: [String], _ correct: Int) throws -> ChoiceQuestion {
        try #require(ChoiceQuestion(stem: "What is it?", options: options, correct: correct))
    }

    @Test func habitsOfPositionEvenOut() throws {
        let question = try question(["dog", "cat", "cow", "pig"], 0)
        let first = PrismReader(OptionReader { _, _ in 0.5 }, shuffles: 400)
        let found = try first.answer(question, caption: "x", seed: 1)
        #expect(abs(found.right - 0.25) < 0.07, "\(found)")
        #expect(try first.answer(question, caption: "x", seed: 1) == found)
        let knowing = PrismReader(
            OptionReader { caption, option in caption.contains(option) ? 1 : 0.1 }, shuffles: 8)
        #expect(try knowing.answer(question, caption: "a dog\nhere", seed: 1).right == 1)
        let careful = PrismReader(
            OptionReader { _, option in option.hasPrefix("Can not") ? 1 : 0 }, shuffles: 4)
        #expect(
            try careful.answer(question, caption: nil, seed: 1)
                == PrismReader.Answer(right: 0, declined: 1))
        #expect(PrismReader.chance(question) == 0.2)
        let declining = try self.question(["dog", "cat", "Cannot answer"], 0)
        #expect(abs(PrismReader.chance(declining) - 1.0 / 3) < 1e-12)
    }

    private func set() throws -> PrismSet {
        let questions = [try question(["dog", "cat"], 0), try question(["pond", "lawn"], 1)]
        let items = (0..<3).map { index in
            PrismItem(
                key: "p\(index)",
                picture: EvaluationPicture(label: "p\(index)") { Fixtures.picture(30, 30) },
                questions: questions.map { PrismItem.Question($0, category: "c") })
        }
        return PrismSet(name: "fixture", items: items)
    }

    @Test func aRunIsScoredAndGoesOn() throws {
        var set = try set()
        set.items[2].picture = EvaluationPicture(
            file: URL(filePath: "/nowhere/x.png"), label: "x.png")
        let manifest = PrismManifest(
            model: ("w", "w"), reader: ("r", "r"), set: set, source: "s", captions: 2, shuffles: 2,
            maxTokens: nil, seed: 1)
        let model = OptionReader { caption, option in
            caption.contains(option) ? 1 : (option.hasPrefix("Can not") ? 0.5 : 0.1)
        }
        try Fixtures.withFolder { folder in
            func perform(_ flag: CancellationFlag? = nil, stopAt: Int = 99) throws -> [PrismRecord]
            {
                try PrismRun(
                    set: set, manifest: manifest,
                    captioner: Captioner(model: model, modelName: "w", profile: .mini),
                    reader: model, folder: try EvaluationFolder(folder, manifest: manifest)
                ).perform(cancellation: flag) { done, _ in if done == stopAt { flag?.cancel() } }
            }
            #expect(try perform(CancellationFlag(), stopAt: 1).count == 1)
            #expect(model.captionsMade == 2)
            let records = try perform()
            #expect(model.captionsMade == 4)
            #expect(
                records[0].captions.count == 2 && records[0].captions[0] != records[0].captions[1])
            let summary = PrismSummary(manifest, records)
            #expect(summary.pictures == 2 && summary.questions == 4)
            #expect(summary.mean.value == 100 && summary.bestOfAll.value == 100)
            #expect(summary.blind.value == 0)
            #expect(abs(summary.chance - 100.0 / 3) < 1e-9)
            #expect(summary.categories["c"]?.questions == 4)
            #expect(summary.failures.map(\.item) == ["p2"])
            #expect(summary.isComplete)
            let page = PrismReport(summary, records, folder: folder).html()
            #expect(page.contains("right in 100, 100 %"))
        }
    }

    @Test func setsAreReadFromBothForms() throws {
        try Fixtures.withFolder { folder in
            let png = try ImageEncoder.png(Fixtures.picture(8, 8, [200, 10, 10]))
            try png.write(to: folder.appending(path: "a.png"))
            let jsonl = folder.appending(path: "qa.jsonl")
            try Data(
                #"""
                {"image_path": "./data/a.png", "question": "Who?\n- A) x\n- B) y", "answer": "B"}
                {"image_path": "gone.png", "question": "Who?\n- A) x\n- B) y", "answer": "B"}
                """#.utf8
            ).write(to: jsonl)
            let questions = try PrismSet.read(jsonl)
            #expect(questions.items.map(\.key) == ["./data/a.png"])
            #expect(questions.problems.map(\.item) == ["gone.png"])
            #expect(try questions.items[0].picture.image().pixels[0] == 200)
            let tsv = folder.appending(path: "bench.tsv")
            let picture = png.base64EncodedString()
            try Data(
                "index\timage\tquestion\tA\tB\tanswer\tcategory\n1\t\(picture)\tWho?\tx\ty\tA\tk\n2\t1\tWhat?\tx\ty\tB\tk\n"
                    .utf8
            ).write(to: tsv)
            let table = try PrismSet.read(tsv)
            #expect(table.items.map(\.questions.count) == [2], "one picture is captioned once")
            #expect(try table.items[0].picture.image().width == 8)
        }
    }

    @Test func madeSetsAskWhatIsThere() throws {
        let set = PrismSet(EvaluationFixtures.set([[0], [0, 2], []]), seed: 1)
        // In the second picture everything is there, so nothing is left to choose from.
        #expect(set.items.map(\.key) == ["q0"])
        #expect(set.items.map(\.questions.count) == [1])
        for entry in set.items.flatMap(\.questions) {
            #expect(["dog", "cat"].contains(entry.question.options[entry.question.correct]))
        }
    }
}
