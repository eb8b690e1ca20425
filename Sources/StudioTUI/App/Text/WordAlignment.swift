/// Finds the words that two texts share in the same order (longest common subsequence, where names
/// count more than words, and words more than commas).
enum WordAlignment {
    /// Above so many comparisons the parts between what is common at both ends count as different.
    static let mostCells = 16_000_000

    /// Pairs of equal tokens, ascending on both sides.
    static func align(_ a: [WordTokens.Token], _ b: [WordTokens.Token]) -> [(Int, Int)] {
        var numbers: [Substring: Int32] = [:]
        func numbered(_ tokens: [WordTokens.Token]) -> [Int32] {
            tokens.map { token in
                if let number = numbers[token.text] { return number }
                let number = Int32(numbers.count)
                numbers[token.text] = number
                return number
            }
        }
        let left = numbered(a)
        let right = numbered(b)
        let shortest = min(left.count, right.count)
        var head = 0
        while head < shortest, left[head] == right[head] { head += 1 }
        var tail = 0
        while tail < shortest - head,
            left[left.count - 1 - tail] == right[right.count - 1 - tail]
        {
            tail += 1
        }
        let weights = a[head..<(a.count - tail)].map(\.weight)
        let middle = longestCommon(
            Array(left[head..<(left.count - tail)]), Array(right[head..<(right.count - tail)]),
            weights)
        let inner = withoutCrumbs(
            middle, weights, leftCount: left.count - head - tail,
            rightCount: right.count - head - tail)
        return (0..<head).map { ($0, $0) } + inner.map { ($0.0 + head, $0.1 + head) }
            + (0..<tail).map { (left.count - tail + $0, right.count - tail + $0) }
    }

    /// Where each cell of the table came from.
    private enum Step: UInt8 {
        case pair, skipLeft, skipRight
    }

    private static func longestCommon(
        _ a: [Int32], _ b: [Int32], _ weights: [Int32]
    ) -> [(Int, Int)] {
        guard !a.isEmpty, !b.isEmpty, a.count * b.count <= mostCells else { return [] }
        var steps = [UInt8](repeating: 0, count: a.count * b.count)
        var row = [Int32](repeating: 0, count: b.count + 1)
        // From the end, so that reading the steps from the start pairs words as early as possible.
        for i in a.indices.reversed() {
            var diagonal: Int32 = 0
            for j in b.indices.reversed() {
                let below = row[j]
                let pair = a[i] == b[j] ? diagonal + weights[i] : -1
                var best = below
                var step = Step.skipLeft
                if row[j + 1] > best { (best, step) = (row[j + 1], .skipRight) }
                if pair >= best { (best, step) = (pair, .pair) }
                diagonal = below
                row[j] = best
                steps[i * b.count + j] = step.rawValue
            }
        }
        var pairs: [(Int, Int)] = []
        var (i, j) = (0, 0)
        while i < a.count, j < b.count {
            switch Step(rawValue: steps[i * b.count + j]) {
            case .pair:
                pairs.append((i, j))
                (i, j) = (i + 1, j + 1)
            case .skipLeft: i += 1
            default: j += 1
            }
        }
        return pairs
    }

    /// Without punctuation that stands alone between words that differ on both sides: pairing it
    /// would tear one change into many.
    private static func withoutCrumbs(
        _ pairs: [(Int, Int)], _ weights: [Int32], leftCount: Int, rightCount: Int
    ) -> [(Int, Int)] {
        var kept: [(Int, Int)] = []
        var index = 0
        while index < pairs.count {
            var end = index + 1
            while end < pairs.count, pairs[end].0 == pairs[end - 1].0 + 1,
                pairs[end].1 == pairs[end - 1].1 + 1
            {
                end += 1
            }
            let run = pairs[index..<end]
            let before = kept.last ?? (-1, -1)
            let after = end < pairs.count ? pairs[end] : (leftCount, rightCount)
            let isTorn =
                pairs[index].0 > before.0 + 1 && pairs[index].1 > before.1 + 1
                && after.0 > pairs[end - 1].0 + 1 && after.1 > pairs[end - 1].1 + 1
            if !isTorn || !run.allSatisfy({ weights[$0.0] == 1 }) { kept += run }
            index = end
        }
        return kept
    }
}
