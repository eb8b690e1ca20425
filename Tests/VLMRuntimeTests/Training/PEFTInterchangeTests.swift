import Foundation
import Testing

@testable import VLMRuntime

/// Adapters that PEFT trained and wrote, with the logits it gave.
///
/// Made by `Tests/Scripts/peft_interchange.py --fixture`: rank-stabilised, one kind of module with
/// rank and alpha of its own.
struct PEFTInterchangeTests {
    private let model: VisionLanguageModel
    private let expected: [String: Tensor]
    private static let folder = Golden.folder.deletingLastPathComponent()
        .appendingPathComponent("peft")

    init() throws {
        model = try VisionLanguageModel.load(
            folder: Golden.folder.appendingPathComponent("ckpt-tied"))
        expected = try Safetensors(
            path: Self.folder.appendingPathComponent("expected.safetensors").path
        ).tensors
    }

    /// Logits of the last tokens of the fixture's text.
    private func logits(_ model: VisionLanguageModel) throws -> Matrix {
        let ids = try #require(expected["input_ids"]).integers().map(Int32.init)
        let rows = try #require(expected["logits"]).shape[0]
        var cache = KVCache(model.configuration.text)
        let hidden = model.language(
            model.language.embed(ids), at: MultimodalPositions(textTokens: ids.count, after: 0),
            cache: &cache
        ) { _ in }
        return model.language.logits(hidden.rows(ids.count - rows..<ids.count))
    }

    @Test(arguments: ["current", "old"])
    func bothSpellingsOfTensorNamesGiveTheLogitsOfPEFT(folder: String) throws {
        expectClose(try logits(model), expected["base_logits"], "without the adapter")
        let adapter = try Adapter(folder: Self.folder.appendingPathComponent(folder), for: model)
        #expect(adapter["layers.0.self_attn.v_proj"]?.slot.rank == 3)
        #expect(adapter["layers.0.self_attn.q_proj"]?.slot.rank == 2)
        expectClose(
            try logits(model.adapted(by: adapter)), expected["logits"], "names as in \(folder)")
    }

    @Test(arguments: AdapterNaming.allCases)
    func whatPEFTWroteIsWrittenBackTheSame(naming: AdapterNaming) throws {
        let source = Self.folder.appendingPathComponent(naming == .current ? "current" : "old")
        let adapter = try Adapter(folder: source, for: model)
        let written = try TemporaryFolder()
        try adapter.write(to: written.url, naming: naming)
        func tensors(_ folder: URL) throws -> [String: Tensor] {
            let path = folder.appendingPathComponent(Adapter.weightsFile).path
            return try Safetensors(path: path).tensors
        }
        let (theirs, ours) = (try tensors(source), try tensors(written.url))
        #expect(Set(ours.keys) == Set(theirs.keys))
        for (name, tensor) in theirs {
            #expect(ours[name]?.floats() == tensor.floats(), "\(name)")
        }
    }
}
