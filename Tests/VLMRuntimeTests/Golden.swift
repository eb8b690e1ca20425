import Foundation
import ImageCodecs
import Testing

@testable import VLMRuntime

/// The golden folder: tiny checkpoints and every intermediate tensor of the reference.
///
/// Made by `tools/make_tiny_golden.py` in that folder from Transformers 5.23.0 (seed 24).
enum Golden {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/golden")

    static func tensors(_ file: String = "golden.safetensors") throws -> [String: Tensor] {
        try Safetensors(path: folder.appendingPathComponent(file).path).tensors
    }

    /// The conversation the goldens were made with.
    static func conversation() throws -> [ChatMessage] {
        let images = try (0..<2).map { index in
            let file = folder.appendingPathComponent("images/img\(index).png")
            return ImageInput(try ImageDecoder.decode(fileAt: file).flattened())
        }
        return [
            ChatMessage(
                .user,
                [
                    .image(images[0]), .text("and then "), .image(images[1]),
                    .text("Describe the images: it's the same café? 图像"),
                ])
        ]
    }

    /// A tiny checkpoint that computes in the arithmetic; its weights are packed first for `int8`.
    static func model(_ checkpoint: String, _ arithmetic: Arithmetic) throws -> VisionLanguageModel
    {
        let folder = folder.appendingPathComponent(checkpoint)
        guard arithmetic == .int8 else {
            return try VisionLanguageModel.load(folder: folder, arithmetic: arithmetic)
        }
        let temporary = try TemporaryFolder()
        let file = temporary.url.appendingPathComponent("packed.safetensors")
        try PackedWeights.write(folder, bits: .eight, to: file)
        let packed = try PackedWeights(file: file, for: CheckpointFingerprint(folder: folder))
        return try VisionLanguageModel.load(folder: folder, packed: packed)
    }

    /// The parts of a tiny checkpoint, without tokenizer and image processor.
    struct Parts {
        let configuration: ModelConfiguration
        let vision: VisionTower
        let language: LanguageModel
    }

    static func parts(_ checkpoint: String) throws -> Parts {
        let url = folder.appendingPathComponent(checkpoint)
        let configuration = try ModelConfiguration(folder: url)
        let weights = try Weights(folder: url)
        let parts = Parts(
            configuration: configuration,
            vision: try VisionTower(weights, configuration, .float32),
            language: try LanguageModel(weights, configuration.text, .float32))
        try weights.finish()
        return parts
    }
}

/// Fails unless two tensors agree within `tolerance` of the largest reference value; the golden
/// folder's README asks for 2e-4 because activations were stored after float32 sums in another
/// order.
func expectClose(
    _ found: Matrix, _ tensor: Tensor?, tolerance: Float = 2e-4, _ what: String,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    guard let tensor else {
        Issue.record("no golden tensor for \(what)", sourceLocation: sourceLocation)
        return
    }
    let expected = tensor.floats()
    guard expected.count == found.count else {
        Issue.record(
            "\(what): \(found.rows)×\(found.columns) against \(tensor.shape)",
            sourceLocation: sourceLocation)
        return
    }
    let scale = max(1, expected.map(abs).max() ?? 0)
    let difference = zip(found.values, expected).map { abs($0 - $1) }.max() ?? 0
    #expect(
        difference <= tolerance * scale, "\(what) differs by \(difference), scale \(scale)",
        sourceLocation: sourceLocation)
}
