import Foundation
import WebClient

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

/// Carries requests over the network.
struct NetworkHubTransport: HubTransport {
    private let client: WebClient

    init(connections: Int) { client = WebClient(connections: connections) }

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
        let answer = try await client.send(
            wire, limit: request.limit,
            patience: WebPatience(stall: request.stall, seconds: request.seconds))
        return HubResponse(
            status: answer.status, headers: answer.headers, body: answer.body,
            failure: answer.isTooLong
                ? "more came than was asked for" : answer.failure.map(WebFailure.words))
    }
}
