import Foundation
import Synchronization

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// One exchange over HTTP.
struct EngineExchange: Sendable {
    let url: URL
    /// `nil` asks with GET.
    let body: Data?
    let key: String?
    /// Seconds for all of it.
    let timeout: Double
}

/// What came back, whatever its status.
struct EngineResponse: Sendable {
    let status: Int
    let body: Data
    /// Seconds asked for by `Retry-After`.
    let retryAfter: Double?
}

/// What carries requests to engines; tests put their own in its place.
protocol EngineTransport: Sendable {
    /// - Throws: when nothing came back.
    func send(_ exchange: EngineExchange) async throws -> EngineResponse
}

/// Carries requests with the system's HTTP client.
final class NetworkTransport: EngineTransport {
    /// Longest answer, in bytes.
    static let largestAnswer = 16 << 20

    private struct Running {
        var data = Data()
        let continuation: CheckedContinuation<EngineResponse, any Error>
    }

    private struct State {
        var running: [Int: Running] = [:]
        var session: URLSession?
    }

    private let state = Mutex(State())
    private let connections: Int

    /// - Parameter connections: most at a time to one engine.
    init(connections: Int) { self.connections = connections }

    deinit { state.withLock { $0.session }?.invalidateAndCancel() }

    private func session() -> URLSession {
        state.withLock { state in
            if let session = state.session { return session }
            let configuration = URLSessionConfiguration.ephemeral
            configuration.httpMaximumConnectionsPerHost = connections
            configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
            configuration.httpCookieAcceptPolicy = .never
            // The session holds its delegate until it is told to end.
            let session = URLSession(
                configuration: configuration, delegate: Forwarder(self), delegateQueue: nil)
            state.session = session
            return session
        }
    }

    func send(_ exchange: EngineExchange) async throws -> EngineResponse {
        var request = URLRequest(url: exchange.url, timeoutInterval: exchange.timeout)
        request.httpMethod = exchange.body == nil ? "GET" : "POST"
        request.httpBody = exchange.body
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        // Large bodies go at once; some servers never say that they may.
        request.setValue("", forHTTPHeaderField: "Expect")
        if let key = exchange.key {
            request.setValue("Bearer \(key)", forHTTPHeaderField: "Authorization")
        }
        let task = session().dataTask(with: request)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                state.withLock {
                    $0.running[task.taskIdentifier] = Running(continuation: continuation)
                }
                task.resume()
                if Task.isCancelled { task.cancel() }
            }
        } onCancel: {
            task.cancel()
        }
    }

    fileprivate func received(_ data: Data, _ task: URLSessionTask) {
        let isTooMuch = state.withLock { state in
            state.running[task.taskIdentifier]?.data.append(data)
            return state.running[task.taskIdentifier]?.data.count ?? 0 > Self.largestAnswer
        }
        if isTooMuch { task.cancel() }
    }

    fileprivate func ended(_ task: URLSessionTask, _ error: (any Error)?) {
        let running = state.withLock { $0.running.removeValue(forKey: task.taskIdentifier) }
        guard let running else { return }
        if let error {
            running.continuation.resume(throwing: error)
        } else if let response = task.response as? HTTPURLResponse {
            let wish = response.value(forHTTPHeaderField: "Retry-After")
            running.continuation.resume(
                returning: EngineResponse(
                    status: response.statusCode, body: running.data,
                    retryAfter: wish.flatMap { Double($0) }))
        } else {
            running.continuation.resume(throwing: URLError(.badServerResponse))
        }
    }
}

/// Hears for the transport without keeping it alive.
private final class Forwarder: NSObject, URLSessionDataDelegate {
    private weak let owner: NetworkTransport?

    init(_ owner: NetworkTransport) { self.owner = owner }

    /// Pictures go where the user sent them, and nowhere else.
    func urlSession(
        _ session: URLSession, task: URLSessionTask,
        willPerformHTTPRedirection response: HTTPURLResponse, newRequest request: URLRequest,
        completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) { completionHandler(nil) }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data
    ) { owner?.received(data, dataTask) }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?
    ) { owner?.ended(task, error) }
}
