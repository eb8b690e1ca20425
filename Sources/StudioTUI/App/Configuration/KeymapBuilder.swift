/// Lays the user's keys over the actions' own and settles which action a key belongs to.
struct KeymapBuilder {
    private(set) var problems: [FileProblem] = []

    private let actions: [KeymapAction]
    private let places: [String: Int]
    /// The keys that count, by the action's place.
    private var keys: [[KeySequence]]
    /// Where the user set them; `nil` for an action's own keys.
    private var lines: [Int?]

    /// More sequences than anybody needs for one action.
    static let mostSequences = 16

    init(_ actions: [KeymapAction]) {
        self.actions = actions
        keys = actions.map(\.keys)
        lines = actions.map { _ in nil }
        places = Dictionary(
            zip(actions.map(\.id), actions.indices), uniquingKeysWith: { first, _ in first })
    }

    var keymap: Keymap {
        Keymap(
            keys: Dictionary(
                zip(actions.map(\.id), keys), uniquingKeysWith: { first, _ in first }))
    }

    mutating func read(_ entry: OptionSheet.Entry) {
        guard let place = places[entry.key] else {
            let near = CommandSuggestion.nearest(
                to: String(entry.key.prefix(60)), among: actions.map(\.id))
            let hint = near.map { "; did you mean '\($0)'?" } ?? ""
            return note(
                entry.line, "there is no action '\(OptionSheet.shown(entry.key))'\(hint)")
        }
        let words: [String]
        switch entry.value {
        case .nothing:
            return note(
                entry.line, "'\(entry.key)' has no keys; write [] to leave it without any")
        case .text(let text): words = [text]
        case .list(let items): words = items
        }
        guard words.count <= Self.mostSequences else {
            return note(
                entry.line, "'\(entry.key)' has more than \(Self.mostSequences) keys")
        }
        var read: [KeySequence] = []
        for word in words {
            do {
                let sequence = try KeySequence(parsing: word)
                if !read.contains(sequence) { read.append(sequence) }
            } catch {
                note(entry.line, "'\(entry.key)': \(error.description)")
            }
        }
        // If nothing could be read, the action keeps the keys it had.
        guard !read.isEmpty || words.isEmpty else { return }
        keys[place] = read
        lines[place] = entry.line
    }

    /// Makes each key of a scope mean one thing.
    ///
    /// Keys the user set win over others, earlier ones over later ones. A sequence that another one
    /// begins with could never be finished, so that is a conflict too.
    mutating func settleConflicts() {
        let order = actions.indices.sorted { rank($0) < rank($1) }
        var taken: [String: [(sequence: KeySequence, place: Int)]] = [:]
        for place in order {
            let scope = actions[place].scope
            var kept: [KeySequence] = []
            for sequence in keys[place] {
                let rival = taken[scope]?.first {
                    $0.sequence.isPrefix(of: sequence) || sequence.isPrefix(of: $0.sequence)
                }
                if let rival, rival.place != place {
                    noteConflict(sequence, of: place, with: rival.sequence, of: rival.place)
                } else {
                    kept.append(sequence)
                }
            }
            keys[place] = kept
            taken[scope, default: []] += kept.map { ($0, place) }
        }
    }

    private func rank(_ place: Int) -> (Int, Int) { (lines[place] ?? .max, place) }

    private mutating func noteConflict(
        _ lost: KeySequence, of loser: Int, with won: KeySequence, of winner: Int
    ) {
        // Two of our own defaults in conflict are no mistake of the user.
        guard let line = lines[loser] ?? lines[winner] else { return }
        let (name, rival) = (actions[loser].id, actions[winner].id)
        if lines[loser] != nil {
            let relation =
                lost == won
                ? "is the key of '\(rival)' already" : "clashes with '\(won)' of '\(rival)'"
            note(line, "'\(lost)' for '\(name)' \(relation)")
        } else {
            let reason = lost == won ? "" : ", which began with or continued it"
            note(
                line,
                "'\(won)' for '\(rival)' takes '\(lost)' from '\(name)'\(reason); "
                    + "set '\(name)' too to give it another key")
        }
    }

    private mutating func note(_ line: Int, _ message: String) {
        problems.append(FileProblem(line: line, message))
    }
}
