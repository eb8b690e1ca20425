/// Pauses between tries, each twice the one before; knows no clock.
public struct Backoff: Sendable {
    /// The first pause, in seconds.
    let first: Double
    /// The longest pause.
    let longest: Double

    /// Takes the values as they are.
    public init(first: Double, longest: Double) {
        self.first = first
        self.longest = longest
    }

    /// Whether another try may help.
    public static func isWorthwhile(status: Int) -> Bool {
        [408, 425, 429, 500, 502, 503, 504].contains(status)
    }

    /// The pause after so many failures.
    ///
    /// - Parameter draw: a random number, 0 ..< 1, so that many clients do not come back together.
    public func pause(failures: Int, draw: Double) -> Double {
        var pause = first
        for _ in 1..<max(1, failures) where pause < longest { pause *= 2 }
        return min(pause, longest) * (0.5 + 0.5 * draw)
    }
}
