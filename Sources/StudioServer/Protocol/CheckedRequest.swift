import Foundation
import ImageCodecs
import VLMRuntime

/// A chat request whose members are all within their limits, with its pictures as they came.
struct CheckedRequest: Sendable {
    enum Part: Sendable {
        case text(String)
        /// A picture, still encoded.
        case picture(Data, name: String, isSmall: Bool)
    }

    struct Message: Sendable {
        let role: ChatMessage.Role
        let parts: [Part]
    }

    /// The model or adapter that was asked for; `nil` for the server's own.
    let model: String?
    let adapter: String?
    let messages: [Message]
    let concepts: [String]
    /// What differs from the model's habits.
    let sampling: Sampling
    let stops: [String]
    let answers: Int
    let streams: Bool
    let includesUsage: Bool
    /// Areas pictures may have in the model's eyes, when the request says so.
    let leastPixels: Int?
    let mostPixels: Int?

    /// Largest area a request may ask for: 16,384 tokens.
    static let largestView = 16_384 * 28 * 28

    struct Sampling: Sendable, Equatable {
        var temperature: Float?
        var topP: Float?
        var topK: Int?
        var repetitionPenalty: Float?
        var maxTokens: Int?
        var minTokens: Int?
        var seed: UInt64?

        /// The complete options.
        ///
        /// - Parameters:
        ///   - defaults: those of the model.
        ///   - drawn: the seed when none was given.
        func options(over defaults: SamplingOptions, drawn: UInt64) -> SamplingOptions {
            var options = defaults
            options.temperature = temperature ?? defaults.temperature
            options.topP = topP ?? defaults.topP
            options.topK = topK ?? defaults.topK
            options.repetitionPenalty = repetitionPenalty ?? defaults.repetitionPenalty
            options.maxNewTokens = maxTokens ?? defaults.maxNewTokens
            options.minNewTokens = minTokens ?? defaults.minNewTokens
            options.seed = seed ?? (options.isGreedy ? 0 : drawn)
            return options
        }
    }

    /// Bytes of its pictures.
    var pictureBytes: Int {
        messages.flatMap(\.parts).reduce(0) { sum, part in
            if case .picture(let data, _, _) = part { sum + data.count } else { sum }
        }
    }

    /// Checks a request as it came.
    ///
    /// - Throws: `APIError` that names the member, what was found and what is allowed.
    init(_ raw: ChatCompletionRequest, limits: ServerLimits) throws(APIError) {
        try Self.refuseUnsupported(raw)
        model = raw.model
        adapter = raw.adapter
        concepts = raw.concepts ?? []
        streams = raw.stream ?? false
        includesUsage = raw.streamOptions?.includeUsage ?? false
        answers = try Self.within(raw.n, 1...limits.answers, "n") ?? 1
        sampling = try Self.sampling(raw)
        stops = raw.stop?.words ?? []
        guard stops.count <= 16, stops.allSatisfy({ !$0.isEmpty && $0.utf8.count <= 256 }) else {
            throw .bad("stop", "'stop' takes up to 16 texts of 1 to 256 bytes.")
        }
        guard concepts.isEmpty || answers == 1 else {
            throw .bad("n", "'n' must be 1 with 'concepts'.")
        }
        let views = 1...Self.largestView
        leastPixels = try Self.within(
            raw.pictureSizes?.minPixels, views, "mm_processor_kwargs.min_pixels")
        mostPixels = try Self.within(
            raw.pictureSizes?.maxPixels, views, "mm_processor_kwargs.max_pixels")
        messages = try Self.messages(raw.messages, limits: limits)
    }

    private static func refuseUnsupported(_ raw: ChatCompletionRequest) throws(APIError) {
        func refuse(_ name: String, _ isAsked: Bool) throws(APIError) {
            guard isAsked else { return }
            throw APIError(
                400, "'\(name)' is not supported by this server; leave it out.",
                code: "unsupported_parameter", parameter: name)
        }
        try refuse("logprobs", raw.logprobs.map { !$0.isEmpty } ?? false)
        try refuse("tools", raw.tools.map { !$0.isEmpty } ?? false)
        try refuse("functions", raw.functions.map { !$0.isEmpty } ?? false)
        try refuse("logit_bias", !(raw.logitBias ?? [:]).isEmpty)
        try refuse("min_p", (raw.minP ?? 0) != 0)
        try refuse("presence_penalty", (raw.presencePenalty ?? 0) != 0)
        try refuse("frequency_penalty", (raw.frequencyPenalty ?? 0) != 0)
        try refuse("response_format", raw.responseFormat.map { $0.type != "text" } ?? false)
    }

    private static func within<Number: Comparable>(
        _ value: Number?, _ range: ClosedRange<Number>, _ name: String
    ) throws(APIError) -> Number? {
        guard let value else { return nil }
        // Written so that a NaN is outside.
        guard range.contains(value) else {
            throw .bad(name, "'\(name)' takes \(range.lowerBound) to \(range.upperBound).")
        }
        return value
    }

    private static func sampling(_ raw: ChatCompletionRequest) throws(APIError) -> Sampling {
        var sampling = Sampling()
        sampling.temperature = try within(raw.temperature, 0...100, "temperature").map { Float($0) }
        sampling.topP = try within(raw.topP, 0...1, "top_p").map { Float($0) }
        // vLLM writes "all tokens" as -1.
        sampling.topK = try within(raw.topK, -1...1_000_000, "top_k").map { max(0, $0) }
        sampling.repetitionPenalty = try within(
            raw.repetitionPenalty, 0.01...100, "repetition_penalty"
        ).map { Float($0) }
        let older = try within(raw.maxTokens, 1...1_000_000, "max_tokens")
        let newer = try within(raw.maxCompletionTokens, 1...1_000_000, "max_completion_tokens")
        sampling.maxTokens = newer ?? older
        sampling.minTokens = try within(raw.minTokens, 0...1_000_000, "min_tokens")
        sampling.seed = raw.seed.map { UInt64(bitPattern: Int64($0)) }
        return sampling
    }

    private static func messages(
        _ raw: [ChatCompletionRequest.Message], limits: ServerLimits
    ) throws(APIError) -> [Message] {
        guard (1...limits.messages).contains(raw.count) else {
            throw .bad("messages", "'messages' takes 1 to \(limits.messages) messages.")
        }
        guard raw.last?.role == "user" else {
            throw .bad("messages", "The last message must be the user's.")
        }
        var budget = PictureBudget(limits: limits)
        var messages: [Message] = []
        for (index, message) in raw.enumerated() {
            let place = "messages[\(index)]"
            guard let role = ChatMessage.Role(wire: message.role) else {
                throw .bad("\(place).role", "'\(place).role' takes system, user or assistant.")
            }
            var parts: [Part] = []
            for (number, part) in message.parts.enumerated() {
                let place = "\(place).content[\(number)]"
                switch part {
                case .text(let text): parts.append(.text(text))
                case .picture(let url, let detail):
                    guard role == .user else {
                        throw .bad(place, "\(place): only the user's messages hold pictures.")
                    }
                    let data = try budget.take(url, place: place)
                    parts.append(.picture(data, name: place, isSmall: detail == "low"))
                case .other:
                    throw .bad(
                        place, "\(place): parts of type 'text' and 'image_url' are understood.")
                }
            }
            messages.append(Message(role: role, parts: parts))
        }
        return messages
    }
}

/// Counts pictures and pixels of a request while it is checked.
private struct PictureBudget {
    let limits: ServerLimits
    private var count = 0
    private var pixels = 0

    init(limits: ServerLimits) { self.limits = limits }

    /// The bytes of a picture whose header says that it is within the limits.
    mutating func take(_ url: String, place: String) throws(APIError) -> Data {
        count += 1
        guard count <= limits.pictures else {
            throw .bad("messages", "A request takes at most \(limits.pictures) pictures.")
        }
        let data = try DataURL.picture(url, limit: limits.picture.maximumBytes, place: place)
        do throws(ImageReadError) {
            let info = try ImageDecoder.info(data, name: place, limits: limits.picture)
            pixels += info.width * info.height
        } catch {
            throw APIError.describing(error)
        }
        guard pixels <= limits.pixels else {
            throw APIError(
                413,
                "The pictures have more than \(limits.pixels / 1_000_000) megapixels together; "
                    + "send smaller ones.", code: "image_too_large", parameter: "messages")
        }
        return data
    }
}

extension ChatMessage.Role {
    /// The role with this name in OpenAI's API; `developer` is its newer word for `system`.
    init?(wire: String) {
        switch wire {
        case "system", "developer": self = .system
        case "user": self = .user
        case "assistant": self = .assistant
        default: return nil
        }
    }
}
