/// What two captions have in common, word by word.
struct WordDiff: Sendable, Equatable {
    enum Kind: Sendable, Hashable {
        case same, onlyLeft, onlyRight
    }

    /// A stretch of text of one kind.
    struct Run: Sendable, Equatable {
        let kind: Kind
        let text: String
    }

    /// The left text, all of it, in runs of `same` and `onlyLeft`.
    let left: [Run]
    /// The right text, all of it, in runs of `same` and `onlyRight`.
    let right: [Run]
    /// Both in one text: what only the left has stands before what only the right has instead.
    let runs: [Run]

    /// Whether no word differs; white space does not count.
    var isSame: Bool { runs.allSatisfy { $0.kind == .same } }

    /// Compares words; `<Blue Mug>` is one, a punctuation mark is one too.
    init(_ left: String, _ right: String) {
        let a = WordTokens(left)
        let b = WordTokens(right)
        let pairs = WordAlignment.align(a.tokens, b.tokens)
        let keptA = Set(pairs.map(\.0))
        let keptB = Set(pairs.map(\.1))
        self.left = a.runs { keptA.contains($0) ? .same : .onlyLeft }
        self.right = b.runs { keptB.contains($0) ? .same : .onlyRight }
        runs = Self.merged(a, b, pairs)
    }

    /// Each word takes the white space before it along; a word of both that of the side that was
    /// shown last.
    private static func merged(
        _ a: WordTokens, _ b: WordTokens, _ pairs: [(Int, Int)]
    ) -> [Run] {
        var pieces: [(kind: Kind, space: Substring, word: Substring)] = []
        var (i, j) = (0, 0)
        for (nextA, nextB) in pairs + [(a.tokens.count, b.tokens.count)] {
            pieces += (i..<nextA).map { (.onlyLeft, a.spaces[$0], a.tokens[$0].text) }
            pieces += (j..<nextB).map { (.onlyRight, b.spaces[$0], b.tokens[$0].text) }
            if nextB < b.tokens.count {
                let space = pieces.last?.kind == .onlyLeft ? a.spaces[nextA] : b.spaces[nextB]
                pieces.append((.same, space, b.tokens[nextB].text))
            }
            (i, j) = (nextA + 1, nextB + 1)
        }
        var runs = RunBuilder()
        for piece in pieces { runs.append(piece.kind, space: piece.space, word: piece.word) }
        return runs.finish(b.end)
    }
}

/// Puts words of a kind together; the space between two kinds is nobody's.
private struct RunBuilder {
    private var runs: [WordDiff.Run] = []
    private var kind = WordDiff.Kind.same
    private var text = ""

    mutating func append(_ next: WordDiff.Kind, space: Substring, word: Substring) {
        if next == kind {
            text += space
        } else {
            if kind == .same {
                text += space
                flush()
            } else {
                flush()
                kind = .same
                text = String(space)
                flush()
            }
            kind = next
        }
        text += word
    }

    mutating func finish(_ end: Substring) -> [WordDiff.Run] {
        if kind != .same { flush() }
        kind = .same
        text += end
        flush()
        return runs
    }

    private mutating func flush() {
        guard !text.isEmpty else { return }
        if let last = runs.last, last.kind == kind {
            runs[runs.count - 1] = WordDiff.Run(kind: kind, text: last.text + text)
        } else {
            runs.append(WordDiff.Run(kind: kind, text: text))
        }
        text = ""
    }
}

/// A text cut into words and punctuation marks, and the white space between them.
struct WordTokens: Sendable {
    struct Token: Sendable, Hashable {
        let text: Substring
        /// How much it says that two texts have it in common.
        let weight: Int32
    }

    let tokens: [Token]
    /// The white space before each token.
    let spaces: [Substring]
    /// The white space behind the last one.
    let end: Substring

    /// Longer texts between `<` and `>` are no names.
    static let longestName = 200

    init(_ text: String) {
        var tokens: [Token] = []
        var spaces: [Substring] = []
        var rest = Substring(text)
        while true {
            let space = rest.prefix(while: \.isWhitespace)
            rest = rest[space.endIndex...]
            guard let first = rest.first else {
                end = space
                break
            }
            let token = Self.token(at: rest, first)
            tokens.append(token)
            spaces.append(space)
            rest = rest[token.text.endIndex...]
        }
        self.tokens = tokens
        self.spaces = spaces
    }

    /// The text in runs of the kind that each token is given.
    func runs(_ kind: (Int) -> WordDiff.Kind) -> [WordDiff.Run] {
        var runs = RunBuilder()
        for index in tokens.indices {
            runs.append(kind(index), space: spaces[index], word: tokens[index].text)
        }
        return runs.finish(end)
    }

    private static func token(at rest: Substring, _ first: Character) -> Token {
        if first == "<", let name = name(at: rest) { return Token(text: name, weight: 8) }
        if isWord(first) {
            let word = hasNoSpaces(first) ? rest.prefix(1) : word(at: rest)
            return Token(text: word, weight: word.count > 3 ? 4 : 3)
        }
        return Token(text: rest.prefix { $0 == first }, weight: 1)
    }

    /// `<Blue Mug>`.
    private static func name(at rest: Substring) -> Substring? {
        let limit = rest.index(
            rest.startIndex, offsetBy: longestName + 2, limitedBy: rest.endIndex)
        let head = rest[..<(limit ?? rest.endIndex)]
        guard
            let end = head.dropFirst().firstIndex(where: { $0 == ">" || $0 == "<" || $0.isNewline }
            ),
            head[end] == ">", head.distance(from: head.startIndex, to: end) > 1
        else { return nil }
        return head[...end]
    }

    /// Letters and digits, and single marks that join them: `don't`, `red-haired`, `3.5`.
    private static func word(at rest: Substring) -> Substring {
        var end = rest.startIndex
        while end < rest.endIndex {
            let character = rest[end]
            if isWord(character), !hasNoSpaces(character) {
                end = rest.index(after: end)
                continue
            }
            let next = rest.index(after: end)
            guard next < rest.endIndex, isWord(rest[next]), !hasNoSpaces(rest[next]) else { break }
            let joinsLetters = "'’-_".contains(character)
            let joinsDigits =
                ".,:".contains(character) && rest[rest.index(before: end)].isNumber
                && rest[next].isNumber
            guard joinsLetters || joinsDigits else { break }
            end = next
        }
        return rest[..<end]
    }

    private static func isWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber
    }

    /// Whether the letter is of a script without spaces between words, where each stands alone.
    private static func hasNoSpaces(_ character: Character) -> Bool {
        switch character.unicodeScalars.first?.value ?? 0 {
        case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF: true  // Thai to Khmer
        case 0x2E80...0x9FFF, 0xF900...0xFAFF, 0x20000...0x3FFFF: true  // kana, ideographs
        default: false
        }
    }
}
