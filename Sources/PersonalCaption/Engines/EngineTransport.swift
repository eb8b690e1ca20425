import Foundation
import WebClient

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

/// Carries requests over the network.
struct NetworkTransport: EngineTransport {
    /// Longest answer, in bytes.
    static let largestAnswer = 16 << 20

    private let client: WebClient

    /// - Parameter connections: most at a time to one engine.
    init(connections: Int) { client = WebClient(connections: connections) }

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
        let answer = try await client.send(request, limit: Self.largestAnswer)
        if let failure = answer.failure { throw failure }
        if answer.isTooLong { throw URLError(.dataLengthExceedsMaximum) }
        return EngineResponse(
            status: answer.status, body: answer.body,
            retryAfter: answer.headers["retry-after"].flatMap { Double($0) })
    }
}
