/// How far a prompt has been read that others' answers are written beside.
struct PromptReading {
    /// Rows of the tokens that were not known when it joined.
    let input: InputRows
    /// How many of them have been read, or became known since.
    var done = 0
    /// Reads a beginning that this prompt shares, and goes first.
    var waitsFor: ContinuousBatch.Member?

    var left: Int { input.count - done }
}

/// Decides how much of the prompts is read beside the answers; knows no model.
struct PromptReadingPolicy: Sendable, Equatable {
    /// Most rows of prompts in a pass that also writes tokens.
    ///
    /// About as many as cost as much as reading the weights once, so that a long prompt slows the
    /// others down to half and does not stop them.
    var rowsBesideAnswers = 64
    /// Most rows of prompts where nobody waits for a token; bounds scratch memory.
    var rowsAlone = 512
    /// Tokens from which a shared beginning is worth waiting for.
    var worthWaiting = 64

    /// Rows of prompts in the next pass.
    func rows(besides answers: Int) -> Int { answers > 0 ? rowsBesideAnswers : rowsAlone }

    /// Whether a prompt waits until a beginning it shares has been read by another one.
    ///
    /// - Parameters:
    ///   - shared: tokens that both begin with.
    ///   - known: of these, tokens that need not be read anyway.
    func isWorthWaiting(shared: Int, known: Int) -> Bool { shared - known >= worthWaiting }
}
