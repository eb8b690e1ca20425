public import Foundation
import Synchronization

#if canImport(FoundationNetworking)
    public import FoundationNetworking
#endif

/// What came back, whatever its status.
public struct WebAnswer: Sendable {
    /// Of HTTP.
    public let status: Int
    /// Names in lower case.
    public let headers: [String: String]
    /// At most as many bytes as were allowed.
    public let body: Data
    /// Whether more came than was allowed.
    public let isTooLong: Bool
    /// What ended the body early; `nil` when it is whole.
    public let failure: (any Error)?
}

/// How long is waited for a body.
public struct WebPatience: Sendable {
    /// Longest silence, in seconds.
    let stall: Double
    /// Longest time, in seconds.
    let seconds: Double

    /// Takes the values as they are.
    public init(stall: Double, seconds: Double) {
        self.stall = stall
        self.seconds = seconds
    }
}

/// Carries requests with the system's HTTP client; redirects are left to the caller.
public final class WebClient: Sendable {
    private struct Running {
        var data = Data()
        /// When bytes came last.
        var heard = ContinuousClock.now
        let limit: Int
        let continuation: CheckedContinuation<WebAnswer, any Error>
    }

    private struct State {
        var running: [Int: Running] = [:]
        var session: URLSession?
    }

    private let state = Mutex(State())
    private let connections: Int

    /// - Parameter connections: most at a time to one host.
    public init(connections: Int) { self.connections = connections }

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
                configuration: configuration, delegate: Hearer(self), delegateQueue: nil)
            state.session = session
            return session
        }
    }

    /// Sends a request; cancelling the task ends it.
    ///
    /// - Parameters:
    ///   - limit: most bytes that are taken; the request is ended when more come.
    ///   - patience: `nil` waits as long as the request says.
    /// - Throws: when nothing came back at all.
    public func send(
        _ request: URLRequest, limit: Int, patience: WebPatience? = nil
    ) async throws -> WebAnswer {
        let task = session().dataTask(with: request)
        let clock = patience.map { patience in
            Task { [weak self] in
                // The system's own time limit does not notice a silence in the middle of a body.
                let start = ContinuousClock.now
                while true {
                    try await Task.sleep(for: .seconds(min(1, patience.stall / 4)))
                    guard let heard = self?.heard(task) else { continue }
                    let now = ContinuousClock.now
                    guard now - start < .seconds(patience.seconds),
                        now - heard < .seconds(patience.stall)
                    else { return task.cancel() }
                }
            }
        }
        defer { clock?.cancel() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                state.withLock {
                    $0.running[task.taskIdentifier] = Running(
                        limit: limit, continuation: continuation)
                }
                task.resume()
                if Task.isCancelled { task.cancel() }
            }
        } onCancel: {
            task.cancel()
        }
    }

    private func heard(_ task: URLSessionTask) -> ContinuousClock.Instant? {
        state.withLock { $0.running[task.taskIdentifier]?.heard }
    }

    fileprivate func received(_ data: Data, _ task: URLSessionTask) {
        let isEnough = state.withLock { state in
            guard var running = state.running.removeValue(forKey: task.taskIdentifier) else {
                return false
            }
            running.heard = .now
            running.data.append(data.prefix(running.limit + 1 - running.data.count))
            let isEnough = running.data.count > running.limit
            state.running[task.taskIdentifier] = running
            return isEnough
        }
        if isEnough { task.cancel() }
    }

    fileprivate func ended(_ task: URLSessionTask, _ error: (any Error)?) {
        let running = state.withLock { $0.running.removeValue(forKey: task.taskIdentifier) }
        guard let running else { return }
        guard let response = task.response as? HTTPURLResponse else {
            return running.continuation.resume(throwing: error ?? URLError(.badServerResponse))
        }
        var headers: [String: String] = [:]
        for (name, value) in response.allHeaderFields {
            headers["\(name)".lowercased()] = "\(value)"
        }
        running.continuation.resume(
            returning: WebAnswer(
                status: response.statusCode, headers: headers,
                body: running.data.prefix(running.limit),
                isTooLong: running.data.count > running.limit, failure: error))
    }
}

/// Hears for the client without keeping it alive.
private final class Hearer: NSObject, URLSessionDataDelegate {
    private weak let owner: WebClient?

    init(_ owner: WebClient) { self.owner = owner }

    /// What is sent goes where the user said, and nowhere else.
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
