import ConceptDB
import PersonalCaption
import TerminalUI
import VLMRuntime

/// One caption of this session: while it is written, and afterwards.
struct AskCaption: Sendable, Identifiable {
    enum Phase: Sendable, Equatable {
        case running
        /// Stopped by the user; what was written until then is kept.
        case cancelled
        case done
        case failed(String)
    }

    let id: Int
    let job: CaptionJob
    let picture: AskPicture
    /// The names in the slots, as they were.
    let names: [String]
    let startedAt: ContinuousClock.Instant

    var phase = Phase.running
    /// What goes on before the first token.
    var stage = "waiting for the model"
    var fraction: Double?
    private(set) var text = ""
    private(set) var tokens = 0
    private(set) var firstTextAt: ContinuousClock.Instant?
    private(set) var lastTextAt: ContinuousClock.Instant?
    /// Known once it has ended.
    private(set) var facts: CaptionFacts?
    /// What saving it takes; `nil` when it came from the history.
    private(set) var savable: NewCaption?
    /// Its number in the history.
    var savedID: Int64?

    private(set) var flow: CaptionFlow
    private var tagger: NameTagger
    /// The first line that is drawn, while not following.
    private(set) var top = 0
    /// Whether the end of the text stays in sight.
    private(set) var follows = true

    init(
        job: CaptionJob, picture: AskPicture, names: [String], columns: Int,
        now: ContinuousClock.Instant
    ) {
        id = job.number
        self.job = job
        self.picture = picture
        self.names = names
        startedAt = now
        flow = CaptionFlow(columns: columns)
        tagger = NameTagger(names: names.map(PromptName.shown))
    }

    var isRunning: Bool { phase == .running }
    var isEmpty: Bool { text.isEmpty }

    /// Takes text that has just been written.
    mutating func append(_ more: String, tokens count: Int, now: ContinuousClock.Instant) {
        if firstTextAt == nil { firstTextAt = now }
        lastTextAt = now
        tokens += count
        text += more
        flow.append(tagger.append(more))
    }

    /// What was held back because it could still become a name.
    mutating func flush() { flow.append(tagger.finish()) }

    /// The end, as the captioner tells it.
    mutating func finish(_ answer: CaptionAnswer) {
        adopt(CaptionFacts(answer.record))
        savable = answer.draft
        savedID = answer.saved?.id
    }

    /// Becomes a caption of the history.
    mutating func adopt(_ record: ConceptDB.CaptionRecord) {
        adopt(CaptionFacts(record))
        savedID = record.id
        // What was written long ago is read from its beginning.
        follows = false
    }

    private mutating func adopt(_ facts: CaptionFacts) {
        self.facts = facts
        phase = facts.isCancelled ? .cancelled : .done
        text = facts.caption
        flow = CaptionFlow(facts.tagged, columns: flow.columns)
    }

    /// Breaks the lines anew for another width.
    mutating func fit(columns: Int) {
        guard columns > 0, columns != flow.columns else { return }
        var fresh = CaptionFlow(columns: columns)
        if let facts {
            fresh.append(facts.tagged)
        } else {
            tagger = NameTagger(names: names.map(PromptName.shown))
            fresh.append(tagger.append(text))
            if !isRunning { fresh.append(tagger.finish()) }
        }
        flow = fresh
    }

    // MARK: - Scrolling

    /// The first line to draw when so many rows are visible.
    func firstLine(rows: Int) -> Int {
        let last = max(0, flow.count - rows)
        return follows ? last : min(top, last)
    }

    /// Moves the text; going up while it is written stops following, reaching the end resumes it.
    mutating func scroll(_ movement: Navigation, rows: Int) {
        let last = max(0, flow.count - rows)
        var position = ListPosition(cursor: firstLine(rows: rows), top: 0)
        if movement == .last {
            position.cursor = last
        } else {
            position.move(movement, count: last + 1, page: rows)
        }
        top = position.cursor
        follows = top >= last
    }

    /// Keeps the end in sight again, or stops doing so.
    mutating func follow(_ follows: Bool, rows: Int) {
        top = firstLine(rows: rows)
        self.follows = follows
        if follows { top = max(0, flow.count - rows) }
    }

    // MARK: - Figures

    /// Seconds from the question to the first text.
    var secondsToFirst: Double? { firstTextAt.map { ($0 - startedAt).inSeconds } }

    /// Speed so far, without the first token.
    var tokensPerSecond: Double? {
        guard let firstTextAt, let lastTextAt, tokens > 1 else { return nil }
        let seconds = (lastTextAt - firstTextAt).inSeconds
        return seconds > 0.05 ? Double(tokens - 1) / seconds : nil
    }
}
