import Foundation
import Testing

@testable import VLMRuntime

/// Damaged and foreign files: each is refused with one sentence that names the file.
@Suite struct TokenizerRefusalTests {
    /// The error for a folder; fails the test when the folder is accepted.
    private func refusal(_ folder: TemporaryFolder) throws -> TokenizerError {
        let error = try #require(throws: TokenizerError.self) {
            try Tokenizer(directory: folder.url)
        }
        #expect(error.description.hasPrefix(folder.url.path))
        #expect(error.description.hasSuffix("."))
        #expect(!error.description.contains("\n"))
        return error
    }

    /// The error for the tiny `tokenizer.json` with one text replaced by another.
    private func refusal(replacing old: String, by new: String) throws -> TokenizerError {
        let folder = try TinyTokenizer.json.copy()
        try edit("tokenizer.json", in: folder, replacing: old, by: new)
        return try refusal(folder)
    }

    private func edit(
        _ name: String, in folder: TemporaryFolder, replacing old: String, by new: String
    ) throws {
        let file = folder.url.appendingPathComponent(name)
        let text = try String(contentsOf: file, encoding: .utf8)
        let place = try #require(text.range(of: old), "\(name) has no \(old)")
        let edited = text.replacingCharacters(in: place, with: new)
        _ = try folder.write(Data(edited.utf8), to: name)
    }

    private func path(_ folder: TemporaryFolder, _ name: String) -> String {
        folder.url.appendingPathComponent(name).path
    }

    // MARK: Files

    @Test func emptyFolderIsRefused() throws {
        let folder = try TemporaryFolder()
        #expect(try refusal(folder) == .missing(directory: folder.url.path))
        _ = try folder.write(Data("{}".utf8), to: "vocab.json")
        #expect(try refusal(folder) == .missing(directory: folder.url.path))
    }

    @Test func folderInPlaceOfAFileIsRefused() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(
            at: folder.url.appendingPathComponent("tokenizer.json"),
            withIntermediateDirectories: false)
        let file = path(folder, "tokenizer.json")
        #expect(try refusal(folder) == .unreadable(file: file, reason: "it is a directory"))
    }

    @Test func hugeFileIsRefusedUnread() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(Data(), to: "tokenizer.json")
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file))
        try handle.truncate(atOffset: 65 << 20)
        try handle.close()
        #expect(
            try refusal(folder) == .tooLarge(file: file, bytes: 65 << 20, limit: 64 << 20))
    }

    @Test func linkedFileIsFollowed() throws {
        let target = try TinyTokenizer.json.copy()
        let folder = try TemporaryFolder()
        try FileManager.default.createSymbolicLink(
            at: folder.url.appendingPathComponent("tokenizer.json"),
            withDestinationURL: target.url.appendingPathComponent("tokenizer.json"))
        #expect(try Tokenizer(directory: folder.url).vocabularySize == 499)
    }

    // MARK: JSON

    @Test(arguments: [
        "", "{", "[]]", "{\"model\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":1 \"b\":2}", "{\"a\":\"",
        "{\"a\":\"\\", "{\"a\":\"\\u12", "{\"a\":\"\\ud800\"}", "{\"a\":\"\\q\"}",
        "{\"a\":\"\u{1}\"}", "{\"a\":truth}", "{\"a\":1-}", "{\"a\":[1,]}", "{} x", "\u{FEFF}{}",
        "{\"a\":" + String(repeating: "[", count: 100_000), "{,}", "{\"a\":[,]}",
    ])
    func brokenJSONIsRefused(text: String) throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(Data(text.utf8), to: "tokenizer.json")
        switch try refusal(folder) {
        case .notJSON(let found, let offset, _):
            #expect(found == file)
            #expect((0...text.utf8.count).contains(offset))
        case .wrongType(let found, _, _, _): #expect(found == file)
        case let other: Issue.record("\(other)")
        }
    }

    @Test func bytesThatAreNotUTF8AreRefusedWithTheirPlace() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(Data([0x7B, 0x22, 0xFF, 0x22, 0x7D]), to: "tokenizer.json")
        let error = try refusal(folder)
        guard case .notJSON(file, 2, _) = error else { throw error }
    }

    /// A truncated download must never be accepted, wherever it was cut.
    @Test func everyTruncationIsRefused() throws {
        let folder = try TinyTokenizer.json.copy()
        let whole = try Data(contentsOf: folder.url.appendingPathComponent("tokenizer.json"))
        let end = whole.lastIndex(of: UInt8(ascii: "}")) ?? 0
        for length in stride(from: 0, through: end, by: 397) {
            _ = try folder.write(whole.prefix(length), to: "tokenizer.json")
            _ = try refusal(folder)
        }
    }

    @Test func escapesInTokensAreResolved() throws {
        let folder = try TinyTokenizer.json.copy()
        try edit("tokenizer.json", in: folder, replacing: "\"!\"", by: "\"\\u0021\"")
        try edit(
            "tokenizer.json", in: folder, replacing: "<|file_sep|>", by: "\\ud83d\\ude00\\n\\/")
        let tokenizer = try Tokenizer(directory: folder.url)
        #expect(tokenizer.encode("!") == [0])
        #expect(tokenizer.id(ofAddedToken: "\u{1F600}\n/") == 498)
    }

    // MARK: Vocabulary and merges

    @Test func duplicateIDsAreRefused() throws {
        let error = try refusal(replacing: "\"\\\"\": 1,", by: "\"\\\"\": 0,")
        guard case .duplicateID(_, 0, "'!'", "'\"'") = error else { throw error }
    }

    @Test func repeatedTokensAreRefused() throws {
        let error = try refusal(replacing: "\"#\": 2", by: "\"!\": 2")
        guard case .repeated(_, "token '!'") = error else { throw error }
    }

    @Test(arguments: [-1, 1_000_000, Int.max]) func idsOutOfRangeAreRefused(id: Int) throws {
        let error = try refusal(replacing: "\"#\": 2,", by: "\"#\": \(id),")
        guard case .idOutOfRange(_, "'#'", id, 1_000_000) = error else { throw error }
    }

    @Test(arguments: ["\"2\"", "null", "2.5", "1e3", "[2]", "99999999999999999999"])
    func idsThatAreNotWholeNumbersAreRefused(id: String) throws {
        let error = try refusal(replacing: "\"#\": 2,", by: "\"#\": \(id),")
        guard case .wrongType(_, "the id of token '#'", "a whole number", _) = error else {
            throw error
        }
    }

    @Test func tokensOutsideTheByteAlphabetAreRefused() throws {
        let error = try refusal(replacing: "\"#\": 2,", by: "\"#\": 2, \"a 中\": 476999,")
        guard case .notByteLevel(_, "'a 中'") = error else { throw error }
    }

    @Test func everyByteNeedsAToken() throws {
        let folder = try TinyTokenizer.pair.copy()
        _ = try folder.write(Data("{\"a\":0,\"b\":1,\"ab\":2}".utf8), to: "vocab.json")
        _ = try folder.write(Data("a b\n".utf8), to: "merges.txt")
        #expect(
            try refusal(folder) == .byteMissing(file: path(folder, "vocab.json"), byte: 0))
    }

    @Test(arguments: [("h q", "'hq'"), ("qqq e", "'qqq'"), ("h 中", "'中'")])
    func mergesOfUnknownTokensAreRefused(line: String, token: String) throws {
        let folder = try TinyTokenizer.pair.copy()
        _ = try folder.write(Data("#version: 0.2\nh e\n\(line)\n".utf8), to: "merges.txt")
        let file = path(folder, "merges.txt")
        #expect(try refusal(folder) == .unknownMergeToken(file: file, number: 2, token: token))
    }

    @Test func repeatedMergesAreRefused() throws {
        let folder = try TinyTokenizer.pair.copy()
        _ = try folder.write(Data("h e\nh e\n".utf8), to: "merges.txt")
        let file = path(folder, "merges.txt")
        #expect(try refusal(folder) == .repeated(file: file, thing: "merge 'h e'"))
    }

    @Test(arguments: ["he", " he", "he ", "h e r", "h  e"])
    func malformedMergesAreRefused(line: String) throws {
        let folder = try TinyTokenizer.pair.copy()
        _ = try folder.write(Data((line + "\n").utf8), to: "merges.txt")
        #expect(
            try refusal(folder)
                == .malformedMerge(
                    file: path(folder, "merges.txt"), number: 1, found: "'\(line)'"))
    }

    @Test func windowsLineEndsAndBlankLinesAreRead() throws {
        let folder = try TinyTokenizer.pair.copy()
        let file = folder.url.appendingPathComponent("merges.txt")
        let text = try String(contentsOf: file, encoding: .utf8)
            .replacingOccurrences(of: "\n", with: "\r\n")
        _ = try folder.write(Data((text + "\r\n\r\n").utf8), to: "merges.txt")
        let tokenizer = try Tokenizer(directory: folder.url)
        #expect(tokenizer.encode("You are a helpful") == [346, 436, 259, 429])
    }

    // MARK: Forms of tokenizer.json

    /// Older exports write merges as text, and some sort their members, merges before vocabulary.
    @Test func bothFormsAndOrdersOfMergesAreRead() throws {
        let folder = try TinyTokenizer.json.copy()
        let file = folder.url.appendingPathComponent("tokenizer.json")
        var root = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
        var model = try #require(root["model"] as? [String: Any])
        let merges = try #require(model["merges"] as? [String])
        let expected = try TinyTokenizer.pair.load().encode("You are a helpful image")
        for form in [merges as Any, merges.map { $0.components(separatedBy: " ") } as Any] {
            model["merges"] = form
            root["model"] = model
            let data = try JSONSerialization.data(withJSONObject: root, options: .sortedKeys)
            _ = try folder.write(data, to: "tokenizer.json")
            let tokenizer = try Tokenizer(directory: folder.url)
            #expect(tokenizer.encode("You are a helpful image") == expected)
        }
    }

    @Test(arguments: [
        ("\"NFC\"", "\"NFKC\"", "normalizer.type"),
        ("\"BPE\"", "\"WordPiece\"", "model.type"),
        ("\"dropout\": null", "\"dropout\": 0.1", "model.dropout"),
        ("\"byte_fallback\": false", "\"byte_fallback\": true", "model.byte_fallback"),
        ("\"fuse_unk\": false", "\"ignore_merges\": true", "model.ignore_merges"),
        ("\\\\p{N}| ?", "\\\\p{N}{1,3}| ?", "pre_tokenizer.pretokenizers.0.pattern.Regex"),
        ("\"Isolated\"", "\"Removed\"", "pre_tokenizer.pretokenizers.0.behavior"),
        ("\"type\": \"Split\"", "\"type\": \"Digits\"", "pre_tokenizer.pretokenizers.0.type"),
        ("\"lstrip\": false", "\"lstrip\": true", "added_tokens.0.lstrip"),
    ])
    func otherKindsOfTokenizerAreRefused(old: String, new: String, thing: String) throws {
        let error = try refusal(replacing: old, by: new)
        guard case .unsupported(_, thing, _, _) = error else { throw error }
    }

    @Test(arguments: ["model", "vocab", "merges", "normalizer", "pre_tokenizer", "decoder"])
    func missingMembersAreRefused(name: String) throws {
        let error = try refusal(replacing: "\"\(name)\": ", by: "\"x\": ")
        switch error {
        case .unsupported(_, let thing, _, "missing"): #expect(thing.hasPrefix(name))
        case .wrongType(_, let thing, _, "missing"): #expect(thing.hasSuffix(name))
        default: throw error
        }
    }

    // MARK: Added tokens

    @Test func addedTokensMustBeUnique() throws {
        let sameID = try refusal(replacing: "\"id\": 478", by: "\"id\": 477")
        guard case .duplicateID(_, 477, "'<|endoftext|>'", "'<|im_start|>'") = sameID else {
            throw sameID
        }
        let taken = try refusal(replacing: "\"id\": 478", by: "\"id\": 0")
        guard case .duplicateID(_, 0, "'!'", "'<|im_start|>'") = taken else { throw taken }
        let sameText = try refusal(replacing: "<|im_end|>", by: "<|im_start|>")
        guard case .repeated(_, "token '<|im_start|>'") = sameText else { throw sameText }
        let empty = try refusal(replacing: "<|im_end|>", by: "")
        guard case .wrongType(_, "added token 479", _, "empty") = empty else { throw empty }
    }

    /// Some exports list added tokens in the vocabulary too, with characters of no alphabet.
    @Test func addedTokensMayStandInTheVocabularyToo() throws {
        let folder = try TinyTokenizer.json.copy()
        try edit(
            "tokenizer.json", in: folder, replacing: "\"!\": 0",
            by: "\"!\": 0, \"<|im_end|>\": 479, \"<看 图>\": 499")
        try edit("tokenizer.json", in: folder, replacing: "<|file_sep|>", by: "<看 图>")
        try edit("tokenizer.json", in: folder, replacing: "\"id\": 498", by: "\"id\": 499")
        let tokenizer = try Tokenizer(directory: folder.url)
        #expect(tokenizer.encodeWithControlTokens("a<看 图>!<|im_end|>") == [64, 499, 0, 479])
        #expect(!tokenizer.encode("<|im_end|>").contains(479))
    }

    @Test func addedTokensFileCompletesTheConfiguration() throws {
        let folder = try TinyTokenizer.pair.copy()
        _ = try folder.write(
            Data("{\"<|im_end|>\": 479, \"<new>\": 500}".utf8), to: "added_tokens.json")
        let tokenizer = try Tokenizer(directory: folder.url)
        #expect(tokenizer.id(ofAddedToken: "<new>") == 500)
        #expect(!tokenizer.isSpecial(500))
        #expect(tokenizer.isSpecial(479))
        #expect(tokenizer.vocabularySize == 501)
    }

    @Test func addedTokensFileAloneKnowsThePublishedSpecialTokens() throws {
        let folder = try TinyTokenizer.pair.copy()
        try FileManager.default.removeItem(
            at: folder.url.appendingPathComponent("tokenizer_config.json"))
        _ = try folder.write(
            Data("{\"<|im_end|>\": 477, \"<tool_call>\": 478}".utf8), to: "added_tokens.json")
        let tokenizer = try Tokenizer(directory: folder.url)
        #expect(tokenizer.isSpecial(477))
        #expect(!tokenizer.isSpecial(478))
    }

    @Test(arguments: ["{\"<new>\": \"5\"}", "{\"<new>\": -5}", "[]", "{\"\": 600}"])
    func damagedAddedTokensFileIsRefused(text: String) throws {
        let folder = try TinyTokenizer.pair.copy()
        _ = try folder.write(Data(text.utf8), to: "added_tokens.json")
        _ = try refusal(folder)
    }

    @Test func messagesShowNoControlCharacters() throws {
        let error = try refusal(replacing: "\"#\": 2,", by: "\"\\u001b[2J\\n\": 3,")
        #expect(!error.description.unicodeScalars.contains { $0.value < 0x20 })
    }
}
