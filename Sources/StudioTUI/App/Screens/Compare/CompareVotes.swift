import ConceptDB

/// Who wrote a caption, as far as votes are concerned.
struct CompareContender: Sendable, Codable, Hashable {
    let model: String
    let adapter: String?

    init(_ record: ConceptDB.CaptionRecord) {
        model = record.model
        adapter = record.adapter
    }

    var label: String { adapter.map { "\(model) + \($0)" } ?? model }
}

/// One vote between two captions.
struct CompareVote: Sendable, Codable, Equatable {
    struct Candidate: Sendable, Codable, Equatable {
        /// The number of the caption in the history.
        let caption: Int64
        let writer: CompareContender

        init(_ record: ConceptDB.CaptionRecord) {
            caption = record.id
            writer = CompareContender(record)
        }
    }

    let left: Candidate
    let right: Candidate
    let winner: CompareVerdict
    /// Set when it is written.
    var at: Timestamp?
}

/// All votes so far, the latest last.
struct CompareVotes: Sendable, Codable, Equatable {
    /// The form of the file.
    var version = 1
    var votes: [CompareVote] = []

    /// How often each of two was found better.
    struct Tally: Sendable, Equatable {
        var left = 0
        var right = 0
        var ties = 0

        var total: Int { left + right + ties }
    }

    /// The votes between the writers of two captions; between the captions themselves where one
    /// model wrote both.
    func tally(_ left: CompareVote.Candidate, _ right: CompareVote.Candidate) -> Tally {
        let areAlike = left.writer == right.writer
        return votes.reduce(into: Tally()) { tally, vote in
            let isSame =
                areAlike
                ? vote.left.caption == left.caption && vote.right.caption == right.caption
                : vote.left.writer == left.writer && vote.right.writer == right.writer
            let isTurned =
                areAlike
                ? vote.left.caption == right.caption && vote.right.caption == left.caption
                : vote.left.writer == right.writer && vote.right.writer == left.writer
            guard isSame || isTurned else { return }
            switch vote.winner {
            case .neither: tally.ties += 1
            case .left: if isSame { tally.left += 1 } else { tally.right += 1 }
            case .right: if isSame { tally.right += 1 } else { tally.left += 1 }
            }
        }
    }

    /// What each writer reached against all others: "mini: 5 wins, 3 losses, 1 tie".
    var summary: [String] {
        var results: [CompareContender: (wins: Int, losses: Int, ties: Int)] = [:]
        for vote in votes where vote.left.writer != vote.right.writer {
            func count(_ writer: CompareContender, _ side: CompareVerdict) {
                var result = results[writer] ?? (0, 0, 0)
                switch vote.winner {
                case .neither: result.ties += 1
                case side: result.wins += 1
                default: result.losses += 1
                }
                results[writer] = result
            }
            count(vote.left.writer, .left)
            count(vote.right.writer, .right)
        }
        let order = results.sorted {
            ($1.value.wins, $0.key.label) < ($0.value.wins, $1.key.label)
        }
        let lines = order.map { writer, result in
            "\(writer.label): \(TextForm.count(result.wins, "win")), "
                + "\(TextForm.count(result.losses, "loss", "losses")), "
                + TextForm.count(result.ties, "tie")
        }
        let alike = votes.filter { $0.left.writer == $0.right.writer }.count
        guard alike > 0 else { return lines }
        return lines + [
            "\(TextForm.count(alike, "vote")) between captions of one and the same model"
        ]
    }
}
