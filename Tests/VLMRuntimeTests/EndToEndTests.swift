import Foundation
import Testing

@testable import VLMRuntime

/// From picture files and text to generated ids, through the same door a user takes.
struct EndToEndTests {
    private let golden: [String: Tensor]

    init() throws { golden = try Golden.tensors() }

    private func model(_ checkpoint: String) throws -> VisionLanguageModel {
        try VisionLanguageModel.load(folder: Golden.folder.appendingPathComponent(checkpoint))
    }

    private func ids(_ name: String, _ tensors: [String: Tensor]) throws -> [Int32] {
        try #require(tensors[name]).integers().map(Int32.init)
    }

    /// The reference's ids without the end-of-turn token, which we keep out of the answer.
    private func expected(
        _ name: String, _ tensors: [String: Tensor], _ model: VisionLanguageModel
    ) throws -> [Int32] {
        let end = model.generationDefaults.endOfTurnTokens
        return try ids(name, tensors).prefix { !end.contains($0) }
    }

    @Test(arguments: ["ckpt-new", "ckpt-old"])
    func picturesAndTextGiveTheReferencesTokens(checkpoint: String) throws {
        let model = try model(checkpoint)
        let plain = try model.generate(
            Golden.conversation(), options: SamplingOptions(maxNewTokens: 16))
        #expect(plain.promptTokenIDs == (try ids("input_ids", golden)))
        #expect(plain.tokenIDs == (try expected("gen.greedy_ids", golden, model)))
        #expect(plain.usage.imageTokens == 98)
        let penalized = try model.generate(
            Golden.conversation(),
            options: SamplingOptions(repetitionPenalty: 1.05, maxNewTokens: 16))
        #expect(penalized.tokenIDs == (try expected("gen.greedy_rp105_ids", golden, model)))
    }

    @Test func logProbabilitiesFollowTheReferencesLogits() throws {
        let result = try model("ckpt-new").generate(
            Golden.conversation(), options: SamplingOptions(maxNewTokens: 16))
        let logits = try #require(golden["gen.greedy_logits"])
        let values = logits.floats()
        for (step, id) in result.tokenIDs.enumerated() {
            let row = Array(values[step * logits.shape[1]..<(step + 1) * logits.shape[1]])
            let reference = row[Int(id)] - Sampler.logSumExp(row)
            #expect(abs(result.logProbabilities[step] - reference) < 2e-3, "step \(step)")
        }
    }

    @Test func theTiedCheckpointGivesTheReferencesTokens() throws {
        let tied = try Golden.tensors("golden_tied.safetensors")
        let model = try model("ckpt-tied")
        let result = try model.generate(
            Golden.conversation(), options: SamplingOptions(maxNewTokens: 16))
        #expect(result.tokenIDs == (try expected("gen.greedy_ids", tied, model)))
    }

    @Test(arguments: ["ckpt-new", "ckpt-old"])
    func textAloneGivesTheReferencesTokens(checkpoint: String) throws {
        let model = try model(checkpoint)
        let result = try model.generate(
            [
                ChatMessage(.system, text: "You compare."),
                ChatMessage(.user, text: "The quick fox. It's 42!"),
            ], options: SamplingOptions(maxNewTokens: 16))
        #expect(result.promptTokenIDs == (try ids("text.input_ids", golden)))
        #expect(result.tokenIDs == (try expected("text.greedy_ids", golden, model)))
    }

    @Test func streamedTextIsTheWholeText() throws {
        var streamed = ""
        var stages: [String] = []
        let result = try model("ckpt-new").generate(
            Golden.conversation(), options: SamplingOptions(maxNewTokens: 16)
        ) { event in
            switch event {
            case .token(_, let text): streamed += text
            case .progress(let stage, let fraction):
                #expect((0...1.0001).contains(fraction))
                if stages.last != stage.rawValue { stages.append(stage.rawValue) }
            }
        }
        #expect(streamed == result.text)
        #expect(stages == ["preprocess", "vision", "prefill"])
    }

    @Test func theSeedDecidesASampledAnswer() throws {
        let model = try model("ckpt-new")
        let messages = [ChatMessage(.user, text: "hi")]
        let sample = { (seed: UInt64) in
            try model.generate(
                messages, options: SamplingOptions(temperature: 1, seed: seed, maxNewTokens: 12)
            ).tokenIDs
        }
        #expect(try sample(1) == sample(1))
        #expect(try sample(1) != sample(2))
    }

    @Test func cancellingEndsBetweenTokensAndKeepsWhatIsThere() throws {
        let flag = CancellationFlag()
        var count = 0
        let result = try model("ckpt-new").generate(
            [ChatMessage(.user, text: "hi")], options: SamplingOptions(maxNewTokens: 12),
            cancellation: flag
        ) { event in
            if case .token = event {
                count += 1
                if count == 3 { flag.cancel() }
            }
        }
        #expect(result.finishReason == .cancelled)
        #expect(result.tokenIDs.count == 3)
    }

    @Test func cancellingBeforeTheFirstTokenThrows() throws {
        let flag = CancellationFlag()
        flag.cancel()
        #expect(throws: CancellationError.self) {
            try model("ckpt-new").generate(
                [ChatMessage(.user, text: "hi")], options: SamplingOptions(), cancellation: flag)
        }
    }

    @Test func aPromptThatCannotFitIsRefused() throws {
        let text = String(repeating: "word ", count: 60_000)
        #expect(throws: GenerationError.self) {
            try model("ckpt-new").generate(
                [ChatMessage(.user, text: text)], options: SamplingOptions())
        }
    }

    @Test func nextTokenProbabilitiesAreThoseOfTheGreedyChoice() throws {
        let model = try model("ckpt-new")
        let messages = [ChatMessage(.user, text: "hi")]
        let first = try model.generate(messages, options: SamplingOptions(maxNewTokens: 1))
        let id = try #require(first.tokenIDs.first)
        let all = try model.nextTokenProbabilities(messages, of: (0..<544).map(Int32.init))
        #expect(abs(all.reduce(0, +) - 1) < 1e-4)
        #expect(all.max() == all[Int(id)])
    }

    /// bfloat16 arithmetic may round differently but must not compute something else.
    @Test func bfloat16ArithmeticStaysClose() throws {
        let url = Golden.folder.appendingPathComponent("ckpt-old")
        let exact = try VisionLanguageModel.load(folder: url, arithmetic: .float32)
        let rounded = try VisionLanguageModel.load(folder: url, arithmetic: .bfloat16)
        let ids = (0..<544).map(Int32.init)
        let a = try exact.nextTokenProbabilities(Golden.conversation(), of: ids)
        let b = try rounded.nextTokenProbabilities(Golden.conversation(), of: ids)
        #expect(zip(a, b).map { abs($0 - $1) }.max() ?? 1 < 0.05)
        #expect(a != b, "the two arithmetics are not the same code")
    }
}
