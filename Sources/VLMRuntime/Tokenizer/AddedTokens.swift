/// A token outside the vocabulary that stands for its text as a whole, such as `<|im_end|>`.
public struct AddedToken: Sendable, Equatable {
    /// Its id, the same in prompts and in the model's output.
    public let id: Int32
    /// Its text.
    public let content: String
    /// Whether it steers the model and is left out of text shown to people.
    public let isSpecial: Bool

    /// Makes an added token.
    public init(id: Int32, content: String, isSpecial: Bool) {
        self.id = id
        self.content = content
        self.isSpecial = isSpecial
    }

    /// The 22 tokens that every Qwen2 and Qwen2.5 vocabulary adds, in the order of their ids.
    static let standard: [(content: String, isSpecial: Bool)] =
        [
            "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>",
            "<|object_ref_end|>", "<|box_start|>", "<|box_end|>", "<|quad_start|>",
            "<|quad_end|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>",
            "<|image_pad|>", "<|video_pad|>",
        ].map { ($0, true) }
        + [
            "<tool_call>", "</tool_call>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>",
            "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>",
        ].map { ($0, false) }
}

/// The added tokens of one tokenizer, found by id and by text.
struct AddedTokens: Sendable {
    private let byID: [Int32: AddedToken]
    // By bytes, not by String: strings that are canonically equivalent count as equal there.
    private let byContent: [[UInt8]: Int32]
    /// Texts by their first byte, longest first.
    private let candidates: [UInt8: [[UInt8]]]

    /// - Precondition: ids and texts are unique, no text is empty.
    init(_ tokens: [AddedToken]) {
        byID = Dictionary(uniqueKeysWithValues: tokens.map { ($0.id, $0) })
        byContent = Dictionary(uniqueKeysWithValues: tokens.map { (Array($0.content.utf8), $0.id) })
        candidates = Dictionary(grouping: byContent.keys, by: { $0[0] })
            .mapValues { $0.sorted { $0.count > $1.count } }
    }

    subscript(_ id: Int32) -> AddedToken? { byID[id] }

    var highestID: Int32? { byID.keys.max() }

    func id(of content: some Sequence<UInt8>) -> Int32? { byContent[Array(content)] }

    /// All of them, by id.
    var all: [AddedToken] { byID.values.sorted { $0.id < $1.id } }

    /// What `split` finds in a text.
    enum Part: Equatable {
        case text(Range<Int>)
        case token(Int32)
    }

    /// Splits UTF-8 text at added tokens: the leftmost first, and the longest of those there.
    func split(_ bytes: [UInt8]) -> [Part] {
        var parts: [Part] = []
        var textStart = 0
        var place = 0
        while place < bytes.count {
            guard let (id, length) = token(at: place, in: bytes) else {
                place += 1
                continue
            }
            if textStart < place { parts.append(.text(textStart..<place)) }
            parts.append(.token(id))
            place += length
            textStart = place
        }
        if textStart < place { parts.append(.text(textStart..<place)) }
        return parts
    }

    private func token(at place: Int, in bytes: [UInt8]) -> (id: Int32, length: Int)? {
        guard let contents = candidates[bytes[place]] else { return nil }
        let rest = bytes[place...]
        guard let match = contents.first(where: rest.starts(with:)) else { return nil }
        return byContent[match].map { ($0, match.count) }
    }
}
