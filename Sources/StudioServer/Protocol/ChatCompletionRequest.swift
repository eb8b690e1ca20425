import Foundation

/// A body of `/v1/chat/completions` as it comes: OpenAI's members, vLLM's `top_k`,
/// `repetition_penalty` and `min_tokens`, and ours: `concepts`, `adapter`.
///
/// Members nobody knows are skipped; those that would change the answer and are not supported are
/// refused when they are checked.
struct ChatCompletionRequest: Decodable {
    struct Message: Decodable {
        let role: String
        let parts: [Part]

        private enum CodingKeys: String, CodingKey { case role, content }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            role = try values.decode(String.self, forKey: .role)
            if let text = try? values.decode(String.self, forKey: .content) {
                parts = [.text(text)]
            } else if try values.decodeNil(forKey: .content) {
                parts = []
            } else {
                parts = try values.decode([Part].self, forKey: .content)
            }
        }
    }

    enum Part: Decodable {
        case text(String)
        case picture(url: String, detail: String?)
        case other(String)

        private enum CodingKeys: String, CodingKey {
            case type, text
            case imageURL = "image_url"
        }

        private struct Address: Decodable {
            let url: String
            let detail: String?
        }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            let type = try values.decode(String.self, forKey: .type)
            switch type {
            case "text", "input_text":
                self = .text(try values.decode(String.self, forKey: .text))
            case "image_url", "input_image":
                // Some clients send the address alone.
                if let url = try? values.decode(String.self, forKey: .imageURL) {
                    self = .picture(url: url, detail: nil)
                } else {
                    let address = try values.decode(Address.self, forKey: .imageURL)
                    self = .picture(url: address.url, detail: address.detail)
                }
            default: self = .other(type)
            }
        }
    }

    /// One word or a list of them.
    struct Words: Decodable {
        let words: [String]

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let word = try? value.decode(String.self) {
                words = [word]
            } else {
                words = try value.decode([String].self)
            }
        }
    }

    struct StreamOptions: Decodable {
        let includeUsage: Bool?
        enum CodingKeys: String, CodingKey { case includeUsage = "include_usage" }
    }

    struct ResponseFormat: Decodable { let type: String }

    /// vLLM's name for the areas a picture may have, in pixels.
    struct PictureSizes: Decodable {
        let minPixels: Int?
        let maxPixels: Int?

        enum CodingKeys: String, CodingKey {
            case minPixels = "min_pixels"
            case maxPixels = "max_pixels"
        }
    }

    /// Anything; only whether it is there counts.
    struct Something: Decodable {
        let isEmpty: Bool

        init(from decoder: any Decoder) throws {
            if let list = try? decoder.unkeyedContainer() {
                isEmpty = list.count == 0
            } else if let value = try? decoder.singleValueContainer(),
                let flag = try? value.decode(Bool.self)
            {
                isEmpty = !flag
            } else {
                isEmpty = false
            }
        }
    }

    let model: String?
    let messages: [Message]
    let stream: Bool?
    let streamOptions: StreamOptions?
    let temperature: Double?
    let topP: Double?
    let topK: Int?
    let minP: Double?
    let repetitionPenalty: Double?
    let presencePenalty: Double?
    let frequencyPenalty: Double?
    let maxTokens: Int?
    let maxCompletionTokens: Int?
    let minTokens: Int?
    let n: Int?
    let seed: Int?
    let stop: Words?
    let logprobs: Something?
    let tools: Something?
    let functions: Something?
    let logitBias: [String: Double]?
    let responseFormat: ResponseFormat?
    let concepts: [String]?
    let adapter: String?
    let pictureSizes: PictureSizes?

    enum CodingKeys: String, CodingKey {
        case model, messages, stream, temperature, n, seed, stop, logprobs, tools, functions
        case concepts, adapter
        case streamOptions = "stream_options"
        case topP = "top_p"
        case topK = "top_k"
        case minP = "min_p"
        case repetitionPenalty = "repetition_penalty"
        case presencePenalty = "presence_penalty"
        case frequencyPenalty = "frequency_penalty"
        case maxTokens = "max_tokens"
        case maxCompletionTokens = "max_completion_tokens"
        case minTokens = "min_tokens"
        case logitBias = "logit_bias"
        case responseFormat = "response_format"
        case pictureSizes = "mm_processor_kwargs"
    }

    /// Reads a body.
    ///
    /// - Throws: `APIError` that names the member and what was expected.
    static func read(_ body: Data) throws(APIError) -> ChatCompletionRequest {
        do {
            return try JSONDecoder().decode(ChatCompletionRequest.self, from: body)
        } catch let error as DecodingError {
            throw describing(error)
        } catch {
            throw .bad(nil, "The body is not JSON.")
        }
    }

    private static func describing(_ error: DecodingError) -> APIError {
        func place(_ path: [any CodingKey]) -> String {
            path.reduce("") { text, key in
                if let index = key.intValue { return text + "[\(index)]" }
                return text.isEmpty ? key.stringValue : text + "." + key.stringValue
            }
        }
        func wanted(_ type: Any.Type) -> String {
            switch type {
            case is String.Type: "a text"
            case is Int.Type: "a whole number"
            case is Double.Type, is Float.Type: "a number"
            case is Bool.Type: "true or false"
            case is [String: Any].Type: "an object"
            default: "\(type)".hasPrefix("Array") ? "a list" : "something else"
            }
        }
        switch error {
        case .keyNotFound(let key, let context):
            let name = place(context.codingPath + [key])
            return .bad(name, "'\(name)' is missing.")
        case .typeMismatch(let type, let context):
            let name = place(context.codingPath)
            return .bad(
                name.isEmpty ? nil : name,
                name.isEmpty
                    ? "The body must be a JSON object." : "'\(name)' must be \(wanted(type)).")
        case .valueNotFound(let type, let context):
            let name = place(context.codingPath)
            return .bad(name, "'\(name)' must be \(wanted(type)), not null.")
        case .dataCorrupted(let context):
            let name = place(context.codingPath)
            return name.isEmpty
                ? .bad(
                    nil,
                    "The body is not JSON, or one of its numbers is out of range or not a whole "
                        + "number.")
                : .bad(name, "'\(name)' is out of range.")
        @unknown default: return .bad(nil, "The body is not understood.")
        }
    }
}
