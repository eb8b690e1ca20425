import Foundation
import Testing

@testable import VLMRuntime

/// The sister family: LayerNorm, quick GELU, no windows, another spelling of the configuration.
struct Qwen2VLTests {
    private let folder = Golden.folder.deletingLastPathComponent().appendingPathComponent("qwen2vl")
    private let model: VisionLanguageModel
    private let golden: [String: Tensor]

    init() throws {
        model = try VisionLanguageModel.load(
            folder: folder.appendingPathComponent("ckpt-qwen2vl"))
        golden = try Safetensors(
            path: folder.appendingPathComponent("golden_qwen2vl.safetensors").path
        ).tensors
    }

    @Test func itIsRecognised() {
        #expect(model.configuration.family == .qwen2VL)
        #expect(model.configuration.vision.intermediateSize == 96)
    }

    @Test func picturesAndLogitsMatchTheReference() throws {
        let prompt = try model.prepare(Golden.conversation())
        let pictures = try model.encode(prompt.images.map(model.preprocess), nil) { _ in }
        expectClose(stacked(pictures), golden["vis.embeds"], "picture rows")
        var cache = KVCache(model.configuration.text)
        let x = model.language(
            model.embed(prompt, pictures: pictures), at: prompt.positions, cache: &cache
        ) { _ in }
        expectClose(model.language.logits(x), golden["lm.logits"], "logits")
    }

    @Test func itWritesTheReferencesTokens() throws {
        let result = try model.generate(
            Golden.conversation(), options: SamplingOptions(maxNewTokens: 12))
        let expected = try #require(golden["gen.greedy_ids"]).integers().map(Int32.init)
        let end = model.generationDefaults.endOfTurnTokens
        #expect(result.tokenIDs == Array(expected.prefix { !end.contains($0) }))
    }
}
