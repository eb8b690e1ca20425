import Foundation
import WebClient

/// Asks a hub, follows where it sends us, and tries again where that may help.
struct HubClient: Sendable {
    let endpoint: HubEndpoint
    let token: String?
    let retry: HubRetry
    let transport: any HubTransport

    /// Longest list of files.
    private static let largestListing = 32 << 20

    /// The files of a model.
    ///
    /// - Throws: `HubError`, or `CancellationError`.
    func listing(of repository: RepositoryName) async throws -> HubListing {
        let url = endpoint.listing(of: repository)
        var failures = 0
        while true {
            let outcome = try await exchange(
                url, range: nil, limit: Self.largestListing, what: Self.name(of: repository))
            switch outcome {
            case .answer(let response, _) where response.failure == nil:
                return try HubListing(response.body, hub: endpoint.description)
            case .answer(let response, _):
                failures += 1
                try await rest(failures, nil, response.failure ?? "the list ended early")
            case .again(let reason, let asked):
                failures += 1
                try await rest(failures, asked, reason)
            }
        }
    }

    enum Outcome: Sendable {
        /// 200 or 206, and the address it came from in the end.
        case answer(HubResponse, from: URL)
        case again(reason: String, after: Double?)
    }

    /// One request, redirects included.
    ///
    /// - Parameter isCached: whether the address is one that the hub sent us to before.
    /// - Throws: `HubError` where trying again would not help, or `CancellationError`.
    func exchange(
        _ start: URL, range: Range<Int>?, limit: Int, what: String, isCached: Bool = false
    ) async throws -> Outcome {
        var url = start
        for _ in 0...HubRedirect.most {
            let shown = HubRedirect.takesToken(url, endpoint: endpoint) ? token : nil
            let response: HubResponse
            do {
                response = try await transport.send(
                    HubRequest(
                        url: url, range: range, token: shown, limit: limit, stall: retry.stall,
                        seconds: retry.limit(bytes: range?.count ?? min(limit, 1 << 20))))
            } catch {
                if Task.isCancelled || error is CancellationError { throw CancellationError() }
                return .again(reason: WebFailure.words(error), after: nil)
            }
            if Task.isCancelled { throw CancellationError() }
            switch response.status {
            case 200, 206: return .answer(response, from: url)
            case 301, 302, 303, 307, 308:
                guard let next = HubRedirect.target(of: response.headers["location"], from: url)
                else {
                    throw HubError.malformed(
                        hub: endpoint.description, reason: "it redirects to nowhere allowed")
                }
                url = next
            case let status where Backoff.isWorthwhile(status: status):
                let asked = response.headers["retry-after"].flatMap { Double($0) }
                return .again(reason: "status \(status)", after: asked)
            default:
                // An address we were sent to is good for a while only.
                if isCached || url != start {
                    return .again(reason: "status \(response.status)", after: nil)
                }
                throw refusal(response, what)
            }
        }
        throw HubError.malformed(hub: endpoint.description, reason: "its redirects have no end")
    }

    /// Waits before the next try.
    ///
    /// - Throws: `HubError.unreachable` when there were enough, or `CancellationError`.
    func rest(_ failures: Int, _ asked: Double?, _ reason: String) async throws {
        guard failures < retry.tries else {
            throw HubError.unreachable(
                hub: endpoint.description, reason: HubText.line(reason, limit: 160))
        }
        let pause = retry.pause(
            failures: failures, asked: asked, draw: Double.random(in: 0..<1))
        try await Task.sleep(for: .seconds(pause))
    }

    static func name(of repository: RepositoryName) -> String {
        repository.revision == "main"
            ? "'\(repository)'" : "'\(repository)' at '\(repository.revision)'"
    }

    private func refusal(_ response: HubResponse, _ what: String) -> HubError {
        let hub = endpoint.description
        switch response.status {
        case 404: return .notFound(what, hub: hub)
        case 401, 403: return .notAllowed(what, hub: hub, hasToken: token != nil)
        default:
            let told = response.headers["x-error-message"]
            let text = told ?? String(decoding: response.body.prefix(200), as: UTF8.self)
            return .refused(
                status: response.status, message: HubText.line(text, limit: 200), hub: hub)
        }
    }
}

/// Outside text in one line.
enum HubText {
    static func line(_ text: String, limit: Int) -> String {
        let words = text.split { $0.isWhitespace || $0.isNewline }.joined(separator: " ")
        let plain = String(
            words.unicodeScalars.filter { !($0.value < 32 || (127...159).contains($0.value)) }
                .prefix(limit).map(Character.init))
        return plain.isEmpty ? "it does not say why." : plain
    }
}
