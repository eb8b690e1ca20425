import Foundation
import Synchronization

/// Work that mostly waits for others, such as engines: several pieces at a time, each on a thread
/// of its own.
enum SideBySide {
    /// What the threads share.
    private struct State {
        var next = 0
        var isOver = false
        var failure: (any Error)?
        /// Taken away at the end, so that nothing it holds outlives the call.
        var work: (@Sendable (Int) throws -> Bool)?
    }

    private final class Shared: Sendable {
        let state = Mutex(State())
        /// Raised for each piece that is done, and for each thread that has ended.
        let news = DispatchSemaphore(value: 0)
        let ended = Mutex(0)
    }

    /// Works through 0 ..< `count`, lowest numbers first.
    ///
    /// - Parameters:
    ///   - limit: pieces at a time.
    ///   - onNews: called on the calling thread, now and then.
    ///   - work: one piece; false begins nothing new.
    /// - Throws: the first error; what was begun is waited for.
    static func each(
        _ count: Int, limit: Int, onNews: () -> Void = {},
        _ work: @escaping @Sendable (Int) throws -> Bool
    ) throws {
        let threads = min(max(1, limit), count)
        let shared = Shared()
        shared.state.withLock { $0.work = work }
        for _ in 0..<threads {
            let thread = Thread {
                while step(shared, count) { shared.news.signal() }
                shared.ended.withLock { $0 += 1 }
                shared.news.signal()
            }
            thread.stackSize = 8 << 20
            thread.start()
        }
        while shared.ended.withLock({ $0 }) < threads {
            shared.news.wait()
            onNews()
        }
        shared.state.withLock { $0.work = nil }
        if let failure = shared.state.withLock(\.failure) { throw failure }
    }

    /// One piece; false when there is none left.
    private static func step(_ shared: Shared, _ count: Int) -> Bool {
        let piece = shared.state.withLock { state -> (Int, @Sendable (Int) throws -> Bool)? in
            guard !state.isOver, state.next < count, let work = state.work else { return nil }
            defer { state.next += 1 }
            return (state.next, work)
        }
        guard let (number, work) = piece else { return false }
        let outcome = Result { try work(number) }
        shared.state.withLock { state in
            switch outcome {
            case .success(let goesOn): if !goesOn { state.isOver = true }
            case .failure(let error):
                state.failure = state.failure ?? error
                state.isOver = true
            }
        }
        return true
    }

    /// The results of `work` for 0 ..< `count`, in order.
    ///
    /// - Throws: the first error.
    static func map<Value: Sendable>(
        _ count: Int, limit: Int, _ work: @escaping @Sendable (Int) throws -> Value
    ) throws -> [Value] {
        guard limit > 1, count > 1 else { return try (0..<count).map(work) }
        let made = MadeValues<Value>()
        try each(count, limit: limit) { number in
            let value = try work(number)
            made.values.withLock { $0[number] = value }
            return true
        }
        let values = made.values.withLock { $0 }
        return (0..<count).compactMap { values[$0] }
    }

    private final class MadeValues<Value: Sendable>: Sendable {
        let values = Mutex<[Int: Value]>([:])
    }
}
