import Foundation
import ImageCodecs
import VLMRuntime

/// A chat as OpenAI's API takes it, pictures as data URLs.
struct EngineRequest: Sendable {
    let model: String
    let messages: [ChatMessage]
    let options: SamplingOptions
    /// Whether small pictures are said to be meant so; some servers refuse to be told.
    var tellsSizes = true

    /// The body.
    ///
    /// Pictures are shrunk to the size at which the model sees them: nothing is lost, little is
    /// sent, and the server's own resizing has nothing left to do, so that its answers are those of
    /// the same model here.
    ///
    /// - Returns: also the pictures' sizes before and after, in reading order.
    /// - Throws: `ImagePreprocessingError` or `ImageWriteError`.
    func body() throws -> (data: Data, images: [ImageGeometry]) {
        var smallest = Int.max
        var images: [ImageGeometry] = []
        let turns = try messages.map { message in
            var contents: [Content] = []
            for part in message.parts {
                switch part {
                case .text(let text): contents.append(.text(text))
                case .image(let input):
                    let seen = try self.seen(input)
                    smallest = min(smallest, seen.width * seen.height)
                    images.append(
                        ImageGeometry(
                            originalWidth: input.pixels.width,
                            originalHeight: input.pixels.height, resizedWidth: seen.width,
                            resizedHeight: seen.height))
                    let png = try ImageEncoder.png(RGBAImage(seen))
                    contents.append(
                        .picture("data:image/png;base64," + png.base64EncodedString()))
                }
            }
            return Turn(role: message.role.rawValue, contents: contents)
        }
        let body = Body(
            model: model, messages: turns, options: options,
            leastPixels: smallest == .max || !tellsSizes ? nil : smallest)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try encoder.encode(body), images)
    }

    /// What errors about these sizes name.
    static let sizesMember = "mm_processor_kwargs"

    /// The areas a picture may have when nothing else is said, as Qwen2.5-VL's files say.
    private static let usual = 3_136...12_845_056

    /// Pictures with less than this many pixels are enlarged by some models' files, unless told
    /// not to.
    private static let smallPicture = 4 * usual.lowerBound

    private func seen(_ input: ImageInput) throws -> RGBImage {
        let budget = input.pixelBudget ?? Self.usual
        let size = try SmartResize.size(
            height: input.pixels.height, width: input.pixels.width,
            factor: ModelFamily.suggested(byName: model).cellSide,
            minPixels: max(1, budget.lowerBound), maxPixels: max(1, budget.upperBound))
        return Resampler.bicubic(input.pixels, width: size.width, height: size.height)
    }

    private struct Turn: Encodable {
        let role: String
        let contents: [Content]

        private enum CodingKeys: String, CodingKey { case role, content }

        func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: CodingKeys.self)
            try values.encode(role, forKey: .role)
            // Servers that know texts only want a text.
            if contents.count == 1, case .text(let text) = contents[0] {
                try values.encode(text, forKey: .content)
            } else {
                try values.encode(contents, forKey: .content)
            }
        }
    }

    private enum Content: Encodable {
        case text(String)
        case picture(String)

        private enum CodingKeys: String, CodingKey {
            case type, text, url
            case imageURL = "image_url"
        }

        func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: CodingKeys.self)
            switch self {
            case .text(let text):
                try values.encode("text", forKey: .type)
                try values.encode(text, forKey: .text)
            case .picture(let url):
                try values.encode("image_url", forKey: .type)
                try values.encode([CodingKeys.url.rawValue: url], forKey: .imageURL)
            }
        }
    }

    private struct Body: Encodable {
        let model: String
        let messages: [Turn]
        let options: SamplingOptions
        let leastPixels: Int?

        private enum CodingKeys: String, CodingKey {
            case model, messages, temperature, seed, stream
            case topP = "top_p"
            case topK = "top_k"
            case repetitionPenalty = "repetition_penalty"
            case maxTokens = "max_tokens"
            case minTokens = "min_tokens"
            case pictureSizes = "mm_processor_kwargs"
        }

        // A seed fits 63 bits everywhere.
        func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: CodingKeys.self)
            try values.encode(model, forKey: .model)
            try values.encode(messages, forKey: .messages)
            try values.encode(false, forKey: .stream)
            try values.encode(options.temperature, forKey: .temperature)
            try values.encode(options.maxNewTokens, forKey: .maxTokens)
            // Always said: servers have defaults of their own.
            try values.encode(options.repetitionPenalty, forKey: .repetitionPenalty)
            if !options.isGreedy {
                try values.encode(options.topP, forKey: .topP)
                // "All tokens" is -1 for vLLM and 0 for others; leaving it out means it to both.
                if options.topK > 0 { try values.encode(options.topK, forKey: .topK) }
                try values.encode(options.seed & UInt64(Int64.max), forKey: .seed)
            }
            if options.minNewTokens > 0 {
                try values.encode(options.minNewTokens, forKey: .minTokens)
            }
            if let leastPixels, leastPixels < EngineRequest.smallPicture {
                try values.encode(["min_pixels": leastPixels], forKey: .pictureSizes)
            }
        }
    }
}
