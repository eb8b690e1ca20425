import Foundation
import ImageCodecs
import Testing

@testable import VLMRuntime

/// The tiny Qwen3-VL checkpoint and what Transformers computes with it.
///
/// Made by `Fixtures/qwen3vl/make_qwen3vl.py` from Transformers 5.23.0 and PEFT 0.21.2 (seed 51).
struct Qwen3VLGolden {
    static let folder = Golden.folder.deletingLastPathComponent().appendingPathComponent("qwen3vl")
    static let checkpoint = folder.appendingPathComponent("ckpt-qwen3vl")

    /// The conversations of the script.
    enum Chat: String, CaseIterable, Sendable {
        case text, one, two, turns, plain

        var messages: [ChatMessage] {
            get throws {
                switch self {
                case .text:
                    [
                        ChatMessage(.system, text: "Answer in one word."),
                        ChatMessage(.user, text: "Is it the same café? 图像"),
                    ]
                case .one:
                    [
                        ChatMessage(
                            .user,
                            [.image(try picture(0)), .text("Describe this image in detail.")])
                    ]
                case .two: try asking("Describe the images: it's the same café?")
                case .turns:
                    [
                        ChatMessage(.system, text: "Be brief."),
                        ChatMessage(.user, [.image(try picture(1)), .text("What is it?")]),
                        ChatMessage(.assistant, text: "A dog."),
                        ChatMessage(.user, [.text("And now? "), .image(try picture(0))]),
                    ]
                case .plain: [ChatMessage(.user, text: "Hello there")]
                }
            }
        }
    }

    /// Both pictures, the first of them a reference, and a question.
    static func asking(_ question: String) throws -> [ChatMessage] {
        [
            ChatMessage(
                .user,
                [
                    .image(try picture(0, isReference: true)), .text("and then "),
                    .image(try picture(1)), .text(question),
                ])
        ]
    }

    static func picture(_ index: Int, isReference: Bool = false) throws -> ImageInput {
        let file = Golden.folder.appendingPathComponent("images/img\(index).png")
        return ImageInput(
            try ImageDecoder.decode(fileAt: file).flattened(), isReference: isReference)
    }

    let model: VisionLanguageModel
    private let tensors: [String: Tensor]

    init(_ arithmetic: Arithmetic = .float32) throws {
        model = try VisionLanguageModel.load(folder: Self.checkpoint, arithmetic: arithmetic)
        tensors = try Safetensors(
            path: Self.folder.appendingPathComponent("golden_qwen3vl.safetensors").path
        ).tensors
    }

    subscript(_ name: String) -> Tensor? { tensors[name] }

    func ids(_ name: String) throws -> [Int32] {
        try #require(tensors[name], "\(name)").integers().map(Int32.init)
    }

    /// What the model writes greedily, without the id that ends a turn.
    func answer(_ chat: Chat, _ kind: String = "greedy") throws -> [Int32] {
        let end = model.generationDefaults.endOfTurnTokens
        return Array(try ids("\(chat.rawValue).\(kind)").prefix { !end.contains($0) })
    }

    /// A chat with the rows of its pictures.
    func ready(_ chat: Chat) throws -> (prompt: PreparedPrompt, input: InputRows) {
        let prompt = try model.prepare(chat.messages)
        let pictures = try model.encode(prompt.images.map(model.preprocess), nil) { _ in }
        return (prompt, model.embed(prompt, pictures: pictures))
    }

    /// Logits behind each token of a chat.
    func logits(_ chat: Chat, _ model: VisionLanguageModel) throws -> Matrix {
        let (prompt, input) = try ready(chat)
        var cache = KVCache(model.configuration.text)
        return model.language.logits(
            model.language(input, at: prompt.positions, cache: &cache) { _ in })
    }
}

/// Nearer than the older goldens: within a ten-thousandth of the largest value.
func expectVeryClose(
    _ found: Matrix, _ tensor: Tensor?, _ what: String,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    expectClose(found, tensor, tolerance: 1e-4, what, sourceLocation: sourceLocation)
}

extension Matrix {
    /// Every n-th row.
    func every(_ n: Int) -> Matrix {
        stacked(stride(from: 0, to: rows, by: n).map { rows($0..<$0 + 1) })
    }

    /// The last rows.
    func last(_ count: Int) -> Matrix { rows(max(0, rows - count)..<rows) }
}
