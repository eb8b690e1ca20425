import Dispatch
import Foundation
import Synchronization
public import VLMRuntime

/// Runs asynchronous work for a thread that waits.
public enum Blocking {
    /// The result of the work.
    ///
    /// - Parameter cancellation: cancels the work when it is raised.
    /// - Throws: what the work throws.
    public static func run<Value: Sendable>(
        cancellation: CancellationFlag? = nil,
        _ work: @escaping @Sendable () async throws -> Value
    ) throws -> Value {
        let done = DispatchSemaphore(value: 0)
        let outcome = Outcome<Value>()
        let task = Task {
            do {
                outcome.set(.success(try await work()))
            } catch {
                outcome.set(.failure(error))
            }
            done.signal()
        }
        while done.wait(timeout: .now() + .milliseconds(100)) == .timedOut {
            if cancellation?.isCancelled == true { task.cancel() }
        }
        return try outcome.get()
    }

    /// What one thread leaves for another.
    private final class Outcome<Value: Sendable>: Sendable {
        private let value = Mutex<Result<Value, any Error>?>(nil)

        func set(_ result: Result<Value, any Error>) { value.withLock { $0 = result } }

        func get() throws -> Value {
            guard let result = value.withLock({ $0 }) else { throw CancellationError() }
            return try result.get()
        }
    }
}
