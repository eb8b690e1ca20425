/// Everything a tokenizer knows, checked: what the files of a checkpoint are read into.
struct TokenizerTables: Sendable {
    let vocabulary: TokenVocabulary
    let merges: MergeTable
    /// The token of every single byte, 256 of them.
    let byteTokens: [Int32]
    let added: AddedTokens
}

/// Collects tokens and merges one by one and refuses the first that does not fit.
struct TokenizerTablesBuilder {
    private var vocabulary = TokenVocabulary()
    private var merges = MergeTable()
    /// Entries that are not written in the byte alphabet: allowed for added tokens only.
    private var foreign: [Int32: [UInt8]] = [:]
    private var scratch: [UInt8] = []

    var tokenCount: Int { vocabulary.count }

    /// Adds one vocabulary entry.
    ///
    /// - Parameter written: the token in the byte alphabet, as UTF-8.
    mutating func addToken(
        _ written: [UInt8], id: Int, file: String
    ) throws(TokenizerError) {
        let id = try Self.checkedID(id, of: written, file: file)
        scratch.removeAll(keepingCapacity: true)
        guard ByteAlphabet.append(written, to: &scratch), !scratch.isEmpty else {
            guard foreign.updateValue(written, forKey: id) == nil else {
                throw duplicate(id: id, written, file: file)
            }
            return
        }
        guard vocabulary.insert(scratch[...], id: id) else {
            throw duplicate(id: id, written, file: file)
        }
    }

    /// Adds the merge that ranks after all earlier ones.
    ///
    /// - Parameters:
    ///   - left: the first token in the byte alphabet, as UTF-8; likewise `right`.
    mutating func addMerge(
        _ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>, file: String
    ) throws(TokenizerError) {
        let number = merges.count + 1
        guard number <= TokenVocabulary.idLimit else {
            throw .wrongType(
                file: file, thing: "the list of merges",
                expected: "at most \(TokenVocabulary.idLimit) long", found: "longer")
        }
        func unknown(_ written: some Sequence<UInt8>) -> TokenizerError {
            .unknownMergeToken(
                file: file, number: number, token: TokenizerError.quoted(written))
        }
        scratch.removeAll(keepingCapacity: true)
        guard ByteAlphabet.append(left, to: &scratch),
            let leftID = vocabulary.id(of: scratch[...])
        else { throw unknown(left) }
        let middle = scratch.count
        guard ByteAlphabet.append(right, to: &scratch),
            let rightID = vocabulary.id(of: scratch[middle...])
        else { throw unknown(right) }
        guard let result = vocabulary.id(of: scratch[...]) else { throw unknown(left + right) }
        guard merges.append(leftID, rightID, result: result) else {
            let pair = TokenizerError.quoted(left + [0x20] + right)
            throw .repeated(file: file, thing: "merge \(pair)")
        }
    }

    /// Adds the tokens outside the vocabulary and checks the whole.
    ///
    /// - Parameters:
    ///   - file: where the vocabulary came from.
    ///   - addedFile: where the added tokens came from.
    func finish(
        adding added: [AddedToken], file: String, addedFile: String
    ) throws(TokenizerError) -> TokenizerTables {
        var byteTokens: [Int32] = []
        for byte in UInt8.min...UInt8.max {
            guard let id = vocabulary.id(of: [byte]) else {
                throw .byteMissing(file: file, byte: Int(byte))
            }
            byteTokens.append(id)
        }
        try check(added, file: addedFile)
        let known = Set(added.map(\.id))
        if let (_, written) = foreign.filter({ !known.contains($0.key) }).min(by: {
            $0.key < $1.key
        }) {
            throw .notByteLevel(file: file, token: TokenizerError.quoted(written))
        }
        return TokenizerTables(
            vocabulary: vocabulary, merges: merges, byteTokens: byteTokens,
            added: AddedTokens(added))
    }

    // MARK: Checks

    private static func checkedID(
        _ id: Int, of token: some Sequence<UInt8>, file: String
    ) throws(TokenizerError) -> Int32 {
        guard (0..<TokenVocabulary.idLimit).contains(id) else {
            throw .idOutOfRange(
                file: file, token: TokenizerError.quoted(token), id: id,
                limit: TokenVocabulary.idLimit)
        }
        return Int32(id)
    }

    /// Ids and texts must be unique, and an id may be in the vocabulary only for the same text.
    private func check(_ added: [AddedToken], file: String) throws(TokenizerError) {
        var texts: [Int32: String] = [:]
        var seen: Set<[UInt8]> = []
        for token in added {
            let content = Array(token.content.utf8)
            let shown = TokenizerError.quoted(content)
            let id = try Self.checkedID(Int(token.id), of: content, file: file)
            if content.isEmpty {
                throw .wrongType(
                    file: file, thing: "added token \(id)", expected: "some text", found: "empty")
            }
            if let first = texts.updateValue(shown, forKey: id) {
                throw .duplicateID(file: file, id: Int(id), first: first, second: shown)
            }
            let written = foreign[id] ?? written(vocabulary[id])
            if !written.isEmpty, written != content {
                throw .duplicateID(
                    file: file, id: Int(id), first: TokenizerError.quoted(written), second: shown)
            }
            if !seen.insert(content).inserted || isListed(content, exceptAs: id) {
                throw .repeated(file: file, thing: "token \(shown)")
            }
        }
    }

    /// Whether the vocabulary has this text under another id.
    private func isListed(_ content: [UInt8], exceptAs id: Int32) -> Bool {
        var bytes: [UInt8] = []
        guard ByteAlphabet.append(content, to: &bytes), let other = vocabulary.id(of: bytes[...])
        else { return false }
        return other != id
    }

    private func duplicate(id: Int32, _ token: [UInt8], file: String) -> TokenizerError {
        let first = foreign[id] ?? written(vocabulary[id])
        let shown = TokenizerError.quoted(token)
        if first.isEmpty || first == token { return .repeated(file: file, thing: "token \(shown)") }
        return .duplicateID(
            file: file, id: Int(id), first: TokenizerError.quoted(first), second: shown)
    }

    /// A byte string in the byte alphabet, as UTF-8.
    private func written(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var text = String.UnicodeScalarView()
        for byte in bytes {
            if let scalar = Unicode.Scalar(ByteAlphabet.codePoints[Int(byte)]) {
                text.append(scalar)
            }
        }
        return Array(String(text).utf8)
    }
}
