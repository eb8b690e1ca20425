/// The wakes that are due one day; one for each name.
struct TimerQueue: Sendable {
    private var due: [TimerID: ContinuousClock.Instant] = [:]

    mutating func set(_ id: TimerID, at instant: ContinuousClock.Instant) { due[id] = instant }

    mutating func cancel(_ id: TimerID) { due[id] = nil }

    var next: ContinuousClock.Instant? { due.values.min() }

    /// Removes and returns what is due, the earliest first.
    mutating func take(now: ContinuousClock.Instant) -> [TimerID] {
        let ready = due.filter { $0.value <= now }.sorted { $0.value < $1.value }.map(\.key)
        for id in ready { due[id] = nil }
        return ready
    }
}
