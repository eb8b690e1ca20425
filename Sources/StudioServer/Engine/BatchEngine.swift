import Dispatch
import Foundation
import Synchronization
import VLMRuntime

/// The one thread that computes: takes jobs from a queue, and writes their answers side by side.
final class BatchEngine: Sendable {
    private struct State {
        var waiting: [EngineJob] = []
        var running = 0
        var recent = RecentSeconds()
        /// No new jobs; those that are there are finished.
        var isDraining = false
        /// What is there is given up.
        var isAbandoned = false
    }

    let model: ServedModel
    let policy: SchedulingPolicy
    let metrics: ServerMetrics
    private let state = Mutex(State())
    private let arrival = DispatchSemaphore(value: 0)
    private let end = DispatchSemaphore(value: 0)

    init(_ model: ServedModel, policy: SchedulingPolicy, metrics: ServerMetrics) {
        self.model = model
        self.policy = policy
        self.metrics = metrics
        let thread = Thread { [self] in
            EngineLoop(self).run()
            end.signal()
        }
        thread.name = "studio-serve"
        thread.stackSize = 8 << 20
        thread.start()
    }

    /// Jobs that wait and answers that are being written.
    var load: (waiting: Int, running: Int) { state.withLock { ($0.waiting.count, $0.running) } }

    /// Puts jobs into the queue, all of them or none.
    ///
    /// - Throws: `APIError` when the queue is full or the server ends.
    func submit(_ jobs: [EngineJob]) throws(APIError) {
        let (refusal, given): (APIError?, [EngineJob]) = state.withLock { state in
            guard !state.isDraining else { return (.draining, []) }
            // Who has left makes room.
            let gone = state.waiting.filter(\.cancellation.isCancelled)
            state.waiting.removeAll(where: \.cancellation.isCancelled)
            let waiting = state.waiting.count
            guard policy.admits(jobs.count, waiting: waiting, running: state.running) else {
                let seconds = policy.retryAfter(
                    waiting: waiting, secondsPerAnswer: state.recent.value)
                return (
                    .busy(retryAfter: seconds, "The server has \(waiting) requests waiting"), gone
                )
            }
            state.waiting += jobs
            return (nil, gone)
        }
        for job in given { giveUp(job) }
        if let refusal { throw refusal }
        arrival.signal()
    }

    /// Wakes the thread, so that it notices a cancellation.
    func wake() { arrival.signal() }

    /// Takes no new jobs; the thread ends when the last one is done.
    func drain() {
        state.withLock { $0.isDraining = true }
        arrival.signal()
    }

    /// Ends every answer at its next token; those who wait for them are told.
    func cancelAll() {
        state.withLock { $0.isAbandoned = true }
        arrival.signal()
    }

    /// Waits for the thread's end, after `drain`.
    func waitForEnd() {
        end.wait()
        end.signal()
    }

    // MARK: for the loop

    func waitForWork() { arrival.wait() }

    var isAbandoned: Bool { state.withLock(\.isAbandoned) }

    var isDone: Bool { state.withLock { $0.isDraining && $0.waiting.isEmpty } }

    /// The next job in line, counted as running.
    func next() -> EngineJob? {
        state.withLock { state in
            guard !state.waiting.isEmpty, state.running < policy.batch else { return nil }
            state.running += 1
            return state.waiting.removeFirst()
        }
    }

    /// Drops the jobs that nobody waits for.
    func purge() {
        let gone = state.withLock { state in
            if state.isAbandoned { for job in state.waiting { job.cancellation.cancel() } }
            let gone = state.waiting.filter(\.cancellation.isCancelled)
            if !gone.isEmpty { state.waiting.removeAll(where: \.cancellation.isCancelled) }
            return gone
        }
        for job in gone { giveUp(job) }
    }

    func left(seconds: Double?) {
        state.withLock { state in
            state.running -= 1
            if let seconds { state.recent.add(seconds) }
        }
    }

    private func giveUp(_ job: EngineJob) {
        metrics.cancelled()
        job.onEvent(.failed(.cancelled))
    }
}
