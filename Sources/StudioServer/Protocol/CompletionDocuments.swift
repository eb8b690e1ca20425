import Foundation

/// Tokens of a request, as OpenAI counts them.
struct UsageDocument: Encodable, Sendable, Equatable {
    var prompt: Int
    var completion: Int
    /// Prompt tokens whose state was at hand.
    var cached: Int

    private enum CodingKeys: String, CodingKey {
        case prompt = "prompt_tokens"
        case completion = "completion_tokens"
        case total = "total_tokens"
        case details = "prompt_tokens_details"
    }

    private struct Details: Encodable {
        let cached: Int
        enum CodingKeys: String, CodingKey { case cached = "cached_tokens" }
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(prompt, forKey: .prompt)
        try values.encode(completion, forKey: .completion)
        try values.encode(prompt + completion, forKey: .total)
        try values.encode(Details(cached: cached), forKey: .details)
    }
}

/// What all documents of one answer begin with.
struct CompletionHead: Sendable {
    let id: String
    let created: Int
    let model: String
}

/// The names that a caption with `concepts` uses; an extension of ours.
struct NamesDocument: Encodable, Sendable, Equatable {
    let named: [String]
    let unnamed: [String]
    let absent: [String]
}

/// The answer to a request without `stream`.
struct CompletionDocument: Encodable {
    struct Choice: Encodable {
        let index: Int
        let text: String
        let finishReason: String

        private enum CodingKeys: String, CodingKey {
            case index, message, logprobs
            case finishReason = "finish_reason"
        }

        func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: CodingKeys.self)
            try values.encode(index, forKey: .index)
            try values.encode(["role": "assistant", "content": text], forKey: .message)
            try values.encode(finishReason, forKey: .finishReason)
            try values.encodeNil(forKey: .logprobs)
        }
    }

    let head: CompletionHead
    let choices: [Choice]
    let usage: UsageDocument
    let names: NamesDocument?

    private enum CodingKeys: String, CodingKey {
        case id, object, created, model, choices, usage
        case names = "concepts"
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(head.id, forKey: .id)
        try values.encode("chat.completion", forKey: .object)
        try values.encode(head.created, forKey: .created)
        try values.encode(head.model, forKey: .model)
        try values.encode(choices, forKey: .choices)
        try values.encode(usage, forKey: .usage)
        try values.encodeIfPresent(names, forKey: .names)
    }
}

/// One event of a streamed answer.
struct ChunkDocument: Encodable {
    enum Delta: Sendable, Equatable {
        case role
        case text(String)
        case end(String)
        /// The last event with `stream_options.include_usage`, which has no choice.
        case usage(UsageDocument)
    }

    let head: CompletionHead
    let index: Int
    let delta: Delta
    var names: NamesDocument?

    private enum CodingKeys: String, CodingKey {
        case id, object, created, model, choices, usage
        case names = "concepts"
    }

    private struct Choice: Encodable {
        let index: Int
        let delta: [String: String]
        let finishReason: String?

        enum CodingKeys: String, CodingKey {
            case index, delta
            case finishReason = "finish_reason"
        }

        func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: CodingKeys.self)
            try values.encode(index, forKey: .index)
            try values.encode(delta, forKey: .delta)
            try values.encode(finishReason, forKey: .finishReason)
        }
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(head.id, forKey: .id)
        try values.encode("chat.completion.chunk", forKey: .object)
        try values.encode(head.created, forKey: .created)
        try values.encode(head.model, forKey: .model)
        var choices: [Choice] = []
        switch delta {
        case .role:
            choices = [
                Choice(
                    index: index, delta: ["role": "assistant", "content": ""], finishReason: nil)
            ]
        case .text(let text):
            choices = [Choice(index: index, delta: ["content": text], finishReason: nil)]
        case .end(let reason): choices = [Choice(index: index, delta: [:], finishReason: reason)]
        case .usage(let usage): try values.encode(usage, forKey: .usage)
        }
        try values.encode(choices, forKey: .choices)
        try values.encodeIfPresent(names, forKey: .names)
    }
}

/// The models that can be asked for.
struct ModelsDocument: Encodable {
    struct Model: Encodable, Equatable {
        let id: String
        let object = "model"
        let created: Int
        let ownedBy = "studio"
        /// The model an adapter belongs to.
        let parent: String?

        enum CodingKeys: String, CodingKey {
            case id, object, created, parent
            case ownedBy = "owned_by"
        }
    }

    let object = "list"
    let data: [Model]
}

/// The JSON of the API.
enum APIJSON {
    static func data(_ value: some Encodable) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // These documents hold texts and whole numbers, which can always be written.
        return (try? encoder.encode(value)) ?? Data("{}".utf8)
    }
}

/// Server-sent events, as the WHATWG's standard frames them.
enum ServerSentEvents {
    static let contentType = "text/event-stream; charset=utf-8"
    /// What OpenAI's API ends a stream with.
    static let done = Data("data: [DONE]\n\n".utf8)

    /// One event; JSON has no bare line ends that would cut it.
    static func event(_ value: some Encodable) -> Data {
        Data("data: ".utf8) + APIJSON.data(value) + Data("\n\n".utf8)
    }
}
