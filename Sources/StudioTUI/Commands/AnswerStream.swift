import Foundation
import VLMRuntime

/// Shows an answer while it is being written: progress first, then the text as it comes.
///
/// With `--json` only the progress shows; the answer is printed as a whole afterwards.
struct AnswerStream {
    private let session: Session
    private var highlighter: NameHighlighter
    private var wrapper: WordWrapper
    private var wroteText = false
    private let shows: Bool

    /// - Parameter highlighter: colours names; `nil` writes the text plainly.
    init(session: Session, highlighter: NameHighlighter?, shows: Bool = true) {
        self.session = session
        self.highlighter =
            highlighter ?? NameHighlighter(names: [], style: TextStyle(usesColour: false))
        let columns = session.console.outputIsTerminal ? TerminalMeasure.columns() : 0
        wrapper = WordWrapper(columns: columns)
        self.shows = shows && !session.options.json
    }

    mutating func receive(_ event: GenerationEvent) {
        switch event {
        case .progress(let stage, let fraction):
            session.progress.update(Self.words(stage), fraction: fraction)
        case .token(_, let text):
            guard shows else { return session.progress.update("writing") }
            session.progress.clear()
            let ready = wrapper.append(highlighter.append(text))
            session.console.write(ready)
            wroteText = wroteText || !ready.isEmpty
        }
    }

    /// Ends the line.
    mutating func finish() {
        session.progress.clear()
        guard shows else { return }
        let rest = wrapper.append(highlighter.finish()) + wrapper.finish()
        session.console.write(rest)
        if wroteText || !rest.isEmpty { session.console.write("\n") }
    }

    /// What a stage does, for people.
    static func words(_ stage: GenerationEvent.Stage) -> String {
        switch stage {
        case .preprocess: "preparing the pictures"
        case .vision: "looking at the pictures"
        case .prefill: "reading the prompt"
        }
    }
}

/// The line that ends an answer on standard error.
enum GenerationSummary {
    /// `212 + 31 tokens · first after 0.42 s · 85.1 tokens/s`.
    static func line(_ usage: TokenUsage, _ timings: GenerationTimings, _ style: TextStyle)
        -> String
    {
        let text =
            "\(usage.promptTokens) + \(usage.generatedTokens) tokens · "
            + String(format: "first after %.2f s · ", timings.firstToken)
            + String(format: "%.1f tokens/s", timings.tokensPerSecond)
        return style(text, .faint)
    }
}
