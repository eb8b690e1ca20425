/// Splits the time of one call into its stages.
final class GenerationClock {
    private var timings = GenerationTimings()
    private let start = ContinuousClock.now
    private var last = ContinuousClock.now
    private var firstToken: ContinuousClock.Instant?

    /// Ends a stage that began at the previous mark.
    func mark(_ stage: WritableKeyPath<GenerationTimings, Double>) {
        let now = ContinuousClock.now
        timings[keyPath: stage] = (now - last).inSeconds
        last = now
    }

    func markToken() {
        guard firstToken == nil else { return }
        firstToken = ContinuousClock.now
        timings.firstToken = (ContinuousClock.now - start).inSeconds
    }

    func finish(generated: Int) -> GenerationTimings {
        timings.total = (ContinuousClock.now - start).inSeconds
        guard let firstToken else { return timings }
        timings.decode = (ContinuousClock.now - firstToken).inSeconds
        if generated > 1, timings.decode > 0 {
            timings.tokensPerSecond = Double(generated - 1) / timings.decode
        }
        return timings
    }
}
