/// A prompt and texts that follow it, each of them separately: what a policy is scored on.
///
/// The prompt is computed once for all of its continuations.
public struct TrainingSequence: Sendable {
    /// What is read; never scored.
    public let prompt: ReadyPrompt
    /// Token ids of each continuation, the end of the turn included where there is one.
    public let continuations: [[Int32]]

    /// - Precondition: there is a continuation and each has at least one token.
    public init(prompt: ReadyPrompt, continuations: [[Int32]]) {
        precondition(!continuations.isEmpty && continuations.allSatisfy { !$0.isEmpty })
        self.prompt = prompt
        self.continuations = continuations
    }

    /// Scored tokens of all continuations.
    public var scoredTokenCount: Int { continuations.reduce(0) { $0 + $1.count } }

    /// Rows that go through the network: a continuation's last token predicts nothing.
    public var rowCount: Int { prompt.ids.count + scoredTokenCount - continuations.count }

    /// Tokens of the longest path through prompt and continuation.
    var length: Int { prompt.ids.count + (continuations.map(\.count).max() ?? 0) }
}

/// Where a sequence's tokens lie among the rows of one pass.
struct BranchLayout: Sendable, Equatable {
    /// Rows of the prompt, which every branch sees.
    let prefix: Int
    /// Rows of each continuation without its last token; may be empty.
    let branches: [Range<Int>]

    init(_ sequence: TrainingSequence) {
        prefix = sequence.prompt.ids.count
        var start = prefix
        branches = sequence.continuations.map { tokens in
            defer { start += tokens.count - 1 }
            return start..<start + tokens.count - 1
        }
    }

    var rows: Int { branches.last?.upperBound ?? prefix }

    /// The rows whose outputs predict the continuations' tokens, in order.
    var predictingRows: [Int] { branches.flatMap { [prefix - 1] + Array($0) } }
}

extension TrainingSequence {
    /// Input rows and positions of the whole pass.
    func inputs(_ language: LanguageModel) -> (rows: InputRows, positions: MultimodalPositions) {
        var ids: [Int32] = []
        var positions = prompt.positions
        for tokens in continuations {
            ids += tokens.dropLast()
            let text = MultimodalPositions(
                textTokens: tokens.count - 1, after: prompt.positions.next)
            positions.time += text.time
            positions.height += text.height
            positions.width += text.width
        }
        return (prompt.rows.followed(by: language.embed(ids)), positions)
    }
}
