/// Writes an answer after a prompt, several tokens at a time where they can be guessed.
///
/// Guessed tokens are read together with the last real one, and the sampler then chooses each token
/// from its own logits with its own random number, exactly as without guesses. A guess only decides
/// whether the choice after it was computed already. So the tokens are the same, whether greedy or
/// sampled: each guess is accepted with the probability the model gives it.
struct AnswerLoop {
    private(set) var session: Session
    private(set) var writer: AnswerWriter
    /// Passes through the model.
    private(set) var steps = 0
    /// Tokens read in them, wrong guesses included.
    private(set) var rowsRead = 0
    private var lookup: PromptLookup?

    init(session: Session, writer: AnswerWriter, lookup: PromptLookup?) {
        self.session = session
        self.writer = writer
        self.lookup = lookup
    }

    /// Writes until the model ends its turn, room is spent or the flag is raised.
    ///
    /// - Parameters:
    ///   - logits: those after the prompt.
    ///   - afterToken: called for each token, before the next is computed.
    mutating func run(
        after logits: [Float], cancellation: CancellationFlag?,
        _ onEvent: (GenerationEvent) -> Void, afterToken: () -> Void
    ) throws {
        var rows = Matrix(rows: 1, columns: logits.count, values: logits)
        var draft: [Int32] = []
        var row = 0
        while let id = try writer.write(rows.row(row), onEvent) {
            afterToken()
            lookup?.append(id)
            if cancellation?.isCancelled == true {
                writer.finishReason = .cancelled
                break
            }
            if row < draft.count, draft[row] == id {
                row += 1
                continue
            }
            session.forget(draft.count - row)
            (draft, row) = ([], 0)
            // The last token that fits is never read.
            guard writer.room > 0 else {
                writer.finishReason = .length
                break
            }
            draft = lookup?.draft(limit: min(writer.room - 1, Session.fewRows - 1)) ?? []
            rows = session.read([id] + draft)
            steps += 1
            rowsRead += 1 + draft.count
        }
        session.forget(draft.count - row)
    }
}

extension Matrix {
    /// One row as an array.
    func row(_ index: Int) -> [Float] {
        precondition(index >= 0 && index < rows)
        return Array(UnsafeBufferPointer(start: pointer + index * columns, count: columns))
    }
}
