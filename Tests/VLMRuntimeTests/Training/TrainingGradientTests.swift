import Foundation
import Testing

@testable import VLMRuntime

/// The way back through the whole network against PyTorch's gradients, against finite differences,
/// and against itself under every way of cutting the work.
struct TrainingGradientTests {
    private let golden: TrainingGolden

    init() throws { golden = try TrainingGolden() }

    private func sequence(_ continuations: [[Int32]]) -> TrainingSequence {
        let prompt = ReadyPrompt(
            ids: golden.prompt.ids, images: golden.prompt.images.map(\.geometry),
            rows: golden.rows, positions: golden.prompt.positions)
        return TrainingSequence(prompt: prompt, continuations: continuations)
    }

    private func answer() throws -> [Int32] {
        Array(try golden.ids("sft.input_ids").dropFirst(golden.prompt.ids.count))
    }

    private func pass(_ adapter: Adapter?) throws -> LikelihoodPass {
        LikelihoodPass(
            language: golden.model.language, adapter: adapter, products: PanelProducts())
    }

    private func gradient(
        _ pass: LikelihoodPass, _ sequence: TrainingSequence, slopes: ([[Float]]) -> [[Float]]
    ) throws -> [Float] {
        var gradient = Matrix(rows: 1, columns: golden.adapter.parameterCount)
        _ = try pass.addGradient(of: sequence, to: &gradient, slopes: slopes)
        return gradient.values
    }

    /// Compares every pair's A and B with the golden tensors of that prefix.
    private func expect(
        _ values: [Float], equalGolden prefix: String, tolerance: Float = 1e-3
    ) throws {
        var count = 0
        for slot in golden.adapter.slots {
            for (half, range) in [
                ("lora_A", slot.offset..<slot.offsetOfB), ("lora_B", slot.offsetOfB..<slot.end),
            ] {
                let name = "\(prefix).model.language_model.\(slot.module).\(half).weight"
                let expected = try golden.tensor(name).floats()
                expectRelative(Array(values[range]), expected, tolerance: tolerance, name)
                count += 1
            }
        }
        #expect(count == 42)
    }

    @Test func everyGradientOfFineTuningIsPyTorchs() throws {
        let ids = try answer()
        var loss: Float = 0
        let found = try gradient(try pass(golden.adapter), sequence([ids])) { values in
            loss = -values[0].reduce(0, +) / Float(ids.count)
            return [ids.map { _ in -1 / Float(ids.count) }]
        }
        expectRelative([loss], try golden.tensor("sft.loss0").floats(), tolerance: 1e-5, "loss")
        try expect(found, equalGolden: "sft.grad")
    }

    @Test func twoStepsOfAdamWArePyTorchs() throws {
        let ids = try answer()
        let options = OptimizerOptions(
            learningRate: 1e-3, schedule: .constant, weightDecay: 0.01, maximumGradientNorm: 1)
        var trainer = try AdapterTrainer(
            model: golden.model, adapter: golden.adapter, options: options)
        for step in 0..<2 {
            let values = try trainer.accumulate(sequence([ids])) { _ in
                [ids.map { _ in -1 / Float(ids.count) }]
            }
            let loss = -values[0].reduce(0, +) / Float(ids.count)
            expectRelative(
                [loss], try golden.tensor("sft.loss\(step)").floats(), tolerance: 1e-4, "loss")
            let update = try trainer.update()
            expectRelative(
                [Float(update.gradientNorm)], try golden.tensor("sft.gradnorm\(step)").floats(),
                "gradient norm \(step)")
            try expect(trainer.adapter.values.values, equalGolden: "adamw\(step + 1)")
        }
        #expect(trainer.step == 2)
    }

    @Test func logProbabilitiesAreThoseOfReading() throws {
        let ids = try answer()
        let adapted = try golden.model.adapted(by: golden.adapter)
        for (model, adapter) in [(golden.model, nil), (adapted, golden.adapter)] {
            let logits = golden.logits(model, following: ids)
            let expected = ids.indices.map { token in
                let row = logits.rows(
                    golden.prompt.ids.count - 1 + token..<golden.prompt.ids.count + token)
                return row.values[Int(ids[token])] - Sampler.logSumExp(row.values)
            }
            let found = try pass(adapter).logProbabilities(of: sequence([ids]))
            expectRelative(found[0], expected, tolerance: 1e-5, "log-probabilities")
        }
    }

    /// A continuation behind a shared prompt is what it would be alone.
    @Test func branchesAreIndependent() throws {
        let ids = try answer()
        let branches = [ids, Array(ids.reversed().prefix(5)), [ids[3]], ids]
        let weights: [Float] = [0.3, -1, 0.7, 0.2]
        func slopes(_ values: [[Float]], _ weights: [Float]) -> [[Float]] {
            zip(values, weights).map { values, weight in values.map { _ in weight } }
        }
        let pass = try pass(golden.adapter)
        var together: [[Float]] = []
        let sum = try gradient(pass, sequence(branches)) { values in
            together = values
            return slopes(values, weights)
        }
        var parts = [Float](repeating: 0, count: sum.count)
        for (branch, weight) in zip(branches, weights) {
            let alone = sequence([branch])
            let index = branches.firstIndex(of: branch) ?? 0
            expectRelative(
                together[index], try pass.logProbabilities(of: alone)[0], tolerance: 1e-5,
                "log-probabilities of branch \(index)")
            let part = try gradient(pass, alone) { slopes($0, [weight]) }
            parts = zip(parts, part).map { $0 + $1 }
        }
        expectRelative(sum, parts, tolerance: 1e-5, "gradient of all branches")
    }

    /// Layers computed a second time give the same bits as layers that were kept.
    @Test func keepingActivationsChangesNothing() throws {
        let ids = try answer()
        var pass = try pass(golden.adapter)
        let slopes: ([[Float]]) -> [[Float]] = { $0.map { $0.map { _ in -0.1 } } }
        let kept = try gradient(pass, sequence([ids, ids]), slopes: slopes)
        pass.tapeBudget = 0
        #expect(try gradient(pass, sequence([ids, ids]), slopes: slopes) == kept)
        pass.tapeBudget = 2 * 4 * 163 * LayerTape.width(golden.model.configuration.text)
        #expect(try gradient(pass, sequence([ids, ids]), slopes: slopes) == kept)
    }

    /// The loss falls along the gradient exactly as fast as the gradient is long.
    @Test func theGradientIsTheSlopeOfTheLoss() throws {
        let ids = try answer()
        let sequence = sequence([ids, Array(ids.prefix(3))])
        let weights: [[Float]] = [ids.map { _ in 0.1 }, [1, -0.5, 0.2]]
        let found = try gradient(try pass(golden.adapter), sequence) { _ in weights }
        let norm = found.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        func value(_ distance: Double) throws -> Double {
            var adapter = golden.adapter
            for (index, slope) in found.enumerated() {
                adapter.values[0, index] += Float(distance * Double(slope) / norm)
            }
            let values = try pass(adapter).logProbabilities(of: sequence)
            return zip(values.joined(), weights.joined())
                .reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        let slope = (try value(5e-3) - value(-5e-3)) / 1e-2
        #expect(abs(slope - norm) < 2e-3 * norm, "\(slope) against \(norm)")
    }

    @Test func onlyWhatHasAPairIsTrained() throws {
        let plan = AdapterPlan(rank: 2, alpha: 4, targets: [.value])
        var adapter = Adapter(plan, for: golden.model, seed: 3)
        adapter.values = Matrix(
            rows: 1, columns: adapter.parameterCount,
            values: (0..<adapter.parameterCount).map { Float($0 % 7) * 0.02 - 0.06 })
        #expect(adapter.slots.count == 3)
        var gradient = Matrix(rows: 1, columns: adapter.parameterCount)
        let ids = try answer()
        _ = try pass(adapter).addGradient(of: sequence([ids]), to: &gradient) { values in
            values.map { $0.map { _ in -1 } }
        }
        #expect(
            adapter.slots.allSatisfy { slot in
                gradient.values[slot.offset..<slot.end].contains { $0 != 0 }
            })
    }

    @Test func slopesThatAreNotNumbersStopBeforeAnythingChanges() throws {
        var trainer = try AdapterTrainer(
            model: golden.model, adapter: golden.adapter, options: OptimizerOptions())
        let ids = try answer()
        #expect(throws: TrainingError.notANumber(what: "the loss")) {
            try trainer.accumulate(sequence([ids])) { $0.map { $0.map { _ in .nan } } }
        }
        #expect(trainer.step == 0)
        #expect(trainer.adapter.values.values == golden.adapter.values.values)
        let flag = CancellationFlag()
        flag.cancel()
        trainer.cancellation = flag
        #expect(throws: CancellationError.self) {
            try trainer.accumulate(sequence([ids])) { $0 }
        }
    }

    @Test func schedulesFollowTransformers() {
        let linear = (0...10).map {
            LearningRateSchedule.linear.factor(step: $0, warmup: 2, total: 10)
        }
        #expect(linear == [0, 0.5, 1, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125, 0])
        let cosine = LearningRateSchedule.cosine
        #expect(cosine.factor(step: 0, warmup: 0, total: 10) == 1)
        #expect(abs(cosine.factor(step: 5, warmup: 0, total: 10) - 0.5) < 1e-12)
        #expect(abs(cosine.factor(step: 10, warmup: 0, total: 10)) < 1e-12)
        #expect(LearningRateSchedule.constant.factor(step: 99, warmup: 3, total: 10) == 1)
        #expect(LearningRateSchedule.constant.factor(step: 1, warmup: 4, total: 10) == 0.25)
    }
}
