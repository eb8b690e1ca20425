/// Finds known names among the words of a text.
struct NameMatcher: Sendable {
    /// One name and its words.
    struct Pattern: Sendable {
        var name: String
        var isSupplied: Bool
        var tokens: [NameToken]
        var key: NameKey
    }

    /// A name found in a text.
    struct Match {
        var pattern: Pattern
        /// Which words it took.
        var tokens: Range<Int>
        /// Which characters of the text it took.
        var range: Range<Int>
    }

    private let patterns: [Pattern]
    private let byKey: [NameKey: Int]
    private let byFirstWord: [String: [Int]]
    /// Names that end in Korean within their first word, which particles may lengthen.
    private let korean: [Int]

    /// - Parameter patterns: names; those given earlier win when two fit equally well.
    init(_ patterns: [Pattern]) {
        self.patterns = patterns
        byKey = Dictionary(patterns.indices.map { (patterns[$0].key, $0) }) { first, _ in first }
        byFirstWord = Dictionary(
            grouping: patterns.indices.filter { !patterns[$0].tokens.isEmpty }
        ) { patterns[$0].tokens[0].text }
        korean = patterns.indices.filter {
            patterns[$0].tokens.count == 1 && patterns[$0].tokens[0].wordClass == .hangul
        }
    }

    /// The name with this key.
    func pattern(for key: NameKey) -> Pattern? { byKey[key].map { patterns[$0] } }

    /// Every name in reading order; where several begin, the longest.
    func matches(in tokens: [NameToken]) -> [Match] {
        var found: [Match] = []
        var index = 0
        while index < tokens.count {
            if let match = longest(in: tokens, at: index) {
                found.append(match)
                index = match.tokens.upperBound
            } else {
                index += 1
            }
        }
        return found
    }

    private func longest(in tokens: [NameToken], at start: Int) -> Match? {
        guard !tokens[start].isContraction else { return nil }
        var candidates = byFirstWord[tokens[start].text, default: []]
        if tokens[start].wordClass == .hangul { candidates += korean }
        var best: Match?
        for candidate in candidates.sorted() {
            guard let match = match(patterns[candidate], tokens, at: start) else { continue }
            if match.range.upperBound > (best?.range.upperBound ?? -1) { best = match }
        }
        return best
    }

    private func match(_ pattern: Pattern, _ tokens: [NameToken], at start: Int) -> Match? {
        guard start + pattern.tokens.count <= tokens.count else { return nil }
        var end = tokens[start].range.lowerBound
        for (offset, wanted) in pattern.tokens.enumerated() {
            let found = tokens[start + offset]
            let isLast = offset == pattern.tokens.count - 1
            guard let wordEnd = Self.end(of: wanted, in: found, isLast: isLast) else { return nil }
            if offset > 0 {
                guard found.isContraction == wanted.isContraction,
                    Self.mayFollow(found, wanted, after: tokens[start + offset - 1])
                else { return nil }
            }
            end = wordEnd
        }
        return Match(
            pattern: pattern, tokens: start..<start + pattern.tokens.count,
            range: tokens[start].range.lowerBound..<end)
    }

    /// Where the wanted word ends within the found one; `nil` when it is another word.
    private static func end(of wanted: NameToken, in found: NameToken, isLast: Bool) -> Int? {
        if wanted.text == found.text { return found.range.upperBound }
        guard isLast, wanted.wordClass == .hangul, found.wordClass == .hangul,
            found.text.hasPrefix(wanted.text),
            KoreanParticles.covers(found.text.dropFirst(wanted.text.count))
        else { return nil }
        let isPlain = found.range.count == found.text.count
        return isPlain ? found.range.lowerBound + wanted.text.count : found.range.upperBound
    }

    /// Whether a found word continues a name: what lies between must be white space, punctuation
    /// that joins (hyphen, underscore, apostrophe, dot between names, emphasis), the name's own
    /// punctuation, or the point of a short title ("Mr").
    private static func mayFollow(
        _ found: NameToken, _ wanted: NameToken, after previous: NameToken
    ) -> Bool {
        guard !found.isAfterParagraph else { return false }
        let rest = found.gap.filter { !joiners.contains($0) }
        if rest.isEmpty || rest == wanted.gap.filter({ !joiners.contains($0) }) { return true }
        return rest == "." && previous.text.count <= 3
    }

    private static let joiners: Set<Character> = [
        "-", "\u{2010}", "\u{2011}", "\u{2013}", "_", "'", "*", "\u{00B7}", "\u{30FB}", "\u{2027}",
    ]
}

/// The particles that Korean writes directly after a name.
enum KoreanParticles {
    private static let particles = [
        "에게서", "이라는", "에게", "에서", "으로", "한테", "까지", "부터", "처럼", "보다", "이랑",
        "하고", "이나", "라는", "은", "는", "이", "가", "을", "를", "의", "에", "와", "과", "도", "만",
        "로", "랑", "나", "야", "아", "씨", "님", "네", "들", "께",
    ]

    /// Whether the text is one particle or several in a row.
    static func covers(_ text: Substring) -> Bool {
        text.isEmpty
            || particles.contains { text.hasPrefix($0) && covers(text.dropFirst($0.count)) }
    }
}
