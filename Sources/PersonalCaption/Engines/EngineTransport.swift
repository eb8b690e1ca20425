import Foundation
import WebClient

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

/// Carries requests over the network.
struct NetworkTransport: EngineTransport {
    /// Longest answer, in bytes.
    static let largestAnswer = 16 << 20

    private let client: WebClient

    /// - Parameter connections: most at a time to one engine.
    init(connections: Int) { client = WebClient(connections: connections) }

    func send(_ exchange: EngineExchange) async throws -> EngineResponse {
        var request = WebRequest(
            exchange.url, limit: Self.largestAnswer, stall: exchange.timeout,
            seconds: exchange.timeout)
        request.body = exchange.body
        request.headers["Content-Type"] = "application/json"
        // Large bodies go at once; some servers never say that they may.
        request.headers["Expect"] = ""
        if let key = exchange.key { request.headers["Authorization"] = "Bearer \(key)" }
        let answer = try await client.send(request)
        if let failure = answer.failure { throw failure }
        if answer.isTooLong {
            throw WebFailure("the answer is longer than \(Self.largestAnswer >> 20) MiB")
        }
        return EngineResponse(
            status: answer.status, body: answer.body,
            retryAfter: answer.headers["retry-after"].flatMap { Double($0) })
    }
}
