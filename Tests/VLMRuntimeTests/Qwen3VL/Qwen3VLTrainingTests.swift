import Foundation
import Testing

@testable import VLMRuntime

/// Adapters of Qwen3-VL: PEFT's logits, PyTorch's gradients through normed heads and deepstack rows.
struct Qwen3VLTrainingTests {
    private let golden: Qwen3VLGolden
    private let adapter: Adapter
    private var model: VisionLanguageModel { golden.model }

    init() throws {
        golden = try Qwen3VLGolden()
        adapter = try Adapter(
            folder: Qwen3VLGolden.folder.appendingPathComponent("adapter"), for: golden.model)
    }

    private func pass(_ adapter: Adapter?) -> LikelihoodPass {
        LikelihoodPass(language: model.language, adapter: adapter, products: PanelProducts())
    }

    private func sequence(_ continuations: [[Int32]]) throws -> TrainingSequence {
        TrainingSequence(
            prompt: try model.ready(Qwen3VLGolden.Chat.two.messages), continuations: continuations)
    }

    private func gradient(
        _ pass: LikelihoodPass, _ sequence: TrainingSequence, slopes: ([[Float]]) -> [[Float]]
    ) throws -> [Float] {
        var gradient = Matrix(rows: 1, columns: adapter.parameterCount)
        _ = try pass.addGradient(of: sequence, to: &gradient, slopes: slopes)
        return gradient.values
    }

    @Test func anAdapterOfPEFTGivesItsLogits() throws {
        #expect(adapter["layers.1.self_attn.q_proj"]?.slot.outputSize == 64)
        #expect(adapter["layers.1.self_attn.o_proj"]?.slot.inputSize == 64)
        let adapted = try model.adapted(by: adapter)
        let (prompt, input) = try golden.ready(.two)
        let answer = try golden.ids("sft.answer")
        // The script scored prompt and answer: its last 24 rows are 12 of each.
        let whole = input.followed(by: adapted.language.embed(answer))
        var positions = prompt.positions
        positions.append(textTokens: answer.count)
        var cache = KVCache(model.configuration.text)
        let x = adapted.language(whole, at: positions, cache: &cache) { _ in }
        expectVeryClose(
            adapted.language.logits(x).last(24), golden["lora.logits"], "adapted logits")
    }

    @Test func everyGradientIsPyTorchs() throws {
        let answer = try golden.ids("sft.answer")
        var loss: Float = 0
        let found = try gradient(pass(adapter), sequence([answer])) { values in
            loss = -values[0].reduce(0, +) / Float(answer.count)
            return [answer.map { _ in -1 / Float(answer.count) }]
        }
        expectRelative(
            [loss], try #require(golden["sft.loss"]).floats(), tolerance: 1e-5, "loss")
        var count = 0
        for slot in adapter.slots {
            for (half, range) in [
                ("lora_A", slot.offset..<slot.offsetOfB), ("lora_B", slot.offsetOfB..<slot.end),
            ] {
                let name = "sft.grad.model.language_model.\(slot.module).\(half).weight"
                expectRelative(
                    Array(found[range]), try #require(golden[name], "\(name)").floats(), name)
                count += 1
            }
        }
        #expect(count == 42)
    }

    /// The loss falls along the gradient exactly as fast as the gradient is long.
    @Test func theGradientIsTheSlopeOfTheLoss() throws {
        let answer = try golden.ids("sft.answer")
        let sequence = try sequence([answer, Array(answer.prefix(3))])
        let weights: [[Float]] = [answer.map { _ in 0.1 }, [1, -0.5, 0.2]]
        let found = try gradient(pass(adapter), sequence) { _ in weights }
        let norm = found.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        func value(_ distance: Double) throws -> Double {
            var moved = adapter
            for (index, slope) in found.enumerated() {
                moved.values[0, index] += Float(distance * Double(slope) / norm)
            }
            let values = try pass(moved).logProbabilities(of: sequence)
            return zip(values.joined(), weights.joined())
                .reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        let slope = (try value(3e-3) - value(-3e-3)) / 6e-3
        #expect(abs(slope - norm) < 3e-3 * norm, "\(slope) against \(norm)")
    }

    @Test func keepingActivationsChangesNothing() throws {
        let answer = try golden.ids("sft.answer")
        var pass = pass(adapter)
        let slopes: ([[Float]]) -> [[Float]] = { $0.map { $0.map { _ in -0.1 } } }
        let kept = try gradient(pass, sequence([answer, answer]), slopes: slopes)
        pass.tapeBudget = 0
        #expect(try gradient(pass, sequence([answer, answer]), slopes: slopes) == kept)
    }

    @Test func likelihoodsAreThoseOfReading() throws {
        let answer = try golden.ids("sft.answer")
        let adapted = try model.adapted(by: adapter)
        let (prompt, input) = try golden.ready(.two)
        var session = Session(model: adapted)
        let first = try session.prefill(input, prompt) { _ in }
        let others = session.read(Array(answer.dropLast()))
        let rows = [first] + (0..<others.rows).map { others.row($0) }
        let expected = zip(rows, answer).map { row, id in
            row[Int(id)] - Sampler.logSumExp(row)
        }
        let found = try pass(adapter).logProbabilities(of: sequence([answer]))
        expectRelative(found[0], expected, tolerance: 1e-4, "log-probabilities")
    }

    @Test func anAdapterGoesThroughAFolderAndAMerge() throws {
        let temporary = try TemporaryFolder()
        let folder = temporary.url.appendingPathComponent("adapter")
        try adapter.write(to: folder)
        let again = try Adapter(folder: folder, for: model)
        #expect(again.values.values == adapter.values.values)
        let merged = temporary.url.appendingPathComponent("merged")
        try adapter.merge(into: model, to: merged)
        let whole = try VisionLanguageModel.load(folder: merged)
        let options = SamplingOptions(maxNewTokens: 16)
        let chat = try Qwen3VLGolden.Chat.two.messages
        let expected = try model.adapted(by: adapter).generate(chat, options: options)
        #expect(try whole.generate(chat, options: options).tokenIDs == expected.tokenIDs)
    }

    @Test func aStepOfTrainingMakesTheAnswerLikelier() throws {
        let answer = try golden.ids("sft.answer")
        let sequence = try sequence([answer])
        var trainer = try AdapterTrainer(
            model: model, adapter: Adapter(AdapterPlan(rank: 2, alpha: 4), for: model, seed: 1),
            options: OptimizerOptions(learningRate: 5e-3, schedule: .constant))
        let before = try trainer.logProbabilities(of: sequence, adapted: true)[0].reduce(0, +)
        for _ in 0..<5 {
            try trainer.accumulate(sequence) { $0.map { $0.map { _ in -1 / 12 } } }
            _ = try trainer.update()
        }
        let after = try trainer.logProbabilities(of: sequence, adapted: true)[0].reduce(0, +)
        #expect(after > before + 1, "\(before) to \(after)")
    }
}
