import WebClient

/// When a request to a hub is made again; knows no clock.
public struct HubRetry: Sendable, Equatable {
    /// The first pause, in seconds; each is twice the one before.
    public var first: Double
    /// The longest pause.
    public var longest: Double
    /// Failures in a row, without any bytes worth mentioning between them, before it is given up.
    public var tries: Int
    /// The longest time without a byte, in seconds.
    public var stall: Double
    /// Bytes a second below which a connection counts as failed.
    public var slowest: Double

    /// Half a minute of silence and 1 KiB/s are borne; six failures in a row are not.
    public init(
        first: Double = 0.5, longest: Double = 30, tries: Int = 6, stall: Double = 30,
        slowest: Double = 1024
    ) {
        self.first = first
        self.longest = longest
        self.tries = tries
        self.stall = stall
        self.slowest = slowest
    }

    /// The pause after so many failures in a row.
    ///
    /// - Parameters:
    ///   - asked: what `Retry-After` said, in seconds; never cut below ten minutes.
    ///   - draw: a random number, 0 ..< 1.
    func pause(failures: Int, asked: Double?, draw: Double) -> Double {
        if let asked, asked.isFinite { return min(max(0, asked), 600) + 0.1 * draw }
        return Backoff(first: first, longest: longest).pause(failures: failures, draw: draw)
    }

    /// Whether a transfer that ended early brought enough not to count as a failure.
    func isProgress(bytes: Int, seconds: Double) -> Bool {
        bytes > 0 && Double(bytes) >= slowest * seconds
    }

    /// The longest time for a piece.
    func limit(bytes: Int) -> Double { stall + Double(bytes) / slowest }
}
