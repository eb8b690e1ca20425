/// Finds the best way a query's letters fall on a name's (Smith-Waterman with affine gaps, as fzf).
///
/// One scorer serves many names, so that its tables are allocated once.
struct FuzzyScorer {
    /// Whether `positions` are wanted besides the score.
    let keepsPath: Bool
    /// The letters of the last name that matched; only with `keepsPath`.
    private(set) var positions: [Int] = []

    /// The best score that ends with the letter matched here.
    private var ending: [Int32] = []
    /// The best score up to here, gaps paid.
    private var best: [Int32] = []

    private static let matched: Int32 = 16
    private static let gapStart: Int32 = 3
    private static let gapMore: Int32 = 1
    private static let inARow: Int32 = 4
    private static let impossible: Int32 = -1_000_000

    init(keepsPath: Bool = false) { self.keepsPath = keepsPath }

    /// The sum over the query's words, or `nil` if one of them does not fit.
    mutating func score(
        _ matcher: FuzzyMatcher, _ name: UnsafeBufferPointer<UInt32>,
        _ bonuses: UnsafeBufferPointer<UInt8>
    ) -> Int? {
        positions.removeAll(keepingCapacity: true)
        var total = 0
        for word in matcher.words {
            let score = word.withUnsafeBufferPointer { self.score($0, name, bonuses) }
            guard let score else { return nil }
            total += Int(score)
        }
        return total
    }

    private mutating func score(
        _ word: UnsafeBufferPointer<UInt32>, _ name: UnsafeBufferPointer<UInt32>,
        _ bonuses: UnsafeBufferPointer<UInt8>
    ) -> Int32? {
        guard let first = Self.firstOfSubsequence(word, in: name) else { return nil }
        let width = name.count - first
        let rows = keepsPath ? word.count : 2
        if ending.count < rows * width {
            ending = Array(repeating: 0, count: rows * width)
            best = Array(repeating: 0, count: rows * width)
        }
        let result = ending.withUnsafeMutableBufferPointer { ending in
            best.withUnsafeMutableBufferPointer { best in
                Self.fill(
                    word, name, bonuses, first: first, rows: rows, ending: ending, best: best)
            }
        }
        if keepsPath { trace(word.count, bonuses, width: width, first: first) }
        // The whole name is better than a part of a longer one.
        return word.count == name.count ? result + 12 : result
    }

    private static func fill(
        _ word: UnsafeBufferPointer<UInt32>, _ name: UnsafeBufferPointer<UInt32>,
        _ bonuses: UnsafeBufferPointer<UInt8>, first: Int, rows: Int,
        ending: UnsafeMutableBufferPointer<Int32>, best: UnsafeMutableBufferPointer<Int32>
    ) -> Int32 {
        let width = name.count - first
        for i in 0..<word.count {
            let row = (i % rows) * width
            let above = ((i + rows - 1) % rows) * width
            var running = impossible
            var gap = false
            for j in 0..<width {
                var here = impossible
                if name[first + j] == word[i] {
                    let bonus = Int32(bonuses[first + j])
                    if i == 0 {
                        // The first letter says most about what was meant.
                        here = matched + 2 * bonus
                    } else if j > 0 {
                        let apart = best[above + j - 1] + bonus
                        let joined = ending[above + j - 1] + max(bonus, inARow)
                        let before = max(apart, joined)
                        if before > impossible / 2 { here = before + matched }
                    }
                }
                let skipped = running - (gap ? gapMore : gapStart)
                gap = skipped >= here
                running = max(here, gap ? skipped : here)
                ending[row + j] = here
                best[row + j] = running
            }
        }
        let last = ((word.count - 1) % rows) * width
        return (0..<width).reduce(impossible) { max($0, ending[last + $1]) }
    }

    /// Walks back from the best end; the tables hold all rows.
    private mutating func trace(
        _ count: Int, _ bonuses: UnsafeBufferPointer<UInt8>, width: Int, first: Int
    ) {
        var row = (count - 1) * width
        var column = 0
        for j in 0..<width where ending[row + j] > ending[row + column] { column = j }
        var found = [first + column]
        for _ in 1..<max(1, count) {
            let above = row - width
            let bonus = Int32(bonuses[first + column])
            var previous = column - 1
            let joined = ending[above + previous] + max(bonus, Self.inARow) + Self.matched
            if joined != ending[row + column] {
                // The letter before lies behind a gap: where the best so far was a letter.
                while previous > 0, best[above + previous] != ending[above + previous] {
                    previous -= 1
                }
            }
            found.append(first + previous)
            (row, column) = (above, previous)
        }
        positions += found.reversed()
    }

    /// Where the first letter occurs, if all follow in order; most names end here.
    private static func firstOfSubsequence(
        _ word: UnsafeBufferPointer<UInt32>, in name: UnsafeBufferPointer<UInt32>
    ) -> Int? {
        guard !word.isEmpty, word.count <= name.count else { return nil }
        var wanted = 0
        var first = 0
        for index in 0..<name.count where name[index] == word[wanted] {
            if wanted == 0 { first = index }
            wanted += 1
            if wanted == word.count { return first }
        }
        return nil
    }
}
