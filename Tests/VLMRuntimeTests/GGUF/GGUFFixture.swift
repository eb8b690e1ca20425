import Foundation
import ImageCodecs

@testable import VLMRuntime

/// The tiny model that llama.cpp's converter and quantiser made, and what llama.cpp answers.
enum GGUFFixture {
    static let folder = Golden.folder.deletingLastPathComponent().appendingPathComponent("gguf")
    static let formats = ["BF16", "Q8_0", "Q6_K", "Q5_K_S", "Q4_K_M", "Q4_0"]

    static func file(_ name: String) -> URL { folder.appendingPathComponent(name) }

    static func model(
        _ format: String, _ arithmetic: Arithmetic? = nil
    ) throws -> VisionLanguageModel {
        try VisionLanguageModel.load(folder: file("tiny-\(format).gguf"), arithmetic: arithmetic)
    }

    struct Answers: Decodable {
        struct Prompt: Decodable {
            let picture: Bool
            let say: String
        }

        struct Answer: Decodable {
            let tokens: [Int32]
            let margins: [Float?]
        }

        struct File: Decodable {
            let exact, llama: [Answer]
        }

        let prompts: [Prompt]
        let files: [String: File]
        /// Transformers' ids for the golden conversation with the tiny Qwen2-VL.
        let qwen2vl: [Int32]

        static func read() throws -> Answers {
            try JSONDecoder().decode(
                Answers.self, from: Data(contentsOf: GGUFFixture.file("tokens.json")))
        }
    }

    static func message(_ prompt: Answers.Prompt) throws -> [ChatMessage] {
        var parts: [ChatMessage.Part] = []
        if prompt.picture {
            let picture = try ImageDecoder.decode(fileAt: file("picture.png")).flattened()
            parts.append(.image(ImageInput(picture)))
        }
        return [ChatMessage(.user, parts + [.text(prompt.say)])]
    }
}
