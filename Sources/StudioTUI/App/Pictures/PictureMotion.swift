/// Whether what is wanted changes so quickly that somebody is on the way to something else.
struct PictureMotion: Sendable, Equatable {
    /// When it last changed; `nil` before the first time.
    private(set) var changed: ContinuousClock.Instant?
    private var isQuick = false

    /// Notes a change.
    ///
    /// - Parameter rest: changes closer together than this are movement.
    mutating func change(at now: ContinuousClock.Instant, rest: Duration) {
        isQuick = changed.map { now - $0 < rest } ?? false
        changed = now
    }

    /// Whether it is still moving; a single step is not movement.
    func isMoving(at now: ContinuousClock.Instant, rest: Duration) -> Bool {
        guard isQuick, let changed else { return false }
        return now - changed < rest
    }
}
