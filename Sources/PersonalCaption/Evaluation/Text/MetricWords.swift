/// Words as measures of text compare them.
enum MetricWords {
    /// The words of a text, folded as for names: without case, punctuation and brackets.
    static func words(_ text: String) -> [String] { NameToken.split(text).map(\.text) }

    /// Runs of `length` words, with how often each occurs.
    static func runs(of length: Int, in words: [String]) -> [ArraySlice<String>: Int] {
        guard words.count >= length, length > 0 else { return [:] }
        var counts: [ArraySlice<String>: Int] = [:]
        for start in 0...(words.count - length) {
            counts[words[start..<start + length], default: 0] += 1
        }
        return counts
    }
}
