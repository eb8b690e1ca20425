import Foundation
import Testing

@testable import VLMRuntime

/// The tiny model with the golden adapter, and the prompt that all training goldens continue.
struct TrainingGolden {
    let model: VisionLanguageModel
    let adapter: Adapter
    let tensors: [String: Tensor]
    let prompt: PreparedPrompt
    /// Rows of the prompt, pictures included.
    let rows: InputRows

    static let adapterFolder = Golden.folder.appendingPathComponent("adapter")

    init() throws {
        model = try VisionLanguageModel.load(
            folder: Golden.folder.appendingPathComponent("ckpt-new"))
        adapter = try Adapter(folder: Self.adapterFolder, for: model)
        tensors = try Golden.tensors("golden_train.safetensors")
        prompt = try model.prepare(Golden.conversation())
        var patches: [PreprocessedImage] = []
        for image in prompt.images { patches.append(try model.preprocess(image)) }
        rows = model.embed(prompt, pictures: try model.encode(patches, nil) { _ in })
    }

    func tensor(_ name: String) throws -> Tensor { try #require(tensors[name], "\(name)") }

    func ids(_ name: String) throws -> [Int32] { try tensor(name).integers().map(Int32.init) }

    /// Logits of the prompt and some more tokens, by the ordinary way of reading.
    func logits(_ model: VisionLanguageModel, following ids: [Int32]) -> Matrix {
        let text = MultimodalPositions(textTokens: ids.count, after: prompt.positions.next)
        var cache = KVCache(model.configuration.text)
        let head = model.language(rows, at: prompt.positions, cache: &cache) { _ in }
        let tail = model.language(model.language.embed(ids), at: text, cache: &cache) { _ in }
        return model.language.logits(stacked([head, tail]))
    }
}

/// Fails unless every value agrees within `tolerance` of the largest golden value.
func expectRelative(
    _ found: [Float], _ expected: [Float], tolerance: Float = 1e-3, _ what: String,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    guard found.count == expected.count else {
        Issue.record("\(what): \(found.count) values", sourceLocation: sourceLocation)
        return
    }
    let scale = expected.map(abs).max() ?? 0
    let difference = zip(found, expected).map { abs($0 - $1) }.max() ?? 0
    #expect(
        difference <= tolerance * scale && scale > 0,
        "\(what) differs by \(difference), scale \(scale)", sourceLocation: sourceLocation)
}
