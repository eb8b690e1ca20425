import VLMRuntime

/// What the engine's thread does; lives on it alone.
final class EngineLoop {
    /// Answers with one adapter, or without.
    ///
    /// An adapter that was trained anew gets another lane; answers that were begun end as they began.
    private final class Lane {
        let batch: ContinuousBatch
        var answers: [ContinuousBatch.Member: RunningAnswer] = [:]

        init(_ generator: Generator) { batch = ContinuousBatch(generator) }
    }

    /// Adapters that stay loaded while nobody uses them.
    static let idleAdapters = 4

    private struct Key: Hashable {
        /// `nil` for the model alone.
        let adapter: String?
        var state = ""
    }

    private let engine: BatchEngine
    private var lanes: [Key: Lane] = [:]
    /// Keys of `lanes`, the one used last at the end.
    private var order: [Key] = []
    private let clock = ContinuousClock()
    private var lastStepEnd = ContinuousClock.now
    private var lastStepSeconds = 0.0

    init(_ engine: BatchEngine) {
        self.engine = engine
        lanes[Key(adapter: nil)] = Lane(engine.model.base)
    }

    private var running: Int { lanes.values.reduce(0) { $0 + $1.batch.count } }

    /// Works until the engine is drained.
    func run() {
        while true {
            engine.purge()
            if engine.isAbandoned { abandon() }
            if running == 0, engine.isDone { return }
            // Many join at once: their prompts are read in the passes that write the others' tokens.
            while let job = engine.next() { start(job) }
            if running == 0 {
                engine.waitForWork()
                continue
            }
            step()
        }
    }

    private func abandon() {
        for answer in lanes.values.flatMap(\.answers.values) { answer.job.cancellation.cancel() }
    }

    private func start(_ job: EngineJob) {
        let answer = RunningAnswer(job)
        do {
            if job.cancellation.isCancelled { throw CancellationError() }
            let lane = try lane(job.adapter)
            let member = try lane.batch.join(
                try job.chat(), options: job.options, cancellation: job.cancellation,
                between: stepIfDue, onText: { answer.receive($0) })
            lane.answers[member] = answer
            job.onEvent(.started)
        } catch {
            fail(job, error)
        }
    }

    private func fail(_ job: EngineJob, _ error: any Error) {
        engine.left(seconds: nil)
        if error is CancellationError || job.cancellation.isCancelled {
            engine.metrics.cancelled()
            job.onEvent(.failed(.cancelled))
        } else {
            job.onEvent(.failed(APIError.describing(error)))
        }
    }

    private func lane(_ adapter: String?) throws -> Lane {
        let wanted = Key(
            adapter: adapter, state: adapter.map(engine.model.adapterState) ?? "")
        order.removeAll { $0 == wanted }
        if let lane = lanes[wanted] {
            order.append(wanted)
            return lane
        }
        let lane = Lane(try adapter.map(engine.model.adapted) ?? engine.model.base)
        let idle = order.filter { $0.adapter != nil && lanes[$0]?.batch.count == 0 }
        let old = idle.filter { $0.adapter == adapter }
        for key in old + idle.dropLast(Self.idleAdapters) {
            lanes[key] = nil
            order.removeAll { $0 == key }
        }
        lanes[wanted] = lane
        order.append(wanted)
        return lane
    }

    /// A token for the others while a picture is looked at.
    private func stepIfDue() {
        guard running > 0 else { return }
        let since = (ContinuousClock.now - lastStepEnd).inSeconds
        if engine.policy.isStepDue(sinceLastStep: since, lastStep: lastStepSeconds) { step() }
    }

    private func step() {
        engine.model.beforeStep()
        let start = ContinuousClock.now
        for lane in lanes.values where lane.batch.count > 0 {
            engine.metrics.stepped(lane.batch.count)
            lane.batch.step { member, ending in
                guard let answer = lane.answers.removeValue(forKey: member) else { return }
                finish(answer, ending)
            }
        }
        lastStepEnd = ContinuousClock.now
        lastStepSeconds = (lastStepEnd - start).inSeconds
    }

    private func finish(_ answer: RunningAnswer, _ ending: ContinuousBatch.Ending) {
        let job = answer.job
        switch ending {
        case .failed(let error):
            fail(job, error)
        case .finished(let result):
            engine.left(seconds: result.timings.total)
            engine.metrics.answered(result)
            if result.finishReason == .cancelled, !answer.isStopped {
                engine.metrics.cancelled()
                job.onEvent(.failed(.cancelled))
                return
            }
            answer.finish()
            job.onEvent(
                .finished(
                    JobResult(
                        text: answer.text,
                        reason: result.finishReason == .length ? "length" : "stop",
                        usage: result.usage, cache: result.cache, timings: result.timings)))
        }
    }
}

/// The text of an answer while it is written.
private final class RunningAnswer {
    let job: EngineJob
    private(set) var text = ""
    private var scanner: StopScanner

    init(_ job: EngineJob) {
        self.job = job
        scanner = StopScanner(job.stops)
    }

    /// Whether one of the stops came.
    var isStopped: Bool { scanner.isDone }

    /// Returns whether more is wanted.
    func receive(_ piece: String) -> Bool {
        emit(scanner.append(piece))
        return !scanner.isDone
    }

    func finish() { emit(scanner.finish()) }

    private func emit(_ piece: String) {
        guard !piece.isEmpty else { return }
        text += piece
        job.onEvent(.text(piece))
    }
}
