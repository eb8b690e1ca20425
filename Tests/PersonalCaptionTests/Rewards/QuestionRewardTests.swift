import Foundation
import Synchronization
import Testing
import VLMRuntime

@testable import PersonalCaption

/// Reads a caption like somebody who finds the words of an option in it.
private final class WordReader: CaptionReader, Sendable {
    let asked = Mutex<[String]>([])

    func logProbabilities(of answers: [String], after prompt: String) -> [Float] {
        asked.withLock { $0.append(prompt) }
        let parts = prompt.components(separatedBy: "Question:")
        let caption = parts[0].components(separatedBy: "<Caption Start>").last ?? ""
        let options = parts[1].split(separator: "\n").dropFirst().map { $0.dropFirst(8) }
        let hits = options.map { caption.contains($0) ? Float(0) : -5 }
        return hits.contains(0) ? hits : hits.dropLast() + [0]
    }
}

@Suite struct QuestionRewardTests {
    private let questions = [
        MultipleChoiceQuestion(
            stem: "What colour?", options: ["red", "blue", "green", "Can not answer"], correct: 1),
        MultipleChoiceQuestion(stem: "Who?", options: ["a dog", "a cat"], correct: 0),
    ]

    @Test func aCaptionEarnsWhatCanBeAnsweredFromIt() throws {
        let reward = QuestionReward(draws: 16)
        let reader = WordReader()
        #expect(try reward("a dog in a blue coat", questions: questions, reader: reader) == 1)
        #expect(try reward("nothing to see", questions: questions, reader: reader) == 0)
        #expect(try reward("", questions: [], reader: reader) == 0)
        let half = try reward("a dog", questions: questions, reader: reader)
        #expect(half > 0 && half < 1)
    }

    @Test func optionsAreShuffledAndNotKnowingStandsLast() throws {
        let reader = WordReader()
        _ = try QuestionReward(draws: 24)("a dog in blue", questions: questions, reader: reader)
        let prompts = reader.asked.withLock { $0 }
        #expect(Set(prompts).count > 4)
        #expect(prompts.allSatisfy { $0.hasSuffix(QuestionSheet.cannotAnswer) })
        #expect(prompts.allSatisfy { !$0.contains("Can not answer\n") })
    }

    @Test func answersAreRemembered() throws {
        let reward = QuestionReward(draws: 4)
        let reader = WordReader()
        let first = try reward("a dog", questions: questions, reader: reader)
        #expect(try reward("a dog", questions: questions, reader: reader) == first)
        #expect(reader.asked.withLock { $0.count } == 4)
    }

    @Test func theRuntimesOwnModelReads() throws {
        let folder = Fixtures.golden.appendingPathComponent("ckpt-tied")
        let model = try VisionLanguageModel.load(folder: folder)
        let reader = ModelCaptionReader(model)
        let scores = try reader.logProbabilities(
            of: ["The answer is A", "The answer is B"], after: "Which?")
        #expect(scores.count == 2 && scores.allSatisfy { $0 < 0 && $0.isFinite })
        #expect(scores[0] != scores[1])
    }
}
