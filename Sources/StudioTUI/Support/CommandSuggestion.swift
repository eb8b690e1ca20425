import ArgumentParser

/// Finds the command a user may have meant.
enum CommandSuggestion {
    /// A sentence with the nearest sub-command, when a word of the command line is not one.
    static func hint(for arguments: [String]) -> String? {
        var command: any ParsableCommand.Type = Studio.self
        for word in arguments {
            let children = command.configuration.subcommands
            guard !children.isEmpty, !word.hasPrefix("-") else { return nil }
            if let next = children.first(where: { $0._commandName == word }) {
                command = next
                continue
            }
            let names = children.map { $0._commandName }
            guard let nearest = nearest(to: word, among: names) else { return nil }
            return "Did you mean '\(nearest)'?"
        }
        return nil
    }

    /// The name with the fewest changed letters, if no more than a third of them differ.
    static func nearest(to word: String, among names: [String]) -> String? {
        let ranked = names.map { (name: $0, distance: distance(Array(word), Array($0))) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(2, best.name.count / 3) ? best.name : nil
    }

    /// Insertions, deletions, substitutions and swaps of neighbours between two words.
    private static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var best = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    best = min(best, beforeLast[j - 1] + 1)
                }
                row.append(best)
            }
            (beforeLast, last) = (last, row)
        }
        return last[b.count]
    }
}
