/// News on the status line for people who listen: one at a time, none sooner than two seconds after
/// the one before, so that a screen reader can finish its sentence.
struct Announcer: Sendable, Equatable {
    /// What stands on the status line; empty for nothing.
    private(set) var text = ""
    private var waiting: [String] = []
    private var saidAt: ContinuousClock.Instant?

    static let pause = Duration.seconds(2)
    /// News that came while others were being read; older ones are not worth waiting for.
    static let limit = 4

    /// Says something as soon as its turn comes; returns when to call `advance`, if it must wait.
    mutating func say(
        _ news: String, now: ContinuousClock.Instant
    ) -> ContinuousClock.Instant? {
        guard news != text, waiting.last != news else { return nextTurn }
        waiting.append(news)
        if waiting.count > Self.limit { waiting.removeFirst() }
        return advance(now: now)
    }

    /// Goes on to the next news if the last one has stood long enough; returns when to try again.
    mutating func advance(now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        guard !waiting.isEmpty else { return nil }
        if let saidAt, now - saidAt < Self.pause { return nextTurn }
        text = waiting.removeFirst()
        saidAt = now
        return nextTurn
    }

    /// The user goes on: the line shows where one is again, unless there is more to say.
    mutating func heard() {
        if waiting.isEmpty { text = "" }
    }

    private var nextTurn: ContinuousClock.Instant? {
        waiting.isEmpty ? nil : saidAt?.advanced(by: Self.pause)
    }
}
