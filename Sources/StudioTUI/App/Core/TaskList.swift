import VLMRuntime

/// Something that takes longer than a moment, and can be watched and cancelled.
struct TaskInfo: Sendable, Identifiable {
    enum Outcome: Sendable, Equatable {
        case running, done
        case failed(String)
        case cancelled
    }

    let id: Int
    let title: String
    let startedAt: ContinuousClock.Instant
    /// Raised by the user to stop it; `nil` for work that cannot be stopped.
    let cancellation: CancellationFlag?
    var detail = ""
    /// 0…1; `nil` while it cannot be known.
    var fraction: Double?
    var outcome = Outcome.running
    var endedAt: ContinuousClock.Instant?

    var isRunning: Bool { outcome == .running }

    /// Seconds left at the speed so far, once there is something to go by.
    func remainingSeconds(now: ContinuousClock.Instant) -> Double? {
        guard isRunning, let fraction, fraction > 0.02, fraction < 1 else { return nil }
        let elapsed = (now - startedAt).inSeconds
        guard elapsed > 1 else { return nil }
        return elapsed / fraction * (1 - fraction)
    }
}

/// What a task reports.
enum TaskAction: Sendable {
    case started(TaskInfo)
    case progress(id: Int, fraction: Double?, detail: String)
    case ended(id: Int, TaskInfo.Outcome)
    case cancel(id: Int)
}

/// The tasks of this session, newest last.
struct TaskList: Sendable {
    private(set) var all: [TaskInfo] = []

    static let kept = 50

    var running: [TaskInfo] { all.filter(\.isRunning) }

    mutating func apply(_ action: TaskAction, now: ContinuousClock.Instant) {
        switch action {
        case .started(let task):
            all.append(task)
            if all.count > Self.kept, let old = all.firstIndex(where: { !$0.isRunning }) {
                all.remove(at: old)
            }
        case .progress(let id, let fraction, let detail):
            update(id) { task in
                task.fraction = fraction
                task.detail = detail
            }
        case .ended(let id, let outcome):
            update(id) { task in
                task.outcome = outcome
                task.endedAt = now
            }
        case .cancel(let id):
            all.first { $0.id == id }?.cancellation?.cancel()
        }
    }

    private mutating func update(_ id: Int, _ change: (inout TaskInfo) -> Void) {
        guard let index = all.firstIndex(where: { $0.id == id }) else { return }
        change(&all[index])
    }
}
