/// How much of a given text a caption repeats; high against a wrong text means it was not looked at.
public struct CopyRate: Sendable, Codable, Equatable {
    /// Share of the given text's words that the caption has in the same order, 0…1.
    public let share: Double
    /// ROUGE-L: harmonic mean of that share and of the caption's share, 0…1.
    public let rougeL: Double
    /// Share of the given text in its longest run that the caption has word for word, 0…1.
    public let longestRun: Double
    /// BLEU-4 of the caption against the given text, 0…1.
    public let bleu: Double

    /// Compares a caption with what was given.
    ///
    /// ROUGE-L: Lin, "ROUGE", 2004, with equal weights. Words are compared without case and
    /// punctuation.
    ///
    /// - Returns: `nil` when the given text has no words.
    public init?(caption: String, given: String) {
        let (caption, given) = (MetricWords.words(caption), MetricWords.words(given))
        guard !given.isEmpty else { return nil }
        let common = Double(Self.longestCommonSequence(caption, given))
        let recall = common / Double(given.count)
        let precision = caption.isEmpty ? 0 : common / Double(caption.count)
        share = recall
        rougeL = common > 0 ? 2 * precision * recall / (precision + recall) : 0
        longestRun = Double(Self.longestCommonRun(caption, given)) / Double(given.count)
        bleu = BLEU.score(caption, references: [given])
    }

    /// Words in the same order, others between them allowed.
    private static func longestCommonSequence(_ a: [String], _ b: [String]) -> Int {
        var row = [Int](repeating: 0, count: b.count + 1)
        for word in a {
            var diagonal = 0
            for (index, other) in b.enumerated() {
                let above = row[index + 1]
                row[index + 1] = word == other ? diagonal + 1 : max(above, row[index])
                diagonal = above
            }
        }
        return row[b.count]
    }

    /// Words in the same order with nothing between them.
    private static func longestCommonRun(_ a: [String], _ b: [String]) -> Int {
        var row = [Int](repeating: 0, count: b.count + 1)
        var longest = 0
        for word in a {
            var diagonal = 0
            for (index, other) in b.enumerated() {
                let above = row[index + 1]
                row[index + 1] = word == other ? diagonal + 1 : 0
                longest = max(longest, row[index + 1])
                diagonal = above
            }
        }
        return longest
    }
}
