/// How varied texts are.
public struct TextDiversity: Sendable, Codable, Equatable {
    /// Share of different words among all words.
    public let distinct1: Double
    /// Share of different pairs of neighbouring words among all pairs.
    public let distinct2: Double
    /// Mean BLEU-4 of each text against the others; `nil` for a single text.
    public let selfBLEU: Double?

    /// The most texts whose every pair is compared; of more, that many are compared with each
    /// other.
    static let mostCompared = 200

    /// Measures texts together.
    ///
    /// Distinct-n: Li et al., "A Diversity-Promoting Objective Function", 2016. Self-BLEU: Zhu et
    /// al., "Texygen", 2018. Words are compared without case and punctuation.
    ///
    /// - Returns: `nil` without texts.
    public init?(_ texts: [String]) {
        guard !texts.isEmpty else { return nil }
        let words = texts.map(MetricWords.words)
        distinct1 = Self.distinct(1, words)
        distinct2 = Self.distinct(2, words)
        let compared = words.prefix(Self.mostCompared)
        guard compared.count > 1 else {
            selfBLEU = nil
            return
        }
        let scores = compared.indices.map { index in
            BLEU.score(
                compared[index],
                references: compared.indices.filter { $0 != index }.map { compared[$0] })
        }
        selfBLEU = scores.reduce(0, +) / Double(scores.count)
    }

    /// Different runs among all runs of a length; 0 when there are none.
    static func distinct(_ length: Int, _ texts: [[String]]) -> Double {
        var different: Set<ArraySlice<String>> = []
        var total = 0
        for words in texts {
            for (run, count) in MetricWords.runs(of: length, in: words) {
                different.insert(run)
                total += count
            }
        }
        return total > 0 ? Double(different.count) / Double(total) : 0
    }
}
