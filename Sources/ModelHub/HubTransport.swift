import Foundation
import WebClient

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

/// Carries requests over the network.
struct NetworkHubTransport: HubTransport {
    private let client: WebClient

    init(connections: Int) { client = WebClient(connections: connections) }

    func send(_ request: HubRequest) async throws -> HubResponse {
        var wire = WebRequest(
            request.url, limit: request.limit, stall: request.stall, seconds: request.seconds)
        // Bytes are counted, so they must come as they are.
        wire.headers["Accept-Encoding"] = "identity"
        wire.headers["User-Agent"] = "personalization-studio"
        if let range = request.range {
            wire.headers["Range"] = "bytes=\(range.lowerBound)-\(range.upperBound - 1)"
        }
        if let token = request.token { wire.headers["Authorization"] = "Bearer \(token)" }
        let answer = try await client.send(wire)
        return HubResponse(
            status: answer.status, headers: answer.headers, body: answer.body,
            failure: answer.isTooLong
                ? "more came than was asked for" : answer.failure.map(WebFailure.words))
    }
}
