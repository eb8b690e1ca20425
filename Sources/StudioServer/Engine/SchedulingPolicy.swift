/// Decides who is let in, who must come back later, and whose turn it is; knows no clock.
struct SchedulingPolicy: Sendable, Equatable {
    /// Most answers written at a time.
    let batch: Int
    /// Most requests that wait.
    let queue: Int

    /// Whether `count` more may wait.
    func admits(_ count: Int, waiting: Int, running: Int) -> Bool {
        // Free places of the batch are taken at once and need no place in the queue.
        waiting + count <= queue + max(0, batch - running)
    }

    /// Seconds after which a place is likely to be free: until the waiting ones have had their turn.
    ///
    /// - Parameter secondsPerAnswer: of late; 0 when there was none.
    func retryAfter(waiting: Int, secondsPerAnswer: Double) -> Int {
        let rounds = Double(waiting) / Double(max(1, batch)) + 1
        let seconds = (rounds * secondsPerAnswer).rounded(.up)
        return seconds.isFinite ? Int(min(60, max(1, seconds))) : 60
    }

    /// Whether those that are being written get a token now, while a prompt is read.
    ///
    /// Half of the time goes to either, so that a long prompt slows the others down to half and
    /// does not stop them.
    func isStepDue(sinceLastStep: Double, lastStep: Double) -> Bool { sinceLastStep >= lastStep }
}

/// How long an answer took of late.
struct RecentSeconds: Sendable {
    private(set) var value = 0.0

    mutating func add(_ seconds: Double) {
        value = value == 0 ? seconds : 0.8 * value + 0.2 * seconds
    }
}
