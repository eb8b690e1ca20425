import Foundation

@testable import VLMRuntime

/// What two models say about the word after the same prompt.
enum PromptLogits {
    static func of(_ model: VisionLanguageModel, _ prompt: PreparedPrompt) throws -> [Float] {
        let patches = try prompt.images.map { try model.preprocess($0) }
        let pictures = try model.encode(patches, nil) { _ in }
        var session = Session(model: model)
        return try session.prefill(model.embed(prompt, pictures: pictures), prompt) { _ in }
    }

    static func cosine(_ a: [Float], _ b: [Float]) -> Double {
        func dot(_ a: [Float], _ b: [Float]) -> Double {
            zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        return dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
    }
}
