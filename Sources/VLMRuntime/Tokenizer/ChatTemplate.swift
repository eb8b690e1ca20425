/// Writes conversations the way Qwen2-VL, Qwen2.5-VL and Qwen3-VL were trained to read them.
///
/// Every turn is `<|im_start|>`, the role, a line feed, the content, `<|im_end|>` and a line feed.
/// A picture is `<|vision_start|>`, one `<|image_pad|>` for each of its embeddings, and
/// `<|vision_end|>`. The ids equal those of Hugging Face's template, except that control tokens
/// inside a text are not recognised.
public struct ChatTemplate: Sendable {
    /// The system prompt that the published template adds when a conversation has none.
    public static let qwenSystemPrompt = "You are a helpful assistant."

    private let tokenizer: Tokenizer
    private let imageTokenID: Int32
    private let visionStartTokenID: Int32
    private let visionEndTokenID: Int32
    private let defaultSystemPrompt: String?

    /// Prepares the template for one model.
    ///
    /// - Parameters:
    ///   - tokenizer: must have the added tokens `<|im_start|>` and `<|im_end|>`.
    ///   - imageTokenID: `image_token_id` of config.json; likewise the other two.
    ///   - defaultSystemPrompt: opens conversations whose first message is not from the system;
    ///     `nil` opens them without.
    public init(
        tokenizer: Tokenizer, imageTokenID: Int32, visionStartTokenID: Int32,
        visionEndTokenID: Int32, defaultSystemPrompt: String? = Self.qwenSystemPrompt
    ) {
        self.tokenizer = tokenizer
        self.imageTokenID = imageTokenID
        self.visionStartTokenID = visionStartTokenID
        self.visionEndTokenID = visionEndTokenID
        self.defaultSystemPrompt = defaultSystemPrompt
    }

    /// Encodes a conversation.
    ///
    /// - Parameters:
    ///   - imageTokenCounts: how many embeddings each picture has, in reading order.
    ///   - addGenerationPrompt: whether to open the assistant's turn at the end.
    public func promptTokens(
        _ messages: [ChatMessage], imageTokenCounts: [Int], addGenerationPrompt: Bool = true
    ) throws(ChatTemplateError) -> [Int32] {
        let segments = try segments(messages, addGenerationPrompt: addGenerationPrompt)
        try check(imageTokenCounts, against: segments)
        let turnStart = try id(of: Self.turnStart)
        let turnEnd = try id(of: Self.turnEnd)
        var counts = imageTokenCounts.makeIterator()
        var ids: [Int32] = []
        for segment in segments {
            switch segment {
            case .turnStart: ids.append(turnStart)
            case .turnEnd: ids.append(turnEnd)
            case .text(let text): ids += tokenizer.encode(text)
            case .image:
                ids.append(visionStartTokenID)
                ids += repeatElement(imageTokenID, count: counts.next() ?? 0)
                ids.append(visionEndTokenID)
            }
        }
        return ids
    }

    /// The conversation as the template writes it, with one `<|image_pad|>` for each picture.
    ///
    /// For people to read: where a text itself holds control tokens, this form does not tell.
    public func text(_ messages: [ChatMessage], addGenerationPrompt: Bool = true) -> String {
        let segments = try? segments(messages, addGenerationPrompt: addGenerationPrompt)
        return (segments ?? []).map { segment in
            switch segment {
            case .turnStart: Self.turnStart
            case .turnEnd: Self.turnEnd
            case .text(let text): text
            case .image: "<|vision_start|><|image_pad|><|vision_end|>"
            }
        }.joined()
    }

    // MARK: Segments

    private static let turnStart = "<|im_start|>"
    static let turnEnd = "<|im_end|>"

    /// What lies between control tokens is one text: BPE may join characters of neighbouring
    /// parts, such as the end of one text part and the beginning of the next.
    private enum Segment {
        case turnStart, turnEnd, image
        case text(String)
    }

    private func segments(
        _ messages: [ChatMessage], addGenerationPrompt: Bool
    ) throws(ChatTemplateError) -> [Segment] {
        guard let first = messages.first else { throw .noMessages }
        var segments: [Segment] = []
        if let defaultSystemPrompt, first.role != .system {
            append(ChatMessage(.system, text: defaultSystemPrompt), to: &segments)
        }
        for message in messages { append(message, to: &segments) }
        if addGenerationPrompt {
            segments.append(.turnStart)
            append("\(ChatMessage.Role.assistant.rawValue)\n", to: &segments)
        }
        return segments
    }

    private func append(_ message: ChatMessage, to segments: inout [Segment]) {
        segments.append(.turnStart)
        append("\(message.role.rawValue)\n", to: &segments)
        for part in message.parts {
            switch part {
            case .text(let text): append(text, to: &segments)
            case .image: segments.append(.image)
            }
        }
        segments.append(.turnEnd)
        append("\n", to: &segments)
    }

    /// Adds text to the text before it, when that is what comes before.
    private func append(_ text: String, to segments: inout [Segment]) {
        if case .text(let before)? = segments.last {
            segments[segments.count - 1] = .text(before + text)
        } else {
            segments.append(.text(text))
        }
    }

    // MARK: Checks

    private func check(
        _ counts: [Int], against segments: [Segment]
    ) throws(ChatTemplateError) {
        let images = segments.count { if case .image = $0 { true } else { false } }
        guard images == counts.count else {
            throw .imageCountMismatch(images: images, counts: counts.count)
        }
        if let place = counts.firstIndex(where: { $0 < 1 }) {
            throw .emptyImage(number: place + 1, tokens: counts[place])
        }
    }

    private func id(of controlToken: String) throws(ChatTemplateError) -> Int32 {
        guard let id = tokenizer.id(ofAddedToken: controlToken) else {
            throw .missingControlToken(controlToken)
        }
        return id
    }
}

/// Why a conversation could not be written as a prompt.
public enum ChatTemplateError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The conversation is empty.
    case noMessages
    /// The messages hold another number of pictures than there are token counts.
    case imageCountMismatch(images: Int, counts: Int)
    /// A picture, counted from 1, has no embeddings.
    case emptyImage(number: Int, tokens: Int)
    /// The tokenizer lacks a token that every turn needs.
    case missingControlToken(String)

    /// One sentence: what was expected, what was found, what to try.
    public var description: String {
        switch self {
        case .noMessages:
            "The conversation has no messages, but a prompt needs at least one; add a question."
        case .imageCountMismatch(let images, let counts):
            "The messages hold \(images) pictures, but token counts are given for \(counts); "
                + "give one count for each picture."
        case .emptyImage(let number, let tokens):
            "Picture \(number) has \(tokens) tokens, but every picture needs at least one; "
                + "check how the picture was prepared."
        case .missingControlToken(let token):
            "The tokenizer has no added token \(token), which every turn needs; "
                + "use the tokenizer files of a Qwen-VL checkpoint."
        }
    }
}

extension VisionLanguageModel {
    /// What closes a turn of a chat, and so an answer to learn from; `nil` for a tokenizer without.
    public var turnEndToken: Int32? { tokenizer.id(ofAddedToken: ChatTemplate.turnEnd) }
}
