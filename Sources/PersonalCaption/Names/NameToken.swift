/// A word of a name or caption, as `NameCheck` compares them.
struct NameToken: Equatable, Sendable {
    /// The folded characters of the word.
    var text: String
    var wordClass: WordClass
    /// Where its characters stand in the text, counted in characters.
    var range: Range<Int>
    /// The punctuation between the word before and this one, folded, without white space.
    var gap: String
    /// Whether an empty line lies between the word before and this one.
    var isAfterParagraph: Bool
    /// Whether it follows the word before with nothing but an apostrophe between.
    var isAfterApostrophe: Bool

    /// Whether it is the `s` of "Max's" or the `t` of "don't", where no name begins.
    var isContraction: Bool { isAfterApostrophe && Self.contractions.contains(text) }

    private static let contractions: Set<String> = ["s", "t", "d", "m", "ll", "re", "ve"]

    /// Splits folded characters into words.
    ///
    /// - Parameters:
    ///   - characters: a whole text.
    ///   - range: the part of it to split.
    static func split(_ characters: [FoldedCharacter], in range: Range<Int>) -> [NameToken] {
        var splitter = NameSplitter()
        for index in range { splitter.take(characters[index], at: index) }
        return splitter.tokens
    }

    /// The words of a short text such as a name.
    static func split(_ text: String) -> [NameToken] {
        let characters = text.map(FoldedCharacter.init)
        return split(characters, in: characters.indices)
    }
}

/// Gathers characters into words, one after the other.
private struct NameSplitter {
    private(set) var tokens: [NameToken] = []
    private var gap = ""
    private var hasSpace = false
    private var lineBreaks = 0
    private var apostropheIsAttached = false
    private var isOpen = false

    mutating func take(_ character: FoldedCharacter, at index: Int) {
        if character.isInvisible { return extend(with: "", to: index) }
        switch character.wordClass {
        case .space:
            isOpen = false
            hasSpace = true
            if character.text.contains(where: \.isNewline) { lineBreaks += 1 }
        case .punctuation:
            isOpen = false
            if character.isApostrophe, gap.isEmpty, !hasSpace, index > 0 {
                apostropheIsAttached = true
            }
            gap += character.text
        case .unspaced, .symbol:
            begin(character, at: index)
            isOpen = false
        case .spaced, .katakana, .hangul:
            if isOpen, tokens.last?.wordClass == character.wordClass {
                extend(with: character.text, to: index)
            } else {
                begin(character, at: index)
            }
        }
    }

    private mutating func begin(_ character: FoldedCharacter, at index: Int) {
        tokens.append(
            NameToken(
                text: character.text, wordClass: character.wordClass, range: index..<index + 1,
                gap: gap, isAfterParagraph: lineBreaks > 1,
                isAfterApostrophe: apostropheIsAttached && gap == "'" && !hasSpace))
        gap = ""
        hasSpace = false
        lineBreaks = 0
        apostropheIsAttached = false
        isOpen = true
    }

    private mutating func extend(with text: String, to index: Int) {
        guard isOpen, let last = tokens.indices.last else { return }
        tokens[last].text += text
        tokens[last].range = tokens[last].range.lowerBound..<index + 1
    }
}
