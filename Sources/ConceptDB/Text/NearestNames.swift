/// Finds the names a user may have meant.
enum NearestNames {
    /// The names closest to a misspelt one, best first.
    ///
    /// A name is close when one contains the other, or when no more than a third of the letters
    /// (at least one, at most four) have to be changed. Case and accents do not count.
    static func to(_ wanted: String, among names: [String], limit: Int = 3) -> [String] {
        let target = Array(wanted.searchFolded.prefix(200).unicodeScalars)
        guard !target.isEmpty else { return [] }
        let budget = max(1, min(4, target.count / 3))
        var found: [(distance: Int, name: String)] = []
        for name in names {
            let candidate = Array(name.searchFolded.unicodeScalars)
            if let distance = distance(target, candidate, within: budget) {
                found.append((distance, name))
            } else if contains(target, candidate) || contains(candidate, target) {
                found.append((budget + 1, name))
            }
        }
        found.sort { ($0.distance, $0.name.count, $0.name) < ($1.distance, $1.name.count, $1.name) }
        return found.prefix(limit).map(\.name)
    }

    /// Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment)
    /// that turn one text into the other; `nil` if it takes more than the budget.
    static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar], within budget: Int) -> Int? {
        guard abs(a.count - b.count) <= budget else { return nil }
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            row.reserveCapacity(b.count + 1)
            for j in b.indices {
                var best = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    best = min(best, beforeLast[j - 1] + 1)
                }
                row.append(best)
            }
            guard row.contains(where: { $0 <= budget }) else { return nil }
            (beforeLast, last) = (last, row)
        }
        return last[b.count] <= budget ? last[b.count] : nil
    }

    /// Whether `part`, of three letters or more, occurs in `whole`.
    private static func contains(_ part: [Unicode.Scalar], _ whole: [Unicode.Scalar]) -> Bool {
        guard part.count >= 3, part.count <= whole.count else { return false }
        return (0...(whole.count - part.count)).contains { whole[$0...].starts(with: part) }
    }
}
