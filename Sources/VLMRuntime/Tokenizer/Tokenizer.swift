public import Foundation

/// The Qwen2 byte-level BPE tokenizer: text to token ids and back.
///
/// Ids equal those of Hugging Face's `tokenizers` for the same files. One difference is possible:
/// characters that Unicode has added since version 9 may be classed or composed differently.
///
/// A value that is cheap to copy and safe to use from many threads: all copies share one
/// immutable storage.
public struct Tokenizer: Sendable {
    private final class Storage: Sendable {
        let tables: TokenizerTables

        init(_ tables: TokenizerTables) { self.tables = tables }
    }

    private let storage: Storage
    private var tables: TokenizerTables { storage.tables }

    /// Reads `tokenizer.json`, or `vocab.json` and `merges.txt`, from a checkpoint folder.
    ///
    /// In the second case the added tokens come from `tokenizer_config.json` and
    /// `added_tokens.json`. When neither lists any, the published vocabulary of 151,643 tokens
    /// gets its 22 known ones.
    ///
    /// - Throws: `TokenizerError` when files are missing, damaged or of another kind than Qwen2's.
    public init(directory: URL) throws(TokenizerError) {
        storage = Storage(try TokenizerFolder(directory: directory).read())
    }

    /// Reads the tokenizer of a checkpoint in any form that a model may have.
    ///
    /// - Parameter checkpoint: a folder, or a `.gguf` file with its mmproj beside it.
    /// - Throws: `CheckpointError` or `TokenizerError`.
    public init(checkpoint: URL) throws {
        self.init(try CheckpointSource(checkpoint).tokenizer())
    }

    init(_ tables: TokenizerTables) { storage = Storage(tables) }

    // MARK: Text to ids

    /// Encodes text that people wrote: nothing in it becomes an added or control token.
    ///
    /// Text that looks like one, such as `<|im_end|>`, is encoded as the characters it shows.
    /// Time grows with n log n in the worst case.
    public func encode(_ text: String) -> [Int32] {
        var ids: [Int32] = []
        var merger = makeMerger()
        encode(text, with: &merger, into: &ids)
        return ids
    }

    /// Encodes text in which added tokens are recognised, as Hugging Face does by default.
    ///
    /// For text that the program wrote itself: in the text of others it would let them forge
    /// turns and pictures.
    public func encodeWithControlTokens(_ text: String) -> [Int32] {
        var ids: [Int32] = []
        var merger = makeMerger()
        let bytes = Array(text.utf8)
        for part in tables.added.split(bytes) {
            switch part {
            case .token(let id): ids.append(id)
            case .text(let range):
                let piece = String(decoding: bytes[range], as: UTF8.self)
                encode(piece, with: &merger, into: &ids)
            }
        }
        return ids
    }

    private func makeMerger() -> BytePairMerger {
        BytePairMerger(merges: tables.merges, byteTokens: tables.byteTokens)
    }

    private func encode(
        _ text: String, with merger: inout BytePairMerger, into ids: inout [Int32]
    ) {
        let bytes = CanonicalComposition.composedUTF8(text)
        for piece in PieceScanner(bytes) { merger.append(bytes[piece], to: &ids) }
    }

    // MARK: Ids to text

    /// Decodes ids to text.
    ///
    /// Special tokens are dropped first; the bytes of the others are joined and decoded together,
    /// since one character may be spread over several tokens. Bytes that are no UTF-8 become
    /// U+FFFD, one for each maximal part of a character. Ids without a token, which models with a
    /// padded embedding can produce, decode to nothing.
    public func decode(
        _ ids: some Sequence<Int32>, skippingSpecialTokens: Bool = true
    ) -> String {
        var joined: [UInt8] = []
        for id in ids where !(skippingSpecialTokens && isSpecial(id)) {
            joined += bytes(of: id)
        }
        return String(decoding: joined, as: UTF8.self)
    }

    /// The bytes that one id stands for, which need not be UTF-8 by themselves.
    ///
    /// For an added token, the UTF-8 of its text; none for an id without a token.
    public func bytes(of id: Int32) -> [UInt8] {
        if let token = tables.added[id] { return Array(token.content.utf8) }
        return Array(tables.vocabulary[id])
    }

    // MARK: Facts

    /// Highest id that has a token, plus one; a model's embedding may have more rows.
    public var vocabularySize: Int {
        max(tables.vocabulary.idCount, Int(tables.added.highestID ?? -1) + 1)
    }

    /// The tokens outside the vocabulary, by id.
    public var addedTokens: [AddedToken] { tables.added.all }

    /// The id of an added token by its text; `nil` when the tokenizer has none such.
    public func id(ofAddedToken content: String) -> Int32? {
        tables.added.id(of: content.utf8)
    }

    /// Whether an id is an added token that is left out of text shown to people.
    public func isSpecial(_ id: Int32) -> Bool {
        tables.added[id]?.isSpecial ?? false
    }
}
