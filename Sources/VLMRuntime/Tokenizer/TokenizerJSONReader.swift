/// Reads `tokenizer.json`, the single file of Hugging Face's `tokenizers`.
struct TokenizerJSONReader {
    private let file: String
    private var cursor: JSONCursor
    private var builder = TokenizerTablesBuilder()
    /// All members but `vocab` and `merges`, which are not kept as a tree.
    private var settings: [(String, JSONValue)] = []
    private var modelSettings: [(String, JSONValue)] = []
    private var hasVocabulary = false
    private var hasMerges = false
    /// The place of the merges, when they stand before the vocabulary they speak of.
    private var mergesBeforeVocabulary: JSONCursor?

    init(file: String, bytes: [UInt8]) throws(TokenizerError) {
        self.file = file
        cursor = try JSONCursor(file: file, bytes: bytes)
    }

    /// Reads the whole file and checks that it describes a Qwen2 tokenizer.
    mutating func read() throws(TokenizerError) -> TokenizerTables {
        try readMembers()
        settings.append(("model", .object(modelSettings)))
        let root = JSONValue.object(settings)
        for requirement in Self.requirements { try requirement.check(root, file: file) }
        for (name, present) in [("vocab", hasVocabulary), ("merges", hasMerges)] where !present {
            throw missing("model.\(name)")
        }
        if var place = mergesBeforeVocabulary {
            swap(&place, &cursor)
            try readMerges()
        }
        let added = try addedTokens(root["added_tokens"] ?? .array([]))
        return try builder.finish(adding: added, file: file, addedFile: file)
    }

    private func missing(_ thing: String) -> TokenizerError {
        .wrongType(file: file, thing: thing, expected: "given", found: "missing")
    }

    private mutating func readMembers() throws(TokenizerError) {
        try cursor.beginObject("the text")
        var hasModel = false
        while try cursor.nextMember() {
            let name = String(decoding: cursor.text, as: UTF8.self)
            guard name == "model" else {
                settings.append((name, try cursor.value()))
                continue
            }
            guard !hasModel else { throw .repeated(file: file, thing: "model") }
            hasModel = true
            try readModel()
        }
        try cursor.finish()
        guard hasModel else { throw missing("model") }
    }

    private mutating func readModel() throws(TokenizerError) {
        try cursor.beginObject("model")
        while try cursor.nextMember() {
            let name = String(decoding: cursor.text, as: UTF8.self)
            switch name {
            case "vocab":
                guard !hasVocabulary else { throw .repeated(file: file, thing: "model.vocab") }
                hasVocabulary = true
                try Self.readVocabulary("model.vocab", from: &cursor, into: &builder)
            case "merges":
                guard !hasMerges else { throw .repeated(file: file, thing: "model.merges") }
                hasMerges = true
                if hasVocabulary {
                    try readMerges()
                } else {
                    mergesBeforeVocabulary = cursor
                    _ = try cursor.value()
                }
            default:
                modelSettings.append((name, try cursor.value()))
            }
        }
    }

    /// Reads an object of tokens and ids.
    static func readVocabulary(
        _ thing: String, from cursor: inout JSONCursor, into builder: inout TokenizerTablesBuilder
    ) throws(TokenizerError) {
        try cursor.beginObject(thing)
        while try cursor.nextMember() {
            let token = cursor.text
            let id = try cursor.integer("the id of token \(TokenizerError.quoted(token))")
            try builder.addToken(token, id: id, file: cursor.file)
        }
    }

    /// Reads merges, each `"left right"` or `["left", "right"]`.
    private mutating func readMerges() throws(TokenizerError) {
        var number = 0
        try cursor.beginArray("model.merges")
        while try cursor.nextElement() {
            number += 1
            if cursor.peek() == UInt8(ascii: "[") {
                let (left, right) = try mergePair(number: number)
                try builder.addMerge(left[...], right[...], file: file)
            } else {
                try cursor.string("merge \(number)")
                try builder.addMerge(line: cursor.text[...], number: number, file: file)
            }
        }
    }

    private mutating func mergePair(
        number: Int
    ) throws(TokenizerError) -> (left: [UInt8], right: [UInt8]) {
        var parts: [[UInt8]] = []
        try cursor.beginArray("merge \(number)")
        while try cursor.nextElement() {
            try cursor.string("a part of merge \(number)")
            parts.append(cursor.text)
            if parts.count > 2 { break }
        }
        guard parts.count == 2 else {
            let found = parts.count > 2 ? "longer" : "an array of \(parts.count)"
            throw .malformedMerge(file: file, number: number, found: found)
        }
        return (parts[0], parts[1])
    }

    private func addedTokens(_ list: JSONValue) throws(TokenizerError) -> [AddedToken] {
        guard case .array(let elements) = list else {
            throw .wrongType(
                file: file, thing: "added_tokens", expected: "an array",
                found: TokenizerError.summary(list))
        }
        var tokens: [AddedToken] = []
        for (place, element) in elements.enumerated() {
            tokens.append(
                try AddedToken(
                    element, id: element["id"], thing: "added_tokens.\(place)", file: file))
        }
        return tokens
    }
}

// MARK: - What is supported

extension TokenizerJSONReader {
    /// One setting and the values it may have; `nil` among them means that it may be missing.
    private struct Requirement: Sendable {
        let path: String
        let allowed: [JSONValue?]

        init(_ path: String, _ allowed: JSONValue?...) {
            self.path = path
            self.allowed = allowed
        }

        func check(_ root: JSONValue, file: String) throws(TokenizerError) {
            let found = root.value(at: path)
            let isAllowed = allowed.contains { allowed in
                guard let allowed, let found else { return allowed == nil && found == nil }
                return found.isSameScalar(as: allowed)
            }
            guard !isAllowed else { return }
            throw .unsupported(
                file: file, thing: path,
                expected: allowed.map(TokenizerError.summary).joined(separator: " or "),
                found: TokenizerError.summary(found))
        }
    }

    /// The Qwen2 kind: byte-level BPE after form C and one known expression.
    private static let requirements: [Requirement] = [
        .init("normalizer.type", .string("NFC")),
        .init("pre_tokenizer.type", .string("Sequence")),
        .init("pre_tokenizer.pretokenizers.0.type", .string("Split")),
        .init("pre_tokenizer.pretokenizers.0.pattern.Regex", .string(PieceScanner.expression)),
        .init("pre_tokenizer.pretokenizers.0.behavior", .string("Isolated")),
        .init("pre_tokenizer.pretokenizers.0.invert", .bool(false), nil),
        .init("pre_tokenizer.pretokenizers.1.type", .string("ByteLevel")),
        .init("pre_tokenizer.pretokenizers.1.add_prefix_space", .bool(false)),
        .init("pre_tokenizer.pretokenizers.1.use_regex", .bool(false)),
        .init("pre_tokenizer.pretokenizers.2", nil),
        .init("post_processor.type", .string("ByteLevel"), nil),
        .init("decoder.type", .string("ByteLevel")),
        .init("model.type", .string("BPE"), nil),
        .init("model.dropout", .null, nil, .integer(0)),
        .init("model.continuing_subword_prefix", .null, nil, .string("")),
        .init("model.end_of_word_suffix", .null, nil, .string("")),
        .init("model.byte_fallback", .bool(false), nil),
        .init("model.ignore_merges", .bool(false), nil),
    ]
}

extension TokenizerTablesBuilder {
    /// Adds a merge written as two tokens with one space between.
    mutating func addMerge(
        line: ArraySlice<UInt8>, number: Int, file: String
    ) throws(TokenizerError) {
        guard let space = line.firstIndex(of: 0x20), space > line.startIndex,
            space + 1 < line.endIndex, !line[(space + 1)...].contains(0x20)
        else {
            throw .malformedMerge(
                file: file, number: number, found: TokenizerError.quoted(line))
        }
        try addMerge(line[..<space], line[(space + 1)...], file: file)
    }
}

extension AddedToken {
    /// Reads one entry of `added_tokens` or `added_tokens_decoder`.
    ///
    /// `normalized` is not looked at: it would only matter for a token with characters that
    /// form C changes.
    init(
        _ entry: JSONValue, id: JSONValue?, thing: String, file: String
    ) throws(TokenizerError) {
        guard case .integer(let value)? = id else {
            throw .wrongType(
                file: file, thing: "\(thing).id", expected: "a whole number",
                found: TokenizerError.summary(id))
        }
        guard case .string(let content)? = entry["content"] else {
            throw .wrongType(
                file: file, thing: "\(thing).content", expected: "a string",
                found: TokenizerError.summary(entry["content"]))
        }
        let range = 0..<TokenVocabulary.idLimit
        guard range.contains(value) else {
            throw .idOutOfRange(
                file: file, token: TokenizerError.quoted(content.utf8), id: value,
                limit: range.upperBound)
        }
        for flag in ["lstrip", "rstrip", "single_word"] {
            if let value = entry[flag], !value.isSameScalar(as: .bool(false)) {
                throw .unsupported(
                    file: file, thing: "\(thing).\(flag)", expected: "false",
                    found: TokenizerError.summary(value))
            }
        }
        let isSpecial = entry["special"]?.isSameScalar(as: .bool(true)) ?? false
        self.init(id: Int32(value), content: content, isSpecial: isSpecial)
    }
}
