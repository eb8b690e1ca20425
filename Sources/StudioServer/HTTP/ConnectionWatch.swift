internal import Hummingbird
import Synchronization

/// Notices that a client has gone while its answer is computed.
///
/// It reads on from the connection, so nobody else may until `stop` has returned; the connection
/// cannot be used for another request afterwards.
final class ConnectionWatch: Sendable {
    private let over: AsyncStream<Void>.Continuation
    private let task: Task<Void, Never>

    /// - Parameters:
    ///   - request: its body has been read.
    ///   - onLeave: called when the client closes its end.
    init(_ request: Request, onLeave: @escaping @Sendable () -> Void) {
        let (signal, over) = AsyncStream<Void>.makeStream()
        self.over = over
        var rest = request
        rest.body = RequestBody(buffer: ByteBuffer())
        let body = rest.body
        task = Task {
            try? await body.consumeWithInboundCloseHandler { _ in
                for await _ in signal {}
            } onInboundClosed: {
                onLeave()
            }
        }
    }

    deinit { over.finish() }

    /// Ends the watch.
    func stop() async {
        over.finish()
        await task.value
    }
}

/// Closes a connection whose client does not read what it is sent.
final class WriteWatch: Sendable {
    private let since = Mutex<ContinuousClock.Instant?>(nil)
    private let task = Mutex<Task<Void, Never>?>(nil)

    init(seconds: Double, close: @escaping @Sendable () -> Void) {
        let watching = Task { [weak self] in
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(max(0.1, seconds / 4)))
                guard let self else { return }
                let start = self.since.withLock { $0 }
                if let start, ContinuousClock.now - start > .seconds(seconds) { return close() }
            }
        }
        task.withLock { $0 = watching }
    }

    deinit { task.withLock { $0 }?.cancel() }

    /// Runs a write, and watches how long it takes.
    func during<Value>(
        isolation: isolated (any Actor)? = #isolation, _ write: () async throws -> Value
    ) async rethrows -> Value {
        since.withLock { $0 = .now }
        defer { since.withLock { $0 = nil } }
        return try await write()
    }
}
