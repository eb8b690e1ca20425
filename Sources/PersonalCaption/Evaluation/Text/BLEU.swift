import Foundation

/// How many runs of words a text shares with others.
///
/// Sentence BLEU-4, uniform weights, closest reference length; a run length without a hit counts
/// as a tenth of a hit (method 1 of Chen & Cherry, "A Systematic Comparison of Smoothing
/// Techniques for Sentence-Level BLEU", 2014), as NLTK computes it. Source: Papineni et al. 2002.
enum BLEU {
    private static let longestRun = 4
    private static let smoothing = 0.1

    /// The score, 0…1; 0 when no word is shared or either side is empty.
    static func score(_ words: [String], references: [[String]]) -> Double {
        let references = references.filter { !$0.isEmpty }
        guard !words.isEmpty, !references.isEmpty else { return 0 }
        var logarithm = 0.0
        for length in 1...longestRun {
            let (hits, runs) = hits(of: length, words, references)
            if length == 1, hits == 0 { return 0 }
            let shared = hits == 0 ? smoothing : Double(hits)
            logarithm += log(shared / Double(max(1, runs))) / Double(longestRun)
        }
        return brevityPenalty(words.count, references.map(\.count)) * exp(logarithm)
    }

    /// Runs of one length, each counted at most as often as in the reference that has most of it.
    private static func hits(
        of length: Int, _ words: [String], _ references: [[String]]
    ) -> (hits: Int, runs: Int) {
        let own = MetricWords.runs(of: length, in: words)
        var most: [ArraySlice<String>: Int] = [:]
        for reference in references {
            for (run, count) in MetricWords.runs(of: length, in: reference) {
                most[run] = max(most[run, default: 0], count)
            }
        }
        let hits = own.reduce(0) { $0 + min($1.value, most[$1.key, default: 0]) }
        return (hits, max(0, words.count - length + 1))
    }

    private static func brevityPenalty(_ length: Int, _ references: [Int]) -> Double {
        let closest =
            references.min { a, b in
                let (first, second) = (abs(a - length), abs(b - length))
                return first == second ? a < b : first < second
            } ?? length
        return length > closest ? 1 : exp(1 - Double(closest) / Double(length))
    }
}
