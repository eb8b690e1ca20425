import Synchronization
import Testing
import VLMRuntime

@testable import PersonalCaption

@Suite struct PreferenceJudgeTests {
    private let concepts = [CaptionConcept(name: "Max", info: "a dog", image: Fixtures.picture())]
    private let query = ImageInput(Fixtures.picture())

    private func verdict(_ engine: @escaping JudgeEngine) throws -> PreferenceVerdict {
        try PreferenceJudge(engine: engine).verdict(
            concepts: concepts, query: query, first: "good words", second: "bad words")
    }

    private static func text(_ messages: [ChatMessage]) -> String {
        messages.flatMap(\.parts).map { part in
            if case .text(let text) = part { text } else { "[picture]" }
        }.joined(separator: "|")
    }

    @Test func bothOrdersAreAskedAndMustAgree() throws {
        let likesGood = try verdict { messages in
            Self.text(messages).contains("A: good") ? "A" : "The answer is B."
        }
        #expect(likesGood == PreferenceVerdict(straight: .first, exchanged: .first))
        #expect(likesGood.outcome == .first)
        let alwaysB = try verdict { _ in "B" }
        #expect(alwaysB == PreferenceVerdict(straight: .second, exchanged: .first))
        #expect(alwaysB.outcome == .tie)
        let silent = try verdict { _ in "Neither." }
        #expect(silent == PreferenceVerdict(straight: nil, exchanged: nil))
        #expect(silent.outcome == .tie)
    }

    @Test func thePromptIsThePublishedOne() throws {
        let asked = Mutex<[String]>([])
        _ = try verdict { messages in
            asked.withLock { $0.append(Self.text(messages)) }
            return "A"
        }
        let all = asked.withLock { $0 }
        let first = try #require(all.first)
        #expect(first.hasPrefix("You are an evaluation expert."))
        #expect(first.contains("|[picture]|Name: <Max>, Info: a dog\n|[picture]|Which one is"))
        #expect(first.contains(" A: good words \n B: bad words \n"))
    }

    @Test(arguments: [
        ("A", "A"), ("b", "B"), ("The answer is B.", "B"), ("**A**: because", "A"),
        ("B, a good one", "B"),
    ])
    func theOptionIsTheFirstLetterAlone(_ answer: String, _ option: String) {
        #expect(PreferenceJudge.option(in: answer).map(String.init) == option)
    }

    @Test(arguments: ["", "Both", "a good caption", "C"])
    func otherAnswersChooseNothing(_ answer: String) {
        #expect(PreferenceJudge.option(in: answer) == nil)
    }

    @Test func scoresTellPreferenceFromHabit() {
        let verdicts =
            Array(repeating: PreferenceVerdict(straight: .second, exchanged: .second), count: 5)
            + [PreferenceVerdict(straight: .first, exchanged: .second)]
            + [PreferenceVerdict(straight: nil, exchanged: .first)]
        let score = PreferenceScore(verdicts)
        #expect(score.second == 5 && score.first == 0 && score.ties == 2)
        #expect(score.unreadable == 1)
        #expect(score.sign.p == 0.0625)
        #expect(abs(score.choseA - 7.0 / 13) < 1e-12)
    }
}
