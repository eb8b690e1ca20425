import Foundation
import ImageCodecs

/// Finds and reads the tokenizer files of a checkpoint folder.
struct TokenizerFolder {
    /// Largest file read, in bytes; the published `tokenizer.json` has 7 MB.
    static let fileLimit = 64 << 20

    let directory: URL

    /// Reads `tokenizer.json` when there is one, and the pair `vocab.json`, `merges.txt` otherwise.
    func read() throws(TokenizerError) -> TokenizerTables {
        if exists("tokenizer.json") {
            var reader = try TokenizerJSONReader(
                file: path("tokenizer.json"), bytes: try bytes("tokenizer.json"))
            return try reader.read()
        }
        guard exists("vocab.json"), exists("merges.txt") else {
            throw .missing(directory: directory.path)
        }
        return try readPair()
    }

    private func readPair() throws(TokenizerError) -> TokenizerTables {
        var builder = TokenizerTablesBuilder()
        let vocabularyFile = path("vocab.json")
        var cursor = try JSONCursor(file: vocabularyFile, bytes: try bytes("vocab.json"))
        try TokenizerJSONReader.readVocabulary("the text", from: &cursor, into: &builder)
        try cursor.finish()
        try readMerges(into: &builder)
        let added = try addedTokens(following: builder.tokenCount)
        return try builder.finish(
            adding: added.tokens, file: vocabularyFile, addedFile: added.file ?? vocabularyFile)
    }

    /// Reads `merges.txt`: one merge in a line, after an optional line that states a version.
    private func readMerges(into builder: inout TokenizerTablesBuilder) throws(TokenizerError) {
        let file = path("merges.txt")
        let lines = try bytes("merges.txt").split(separator: 0x0A)
        var number = 0
        for var line in lines where !line.starts(with: "#version".utf8) {
            if line.last == 0x0D { line.removeLast() }
            if line.isEmpty { continue }
            number += 1
            try builder.addMerge(line: line, number: number, file: file)
        }
    }

    // MARK: Added tokens

    /// Ordinary tokens of the vocabulary that Qwen publishes; its added tokens are known.
    private static let publishedTokenCount = 151_643

    private func addedTokens(
        following tokenCount: Int
    ) throws(TokenizerError) -> (tokens: [AddedToken], file: String?) {
        var tokens: [AddedToken] = []
        var file: String?
        if let listed = try configuredTokens() {
            tokens = listed
            file = path("tokenizer_config.json")
        }
        if let listed = try namedTokens() {
            tokens += listed.filter { named in
                !tokens.contains { $0.id == named.id && $0.content == named.content }
            }
            file = file ?? path("added_tokens.json")
        }
        if file == nil, tokenCount == Self.publishedTokenCount {
            tokens = AddedToken.standard.enumerated().map { place, token in
                AddedToken(
                    id: Int32(tokenCount + place), content: token.content,
                    isSpecial: token.isSpecial)
            }
        }
        return (tokens, file)
    }

    /// `added_tokens_decoder` of `tokenizer_config.json`; `nil` without it.
    private func configuredTokens() throws(TokenizerError) -> [AddedToken]? {
        let member = "added_tokens_decoder"
        guard let list = try tree("tokenizer_config.json")?[member] else { return nil }
        let file = path("tokenizer_config.json")
        guard case .object(let entries) = list else {
            throw .wrongType(
                file: file, thing: member, expected: "an object",
                found: TokenizerError.summary(list))
        }
        var tokens: [AddedToken] = []
        for (name, entry) in entries {
            let id = Int(name).map(JSONValue.integer) ?? .string(name)
            let thing = "\(member).\(printable(name))"
            tokens.append(try AddedToken(entry, id: id, thing: thing, file: file))
        }
        return tokens
    }

    /// The texts and ids of `added_tokens.json`; `nil` without it.
    private func namedTokens() throws(TokenizerError) -> [AddedToken]? {
        guard let list = try tree("added_tokens.json") else { return nil }
        let file = path("added_tokens.json")
        guard case .object(let entries) = list else {
            throw .wrongType(
                file: file, thing: "the text", expected: "an object",
                found: TokenizerError.summary(list))
        }
        var tokens: [AddedToken] = []
        for (name, id) in entries {
            // The file does not say which are special; the published ones are known.
            let isSpecial = AddedToken.standard.contains { $0 == (name, true) }
            let object = JSONValue.object([
                ("content", .string(name)), ("special", .bool(isSpecial)),
            ])
            let thing = TokenizerError.quoted(name.utf8)
            tokens.append(try AddedToken(object, id: id, thing: thing, file: file))
        }
        return tokens
    }

    // MARK: Files

    private func path(_ name: String) -> String {
        directory.appendingPathComponent(name).path
    }

    private func exists(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: path(name))
    }

    private func tree(_ name: String) throws(TokenizerError) -> JSONValue? {
        guard exists(name) else { return nil }
        var cursor = try JSONCursor(file: path(name), bytes: try bytes(name))
        let value = try cursor.value()
        try cursor.finish()
        return value
    }

    private func bytes(_ name: String) throws(TokenizerError) -> [UInt8] {
        let file = path(name)
        do throws(ImageReadError) {
            let url = URL(fileURLWithPath: file)
            return [UInt8](try BoundedFile.read(url, limit: Self.fileLimit))
        } catch {
            switch error {
            case .tooLarge(_, let bytes, let limit):
                throw .tooLarge(file: file, bytes: bytes, limit: limit)
            case .notARegularFile(_, let kind):
                throw .unreadable(file: file, reason: "it is \(kind)")
            case .unreadable(_, let reason):
                throw .unreadable(file: file, reason: reason)
            default:
                throw .unreadable(file: file, reason: "it is not there")
            }
        }
    }
}
