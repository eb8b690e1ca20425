import CKernels
import Foundation
import Testing

@testable import VLMRuntime

/// Training on packed or bfloat16 weights against the same in float32: how far rounding moves a
/// gradient, and that it does not depend on what was kept.
struct TrainingPrecisionTests {
    private let golden: TrainingGolden

    init() throws { golden = try TrainingGolden() }

    private func packed(_ bits: WeightBits) throws -> VisionLanguageModel {
        let folder = Golden.folder.appendingPathComponent("ckpt-new")
        let temporary = try TemporaryFolder()
        let file = temporary.url.appendingPathComponent("packed.safetensors")
        try PackedWeights.write(folder, bits: bits, to: file)
        let weights = try PackedWeights(file: file, for: CheckpointFingerprint(folder: folder))
        return try VisionLanguageModel.load(folder: folder, packed: weights)
    }

    private func sequence() throws -> TrainingSequence {
        let ids = Array(try golden.ids("sft.input_ids").dropFirst(golden.prompt.ids.count))
        let prompt = ReadyPrompt(
            ids: golden.prompt.ids, images: golden.prompt.images.map(\.geometry),
            rows: golden.rows, positions: golden.prompt.positions)
        return TrainingSequence(prompt: prompt, continuations: [ids, Array(ids.prefix(4))])
    }

    private func gradient(
        _ model: VisionLanguageModel, _ products: any FrozenProducts, tapeBudget: Int = 1 << 30
    ) throws -> [Float] {
        var pass = LikelihoodPass(
            language: model.language, adapter: golden.adapter, products: products)
        pass.tapeBudget = tapeBudget
        var gradient = Matrix(rows: 1, columns: golden.adapter.parameterCount)
        _ = try pass.addGradient(of: sequence(), to: &gradient) { values in
            values.map { $0.map { _ in -0.1 } }
        }
        return gradient.values
    }

    /// Every pair's A and B by itself, so that a small one cannot hide behind a large one.
    private func expectNear(
        _ found: [Float], _ expected: [Float], cosine: Double, error: Double, _ what: String
    ) {
        for slot in golden.adapter.slots {
            for range in [slot.offset..<slot.offsetOfB, slot.offsetOfB..<slot.end] {
                var (both, one, other, miss) = (0.0, 0.0, 0.0, 0.0)
                for index in range {
                    let (a, b) = (Double(found[index]), Double(expected[index]))
                    both += a * b
                    one += a * a
                    other += b * b
                    miss += (a - b) * (a - b)
                }
                #expect(both / (one * other).squareRoot() > cosine, "\(what), \(slot.module)")
                #expect((miss / other).squareRoot() < error, "\(what), \(slot.module)")
            }
        }
    }

    /// On the same packed weights the two ways back agree as far as rounding lets them.
    ///
    /// Besides the way back, the adapter's products are rounded, which
    /// here and there moves an activation to the next of its 8-bit steps.
    @Test(arguments: [WeightBits.eight, .four])
    func theFastWayBackOnPackedWeightsIsNearTheExactOne(_ bits: WeightBits) throws {
        let model = try packed(bits)
        let exact = try gradient(model, PanelProducts())
        let fast = try gradient(model, RoundedProducts())
        expectNear(fast, exact, cosine: 0.995, error: 0.1, "\(bits)")
    }

    /// In float32 arithmetic on bfloat16 weights.
    @Test func theFastWayBackOnBfloat16WeightsIsNearTheExactOne() throws {
        let model = try VisionLanguageModel.load(
            folder: Golden.folder.appendingPathComponent("ckpt-old"))
        let exact = try gradient(model, PanelProducts())
        let fast = try gradient(model, RoundedProducts())
        expectNear(fast, exact, cosine: 0.9997, error: 0.03, "bf16")
    }

    /// Eight bits move the gradient itself little: the packed model is trained on what it computes.
    @Test func packedGradientsAreNearThoseOfTheCheckpoint() throws {
        let packed = try gradient(try packed(.eight), RoundedProducts())
        let exact = try gradient(golden.model, PanelProducts())
        expectNear(packed, exact, cosine: 0.99, error: 0.15, "8 bits")
    }

    /// Layers computed a second time give the same bits as layers that were kept rounded.
    @Test func keepingRoundedActivationsChangesNothing() throws {
        let model = try packed(.eight)
        let kept = try gradient(model, RoundedProducts())
        #expect(try gradient(model, RoundedProducts(), tapeBudget: 0) == kept)
    }

    @Test func theProductsFollowTheArithmetic() {
        #expect(frozenProducts(for: .float32, hasDotProduct: true).precision == .float32)
        #expect(frozenProducts(for: .int8, hasDotProduct: false).precision == .float32)
        #expect(frozenProducts(for: .int8, hasDotProduct: true).precision == .bfloat16)
        #expect(frozenProducts(for: .bfloat16, hasDotProduct: true).precision == .bfloat16)
    }
}
