import Foundation
import Synchronization

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// One request to a hub or to the store it sends us to.
struct HubRequest: Sendable {
    let url: URL
    /// `nil` for all of it.
    var range: Range<Int>?
    var token: String?
    /// Most bytes that are taken.
    let limit: Int
    /// Longest silence, in seconds.
    let stall: Double
    /// Longest time, in seconds.
    let seconds: Double
}

/// What came back, whatever its status.
struct HubResponse: Sendable {
    let status: Int
    /// Names in lower case.
    let headers: [String: String]
    let body: Data
    /// Why the body is not complete; `nil` when it is.
    var failure: String?
}

/// What carries requests; tests put their own in its place.
protocol HubTransport: Sendable {
    /// - Throws: when nothing came back at all.
    func send(_ request: HubRequest) async throws -> HubResponse
}

/// Carries requests with the system's HTTP client; redirects are left to the caller.
final class NetworkHubTransport: HubTransport {
    private struct Running {
        var data = Data()
        /// When bytes came last.
        var heard = ContinuousClock.now
        let limit: Int
        let continuation: CheckedContinuation<HubResponse, any Error>
    }

    private struct State {
        var running: [Int: Running] = [:]
        var session: URLSession?
    }

    private let state = Mutex(State())
    private let connections: Int

    init(connections: Int) { self.connections = connections }

    deinit { state.withLock { $0.session }?.invalidateAndCancel() }

    private func session() -> URLSession {
        state.withLock { state in
            if let session = state.session { return session }
            let configuration = URLSessionConfiguration.ephemeral
            configuration.httpMaximumConnectionsPerHost = connections
            configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
            configuration.httpCookieAcceptPolicy = .never
            let session = URLSession(
                configuration: configuration, delegate: Hearer(self), delegateQueue: nil)
            state.session = session
            return session
        }
    }

    func send(_ request: HubRequest) async throws -> HubResponse {
        var wire = URLRequest(url: request.url, timeoutInterval: request.stall)
        // Bytes are counted, so they must come as they are.
        wire.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
        wire.setValue("personalization-studio", forHTTPHeaderField: "User-Agent")
        if let range = request.range {
            wire.setValue(
                "bytes=\(range.lowerBound)-\(range.upperBound - 1)", forHTTPHeaderField: "Range")
        }
        if let token = request.token {
            wire.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
        }
        let task = session().dataTask(with: wire)
        let clock = Task { [weak self] in
            // The system's own time limit does not notice a silence in the middle of a body.
            let start = ContinuousClock.now
            while true {
                try await Task.sleep(for: .seconds(min(1, request.stall / 4)))
                guard let heard = self?.heard(task) else { continue }
                let now = ContinuousClock.now
                guard now - start < .seconds(request.seconds),
                    now - heard < .seconds(request.stall)
                else { return task.cancel() }
            }
        }
        defer { clock.cancel() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                state.withLock {
                    $0.running[task.taskIdentifier] = Running(
                        limit: request.limit, continuation: continuation)
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
        let isTooLong = running.data.count > running.limit
        var failure: String?
        if isTooLong {
            failure = "more came than was asked for"
        } else if let error {
            failure = HubFailure.words(error)
        }
        running.continuation.resume(
            returning: HubResponse(
                status: response.statusCode, headers: headers,
                body: isTooLong ? running.data.prefix(running.limit) : running.data,
                failure: failure))
    }
}

/// The system's words for what went wrong, in few.
enum HubFailure {
    static func words(_ error: any Error) -> String {
        String((error as NSError).localizedDescription.prefix(160))
    }
}

/// Hears for the transport without keeping it alive.
private final class Hearer: NSObject, URLSessionDataDelegate {
    private weak let owner: NetworkHubTransport?

    init(_ owner: NetworkHubTransport) { self.owner = owner }

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
