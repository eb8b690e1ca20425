import Dispatch
import Foundation
import Glibc
import Synchronization

/// The one thread that computes with the model, a little behind the interface in line for the
/// processor.
///
/// A queue of Dispatch borrows its threads, and a thread that was put back in line may not come
/// forward again without privileges; hence one of its own. The kernels' helper threads inherit the
/// place in line of the thread that first needs them.
final class ModelThread: Sendable {
    /// Steps behind the interface (`nice`): a third of its weight when both want to run.
    static let politeness: Int32 = 5

    private let queue = JobQueue()

    init(name: String) {
        let thread = Thread { [queue] in
            // The thread's own, not the process's: Linux takes 0 for the calling thread. What cannot
            // be had (a limit of the system) only costs smoothness.
            let thread = __priority_which_t(PRIO_PROCESS.rawValue)
            _ = setpriority(thread, 0, getpriority(thread, 0) + Self.politeness)
            while let job = queue.next() { job() }
        }
        thread.name = name
        thread.stackSize = 8 << 20
        thread.start()
    }

    deinit { queue.close() }

    /// Runs a job after those that were given before.
    func async(_ job: @escaping @Sendable () -> Void) { queue.add(job) }

    /// Runs a job after those that were given before, and waits for it; not for the thread itself.
    func sync<Value: Sendable>(_ job: @escaping @Sendable () throws -> Value) throws -> Value {
        let done = DispatchSemaphore(value: 0)
        let result = Answer<Value>()
        queue.add {
            let answer = Result { try job() }
            result.value.withLock { $0 = answer }
            done.signal()
        }
        done.wait()
        guard let answer = result.value.withLock({ $0 }) else { throw CancellationError() }
        return try answer.get()
    }

    private final class Answer<Value: Sendable>: Sendable {
        let value = Mutex<Result<Value, any Error>?>(nil)
    }
}

/// Jobs in the order they came; the thread that runs them waits here.
private final class JobQueue: Sendable {
    private let jobs = Mutex<[@Sendable () -> Void]>([])
    private let arrival = DispatchSemaphore(value: 0)

    func add(_ job: @escaping @Sendable () -> Void) {
        jobs.withLock { $0.append(job) }
        arrival.signal()
    }

    /// Waits for a job; `nil` when the queue is closed and empty.
    func next() -> (@Sendable () -> Void)? {
        arrival.wait()
        return jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    }

    /// One signal without a job comes after all jobs, and ends the waiting.
    func close() { arrival.signal() }
}
