import WebClient

/// When a request is tried again; knows no clock.
public struct EngineRetry: Sendable, Equatable {
    /// The first pause, in seconds; each is twice the one before.
    public var first: Double
    /// The longest pause.
    public var longest: Double
    /// How long after the first failure a request is still tried again, in seconds.
    public var patience: Double

    /// From half a second to half a minute, for two minutes.
    public init(first: Double = 0.5, longest: Double = 30, patience: Double = 120) {
        self.first = first
        self.longest = longest
        self.patience = patience
    }

    /// The pause before the next try.
    ///
    /// - Parameters:
    ///   - failures: tries that failed; 1 or more.
    ///   - asked: what the engine asked for with `Retry-After`, in seconds; never cut short.
    ///   - draw: a random number, 0 ..< 1, so that many clients do not come back together.
    public func pause(failures: Int, asked: Double?, draw: Double) -> Double {
        if let asked { return min(max(0, asked), 600) * (1 + 0.1 * draw) }
        return Backoff(first: first, longest: longest).pause(failures: failures, draw: draw)
    }
}

/// Which of several engines is asked next; knows no clock.
struct EngineChoice: Sendable {
    struct Engine: Sendable {
        var running = 0
        /// The moment until which it is left alone, in seconds; 0 when it is well.
        var restsUntil = 0.0
        /// Failures since it answered last.
        var failures = 0
    }

    var engines: [Engine]
    private var turn = 0

    init(count: Int) { engines = Array(repeating: Engine(), count: count) }

    /// The least busy one that is not resting; when all rest, the one that rests least long.
    ///
    /// - Returns: its number, and the moment from which it may be asked.
    mutating func next(at now: Double) -> (index: Int, from: Double) {
        let order = engines.indices.map { (turn + $0) % engines.count }
        turn = (turn + 1) % engines.count
        let awake = order.filter { engines[$0].restsUntil <= now }
        if let best = awake.min(by: { engines[$0].running < engines[$1].running }) {
            engines[best].running += 1
            return (best, now)
        }
        let soonest =
            order.min(by: { engines[$0].restsUntil < engines[$1].restsUntil }) ?? order[0]
        engines[soonest].running += 1
        return (soonest, engines[soonest].restsUntil)
    }

    /// - Returns: whether it had failed before.
    mutating func answered(_ index: Int) -> Bool {
        defer {
            engines[index].running -= 1
            engines[index].failures = 0
            engines[index].restsUntil = 0
        }
        return engines[index].failures > 0
    }

    mutating func failed(_ index: Int, restsUntil: Double) {
        engines[index].running -= 1
        engines[index].failures += 1
        engines[index].restsUntil = restsUntil
    }
}
