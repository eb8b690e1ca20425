/// What a caption may not consist of, so that length and names cannot be had without describing.
public struct FillerLimits: Sendable, Codable, Equatable {
    /// Most times one name may occur.
    public var mentionsPerName = 6
    /// Largest share of the words that four words in a row may cover by being repeated.
    public var repeatedWords = 0.3
    /// Largest share of the words in sentences that were there before.
    public var repeatedSentences = 0.3
    /// Largest share of the words that names may be.
    public var nameWords = 0.5
    /// Largest share of the words that may be copied, five in a row, from what the model was told.
    public var copiedWords = 0.5
    /// Fewest different words.
    public var differentWords = 8
    /// Longest word, in characters; scripts without spaces have none.
    public var longestWord = 40

    /// The limits that training uses.
    public init() {}

    /// Code points that are neither space nor control nor invisible, and single spaces between them.
    static func visibleLength(_ text: String) -> Int {
        PromptName.oneLine(text).unicodeScalars.count { scalar in
            !scalar.properties.isDefaultIgnorableCodePoint
        }
    }

    /// What is wrong with a caption, in a few words; `nil` when it may stand.
    ///
    /// - Parameter copied: lines the model was told.
    public func fault(in caption: String, report: NameReport, copied: [String]) -> String? {
        let tokens = NameToken.split(caption)
        let words = tokens.map(\.text)
        guard Set(words).count >= differentWords else { return "hardly any words" }
        if words.contains(where: { $0.count > longestWord }) { return "an endless word" }
        let counts = Dictionary(grouping: report.mentions) { NameKey($0.name) }.mapValues(\.count)
        if let most = counts.values.max(), most > mentionsPerName {
            return "a name \(most) times"
        }
        let total = Double(words.count)
        let inNames = report.mentions.reduce(0) {
            $0 + max(1, NameToken.split($1.name).count)
        }
        if Double(inNames) > nameWords * total { return "little but names" }
        if Double(Self.mostRepeated(words)) > repeatedWords * total {
            return "the same words again and again"
        }
        if Double(Self.inRepeatedSentences(caption)) > repeatedSentences * total {
            return "the same sentence again"
        }
        if Double(Self.copiedCount(words, from: copied)) > copiedWords * total {
            return "copies what it was told"
        }
        return nil
    }

    /// Words covered by the four-word run that occurs most, if it occurs more than once.
    private static func mostRepeated(_ words: [String]) -> Int {
        guard words.count >= 8 else { return 0 }
        var places: [[String]: [Int]] = [:]
        for start in 0...words.count - 4 {
            places[Array(words[start..<start + 4]), default: []].append(start)
        }
        return places.values.filter { $0.count > 1 }.map { starts in
            var covered = 0
            var end = 0
            for start in starts {
                covered += start + 4 - max(start, end)
                end = start + 4
            }
            return covered
        }.max() ?? 0
    }

    private static func inRepeatedSentences(_ caption: String) -> Int {
        var seen: Set<[String]> = []
        return caption.split { ".!?\n。！？".contains($0) }.reduce(0) { sum, sentence in
            let words = NameToken.split(String(sentence)).map(\.text)
            guard words.count > 2 else { return sum }
            return seen.insert(words).inserted ? sum : sum + words.count
        }
    }

    /// Words within runs of five that also stand in one of the lines.
    private static func copiedCount(_ words: [String], from lines: [String]) -> Int {
        let run = 5
        var known: Set<[String]> = []
        for line in lines {
            let told = NameToken.split(line).map(\.text)
            guard told.count >= run else { continue }
            for start in 0...told.count - run { known.insert(Array(told[start..<start + run])) }
        }
        guard !known.isEmpty, words.count >= run else { return 0 }
        var isCopied = [Bool](repeating: false, count: words.count)
        for start in 0...words.count - run
        where known.contains(Array(words[start..<start + run])) {
            for index in start..<start + run { isCopied[index] = true }
        }
        return isCopied.count { $0 }
    }
}
