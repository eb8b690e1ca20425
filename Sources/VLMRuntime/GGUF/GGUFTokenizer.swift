/// Reads the tokenizer that lies in a GGUF file: tokens, their kinds and merges.
struct GGUFTokenizer {
    let file: GGUFFile

    /// The kinds of tokens that matter.
    ///
    /// Source: `llama_token_type` of llama.cpp.
    private enum Kind: Int {
        case normal = 1
        case control = 3
        case userDefined = 4
        /// Fills rows of the embedding that no token has.
        case unused = 5
    }

    func read() throws -> TokenizerTables {
        try check("tokenizer.ggml.model", "gpt2")
        try check("tokenizer.ggml.pre", "qwen2")
        let kinds = try kinds()
        var builder = TokenizerTablesBuilder()
        var added: [AddedToken] = []
        let path = file.path
        let count = try file.forEachString("tokenizer.ggml.tokens") { id, bytes in
            guard id < kinds.count, let kind = Kind(rawValue: kinds[id]) else {
                throw TokenizerError.wrongType(
                    file: path, thing: "the kind of token \(id)", expected: "1, 3, 4 or 5",
                    found: id < kinds.count ? "\(kinds[id])" : "missing")
            }
            switch kind {
            case .normal: try builder.addToken(Array(bytes), id: id, file: path)
            case .unused: break
            case .control, .userDefined:
                let content = String(decoding: bytes, as: UTF8.self)
                // The converter calls everything of the form <|…|> a control token.
                let known = AddedToken.standard.first { $0.content == content }
                added.append(
                    AddedToken(
                        id: Int32(clamping: id), content: content,
                        isSpecial: known?.isSpecial ?? (kind == .control)))
            }
        }
        guard let count, count == kinds.count else {
            throw TokenizerError.wrongType(
                file: path, thing: "tokenizer.ggml.token_type",
                expected: "as long as the list of tokens", found: "\(kinds.count) long")
        }
        let merges = try file.forEachString("tokenizer.ggml.merges") { index, bytes in
            let line = Array(bytes)
            try builder.addMerge(line: line[...], number: index + 1, file: path)
        }
        guard merges != nil else {
            throw TokenizerError.wrongType(
                file: path, thing: "tokenizer.ggml.merges", expected: "a list", found: "missing")
        }
        return try builder.finish(adding: added, file: path, addedFile: path)
    }

    private func check(_ key: String, _ expected: String) throws {
        guard case .string(expected)? = file.metadata[key] else {
            throw TokenizerError.unsupported(
                file: file.path, thing: key, expected: "\"\(expected)\"",
                found: file.metadata[key]?.summary ?? "missing")
        }
    }

    private func kinds() throws -> [Int] {
        let key = "tokenizer.ggml.token_type"
        let numbers = try file.numbers(key, atMost: TokenVocabulary.idLimit)
        return (numbers ?? []).map { value in
            if case .integer(let kind) = value { kind } else { 0 }
        }
    }
}
