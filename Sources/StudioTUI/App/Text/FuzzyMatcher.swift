/// Finds the letters of a query in a name, in order and with gaps, and says how well they fit.
///
/// `mch` fits `mochi`. Words of the query may fit anywhere, in any order, and all must. The score is
/// of the kind fzf made familiar: starts of words, capitals in the middle of words and letters in a
/// row count more, gaps cost. Case and accents do not count.
struct FuzzyMatcher: Sendable, Equatable {
    /// The folded words of the query.
    let words: [[UInt32]]
    /// The letters of all words, as `FuzzyFolding.mask`.
    let mask: UInt64

    /// More letters than anybody types to find a name.
    static let longestWord = 32
    static let mostWords = 8

    init(_ query: String) {
        let folded = FuzzyFolding.fold(String(query.prefix(1024))).scalars
        words = folded.split { FuzzyFolding.isSpace($0) }.prefix(Self.mostWords)
            .map { Array($0.prefix(Self.longestWord)) }
        mask = words.joined().reduce(0) { $0 | FuzzyFolding.mask(of: $1) }
    }

    /// Whether it fits everything.
    var isEmpty: Bool { words.isEmpty }

    /// Whether whatever this one fits, the other one fits too: its query was typed further.
    func isNarrowed(by other: FuzzyMatcher) -> Bool {
        guard other.words.count >= words.count else { return words.isEmpty }
        return zip(words, other.words).allSatisfy { $1.starts(with: $0) }
    }

    /// How well the name fits, and which of its characters do; `nil` if it does not.
    func match(_ name: String) -> FuzzyMatch? {
        let key = FuzzyKey(name)
        return key.scalars.withUnsafeBufferPointer { scalars in
            key.bonuses.withUnsafeBufferPointer { bonuses in
                var scorer = FuzzyScorer(keepsPath: true)
                guard let score = scorer.score(self, scalars, bonuses) else { return nil }
                let positions = Set(scorer.positions.map { Int(key.characters[$0]) }).sorted()
                return FuzzyMatch(score: score, positions: positions)
            }
        }
    }
}

/// A name that fits a query.
struct FuzzyMatch: Sendable, Equatable {
    let score: Int
    /// The characters of the name that the query's letters fell on, for highlighting; ascending.
    let positions: [Int]
}

/// A name made ready for matching.
struct FuzzyKey: Sendable, Equatable {
    /// The folded letters.
    let scalars: [UInt32]
    /// What it is worth when a match includes the letter.
    let bonuses: [UInt8]
    /// The character of the name that each letter stands in.
    let characters: [UInt16]
    /// Which letters occur at all.
    let mask: UInt64

    /// Letters behind this many are not searched.
    static let longest = 512

    init(_ name: String) {
        (scalars, bonuses, characters) = FuzzyFolding.fold(name)
        mask = scalars.reduce(0) { $0 | FuzzyFolding.mask(of: $1) }
    }
}
