import Foundation
import Testing

@testable import VLMRuntime

/// The sampler against the reference's tensors after each of its steps.
struct SamplerTests {
    private let golden: [String: Tensor]

    init() throws { golden = try Golden.tensors() }

    private func rows(_ name: String) throws -> [[Float]] {
        let tensor = try #require(golden[name])
        let values = tensor.floats()
        return stride(from: 0, to: values.count, by: tensor.shape[1]).map {
            Array(values[$0..<$0 + tensor.shape[1]])
        }
    }

    private func expectEqual(_ found: [Float], _ expected: [Float], _ step: String) {
        for (index, (a, b)) in zip(found, expected).enumerated() {
            let equal = a == b || abs(a - b) <= 1e-6 * max(1, abs(b))
            #expect(equal, "\(step): token \(index) is \(a), expected \(b)")
        }
    }

    @Test func everyStepMatchesTheReference() throws {
        let ids = try #require(golden["sampling.input_ids"])
        let seen = ids.integers().map(Int32.init)
        let width = ids.shape[1]
        for (row, start) in try rows("sampling.scores").enumerated() {
            var scores = start
            Sampler.penalizeRepetition(
                &scores, seen: Set(seen[row * width..<(row + 1) * width]), penalty: 1.05)
            expectEqual(scores, try rows("sampling.after_rp")[row], "repetition penalty")
            Sampler.applyTemperature(&scores, 0.7)
            expectEqual(scores, try rows("sampling.after_temp")[row], "temperature")
            Sampler.keepTopK(&scores, 20)
            expectEqual(scores, try rows("sampling.after_topk")[row], "top-k")
            Sampler.keepTopP(&scores, 0.8)
            expectEqual(scores, try rows("sampling.after_topp")[row], "top-p")
        }
    }

    @Test func tiesWithTheKthLargestStay() {
        var scores: [Float] = [1, 3, 2, 2, 0]
        Sampler.keepTopK(&scores, 2)
        #expect(scores == [-.infinity, 3, 2, 2, -.infinity])
    }

    @Test func greedyTakesTheFirstOfEqualScores() {
        #expect(Sampler.argmax([0, 5, 5, 1]) == 1)
    }

    @Test func theLikeliestTokenAlwaysSurvivesTopP() {
        var scores: [Float] = [0, 10, 0]
        Sampler.keepTopP(&scores, 0)
        #expect(scores == [-.infinity, 10, -.infinity])
    }

    @Test func drawsFollowTheDistribution() {
        let scores: [Float] = [log(0.1), log(0.6), -.infinity, log(0.3)]
        #expect(Sampler.draw(scores, at: 0) == 0)
        #expect(Sampler.draw(scores, at: 0.0999) == 0)
        #expect(Sampler.draw(scores, at: 0.1001) == 1)
        #expect(Sampler.draw(scores, at: 0.6999) == 1)
        #expect(Sampler.draw(scores, at: 0.7001) == 3)
        #expect(Sampler.draw(scores, at: 0.999999) == 3)
    }

    @Test func theSameSeedGivesTheSameTokens() {
        let options = SamplingOptions(temperature: 1, seed: 7)
        let logits = (0..<100).map { Float($0 % 13) / 4 }
        var first = Sampler(options, prompt: [], endOfTurn: [])
        var second = Sampler(options, prompt: [], endOfTurn: [])
        let (a, b) = (
            (0..<50).map { _ in first.next(logits).id },
            (0..<50).map { _ in second.next(logits).id }
        )
        #expect(a == b)
        #expect(Set(a).count > 5, "a temperature of 1 must vary")
    }

    @Test func endOfTurnWaitsForTheMinimum() {
        let options = SamplingOptions(minNewTokens: 2)
        var sampler = Sampler(options, prompt: [], endOfTurn: [1])
        let logits: [Float] = [0, 9, 5]
        #expect((0..<3).map { _ in sampler.next(logits).id } == [2, 2, 1])
    }

    @Test func logProbabilitiesAreThoseOfTheUnchangedLogits() {
        var sampler = Sampler(
            SamplingOptions(repetitionPenalty: 2), prompt: [0], endOfTurn: [])
        let (id, logProbability) = sampler.next([2, 1.5])
        #expect(id == 1)
        #expect(abs(logProbability - (1.5 - log(exp(2) + exp(1.5)))) < 1e-6)
    }
}
