/// Why a tokenizer could not be read; one clear sentence each.
public enum TokenizerError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The folder holds neither `tokenizer.json` nor `vocab.json` with `merges.txt`.
    case missing(directory: String)
    /// The operating system would not give the file, or it is not a regular file.
    case unreadable(file: String, reason: String)
    /// The file is larger than the limit, both in bytes.
    case tooLarge(file: String, bytes: Int, limit: Int)
    /// The bytes are not UTF-8 text or not JSON; `offset` counts bytes from the start.
    case notJSON(file: String, offset: Int, problem: String)
    /// A value has the wrong JSON type, or a necessary value is missing.
    case wrongType(file: String, thing: String, expected: String, found: String)
    /// A setting asks for another kind of tokenizer than the one of Qwen2.
    case unsupported(file: String, thing: String, expected: String, found: String)
    /// One token, or one member that must be single, is listed twice.
    case repeated(file: String, thing: String)
    /// Two tokens claim one id.
    case duplicateID(file: String, id: Int, first: String, second: String)
    /// An id is negative or too large.
    case idOutOfRange(file: String, token: String, id: Int, limit: Int)
    /// A token is written with characters outside the byte alphabet.
    case notByteLevel(file: String, token: String)
    /// No token stands for this byte alone, so some texts could not be encoded.
    case byteMissing(file: String, byte: Int)
    /// A merge is not two tokens separated by one space; `number` counts from 1.
    case malformedMerge(file: String, number: Int, found: String)
    /// A merge names a token that the vocabulary does not have; `number` counts from 1.
    case unknownMergeToken(file: String, number: Int, token: String)

    /// One sentence: file, thing, expected, found, what to try.
    public var description: String { "\(problem); \(advice)." }

    /// File, thing, expected and found.
    private var problem: String {
        switch self {
        case .missing(let directory):
            "\(directory): there is no tokenizer here, which is tokenizer.json, or vocab.json with "
                + "merges.txt"
        case .unreadable(let file, let reason):
            "\(file): cannot be read (\(reason))"
        case .tooLarge(let file, let bytes, let limit):
            "\(file): holds \(bytes) bytes, but a tokenizer file may hold at most \(limit)"
        case .notJSON(let file, let offset, let problem):
            "\(file): \(problem) at byte \(offset), so this is not the JSON text it should be"
        case .wrongType(let file, let thing, let expected, let found):
            "\(file): \(thing) should be \(expected) but is \(found)"
        case .unsupported(let file, let thing, let expected, let found):
            "\(file): \(thing) is \(found), but only \(expected) is supported"
        case .repeated(let file, let thing):
            "\(file): \(thing) appears twice, but may appear only once"
        case .duplicateID(let file, let id, let first, let second):
            "\(file): id \(id) belongs to both \(first) and \(second), but ids must be unique"
        case .idOutOfRange(let file, let token, let id, let limit):
            "\(file): token \(token) has id \(id), but ids run from 0 to \(limit - 1)"
        case .notByteLevel(let file, let token):
            "\(file): token \(token) has characters outside the byte-level alphabet"
        case .byteMissing(let file, let byte):
            "\(file): no token stands for byte \(byte) alone, but all 256 bytes need one"
        case .malformedMerge(let file, let number, let found):
            "\(file): merge \(number) should be two tokens with one space between but is \(found)"
        case .unknownMergeToken(let file, let number, let token):
            "\(file): merge \(number) needs token \(token), which the vocabulary does not have"
        }
    }

    /// What the user may try.
    private var advice: String {
        switch self {
        case .missing: "copy the checkpoint's tokenizer files into this folder"
        case .unreadable: "check the path and its permissions"
        case .tooLarge: "check that it is the checkpoint's own file"
        case .unsupported, .notByteLevel:
            "use the tokenizer of a Qwen-VL checkpoint"
        case .unknownMergeToken: "take vocabulary and merges from the same checkpoint"
        case .notJSON, .wrongType, .repeated, .duplicateID, .idOutOfRange, .byteMissing,
            .malformedMerge:
            "download the file again"
        }
    }

    /// Text from a file as it may appear in a message: quoted, short, no control characters.
    static func quoted(_ bytes: some Sequence<UInt8>) -> String {
        "'\(printable(String(decoding: Array(bytes.prefix(400)), as: UTF8.self)))'"
    }

    /// A value as it may appear in a message: scalars themselves, the rest by type.
    static func summary(_ value: JSONValue?) -> String {
        guard let value else { return "missing" }
        guard case .string(let text) = value else { return JSONFile.text(value) }
        return quoted(text.utf8)
    }
}
