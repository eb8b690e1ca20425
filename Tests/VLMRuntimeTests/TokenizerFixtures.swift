import Foundation
import Testing

@testable import VLMRuntime

/// The fixtures made by Tools/tokenizer/make_fixture.py.
enum TokenizerFixtures {
    static let folder = Golden.folder.deletingLastPathComponent()
        .appendingPathComponent("tokenizer")

    /// The published vocabulary of 151,643 tokens, read from `vocab.json` and `merges.txt` that
    /// are rebuilt from the compact fixture; built once for all tests.
    static let real = Result { try RealVocabulary(folder: folder) }

    static func reader(_ name: String) throws -> FixtureReader {
        FixtureReader([UInt8](try Data(contentsOf: folder.appendingPathComponent(name))))
    }
}

/// The files Qwen publishes, and the tokenizer read from them.
struct RealVocabulary: Sendable {
    let tokenizer: Tokenizer
    let vocabularyBytes: Int
    let mergesBytes: Int

    init(folder: URL) throws {
        var reader = try TokenizerFixtures.reader("qwen2-merges.bin")
        var written = reader.take(256).map { String(Self.character(of: $0)) }
        var merges = "#version: 0.2\n"
        while !reader.isAtEnd {
            let (left, right) = (written[reader.number()], written[reader.number()])
            merges += "\(left) \(right)\n"
            written.append(left + right)
        }
        let members = written.enumerated().map { id, token in "\(Self.quoted(token)):\(id)" }
        let vocabulary = "{\(members.joined(separator: ","))}"
        let target = try TemporaryFolder()
        _ = try target.write(Data(vocabulary.utf8), to: "vocab.json")
        _ = try target.write(Data(merges.utf8), to: "merges.txt")
        tokenizer = try Tokenizer(directory: target.url)
        vocabularyBytes = vocabulary.utf8.count
        mergesBytes = merges.utf8.count
    }

    private static func character(of byte: UInt8) -> Unicode.Scalar {
        Unicode.Scalar(ByteAlphabet.codePoints[Int(byte)]) ?? " "
    }

    private static func quoted(_ token: String) -> String {
        var text = "\""
        for scalar in token.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { text += "\\" }
            text.unicodeScalars.append(scalar)
        }
        return text + "\""
    }
}

/// Reads numbers in LEB128, and what they count.
struct FixtureReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func number() -> Int {
        var value = 0
        var shift = 0
        while true {
            let byte = bytes[position]
            position += 1
            value |= Int(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }

    mutating func take(_ count: Int) -> ArraySlice<UInt8> {
        defer { position += count }
        return bytes[position..<position + count]
    }

    mutating func text() -> String { String(decoding: take(number()), as: UTF8.self) }

    mutating func ids() -> [Int32] { (0..<number()).map { _ in Int32(number()) } }
}

/// Numbers that look random and are the same in every run (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// A folder with the tokenizer files of a tiny golden checkpoint, in one of the two forms.
enum TinyTokenizer: String, CaseIterable, Sendable {
    case json, pair

    func load() throws -> Tokenizer {
        let folder = try copy()
        return try Tokenizer(directory: folder.url)
    }

    /// A copy that a test may damage.
    func copy() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        let names =
            switch self {
            case .json: ["tokenizer.json"]
            case .pair: ["vocab.json", "merges.txt", "tokenizer_config.json"]
            }
        for name in names {
            let source = Golden.folder.appendingPathComponent("ckpt-old/\(name)")
            _ = try folder.write(Data(contentsOf: source), to: name)
        }
        return folder
    }
}
