/// Guesses the next tokens from text that was there before: captions repeat names and info lines.
///
/// Source: "prompt lookup decoding", Saxena 2023. A guess is only ever checked, never believed: see
/// `AnswerLoop`.
struct PromptLookup: Sendable {
    /// Longest run of last tokens that is looked up.
    static let longestMatch = 4
    /// Shortest run that is believed to mean something.
    static let shortestMatch = 2
    /// Longest guess.
    static let longestDraft = 3

    private var tokens: [Int32]
    private let barred: Set<Int32>
    private let shortest: Int
    private let longest: Int

    /// - Parameters:
    ///   - prompt: where the first guesses come from.
    ///   - barred: tokens a guess never holds, such as those that stand for pictures.
    init(
        prompt: [Int32], barred: Set<Int32>, shortestMatch: Int = Self.shortestMatch,
        longestDraft: Int = Self.longestDraft
    ) {
        tokens = prompt
        self.barred = barred
        shortest = shortestMatch
        longest = longestDraft
    }

    /// Takes a token of the answer.
    mutating func append(_ id: Int32) { tokens.append(id) }

    /// What followed the latest earlier place that ends like the text so far, the longest such end
    /// first; at most `limit` tokens.
    func draft(limit: Int) -> [Int32] {
        let limit = min(limit, longest)
        guard limit > 0 else { return [] }
        for length in stride(from: Self.longestMatch, through: shortest, by: -1) {
            guard tokens.count > length else { continue }
            let ending = tokens.suffix(length)
            var start = tokens.count - length - 1
            while start >= 0 {
                if tokens[start..<start + length].elementsEqual(ending) {
                    let next = tokens[(start + length)...].prefix(limit)
                    return Array(next.prefix { !barred.contains($0) })
                }
                start -= 1
            }
        }
        return []
    }
}
