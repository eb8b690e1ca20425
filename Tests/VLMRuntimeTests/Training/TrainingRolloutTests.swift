import Foundation
import Testing

@testable import VLMRuntime

struct TrainingRolloutTests {
    private let model: VisionLanguageModel
    private let prompt: ReadyPrompt

    init() throws {
        model = try VisionLanguageModel.load(
            folder: Golden.folder.appendingPathComponent("ckpt-new"))
        prompt = try model.ready(try Golden.conversation())
    }

    /// Decoding together takes the reference's tokens, every one.
    @Test func greedyRolloutsAreTheReferencesTokens() throws {
        let expected = try #require(try Golden.tensors()["gen.greedy_ids"])
            .integers().map(Int32.init)
        let found = try model.rollouts(
            after: prompt, count: 3, options: SamplingOptions(maxNewTokens: 16))
        let end = model.generationDefaults.endOfTurnTokens
        let upToEnd = expected.firstIndex { end.contains($0) }.map { Array(expected[...$0]) }
        for rollout in found { #expect(rollout.ids == upToEnd ?? expected) }
    }

    @Test func anAnswerDependsOnItsSeedOnly() throws {
        let options = SamplingOptions(temperature: 1, seed: 5, maxNewTokens: 12)
        let four = try model.rollouts(after: prompt, count: 4, options: options)
        let two = try model.rollouts(after: prompt, count: 2, options: options)
        #expect(Array(four.prefix(2)) == two)
        #expect(Set(four.map(\.ids)).count == 4, "four different answers")
        var other = options
        other.seed = 6
        #expect(try model.rollouts(after: prompt, count: 2, options: other) != two)
    }

    @Test func theEndOfTheTurnBelongsToTheAnswer() throws {
        let options = SamplingOptions(temperature: 4, seed: 1, maxNewTokens: 200)
        let end = model.generationDefaults.endOfTurnTokens
        let rollouts = try model.rollouts(after: prompt, count: 12, options: options)
        #expect(rollouts.contains { $0.finishReason == .stop })
        for rollout in rollouts {
            let last = try #require(rollout.ids.last)
            #expect(end.contains(last) == (rollout.finishReason == .stop))
            #expect(!rollout.ids.dropLast().contains { end.contains($0) })
            #expect(rollout.ids.count <= 200)
        }
    }
}
