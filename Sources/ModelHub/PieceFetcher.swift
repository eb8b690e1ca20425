import Foundation
import Synchronization

/// Brings pieces of one file, each in as many requests as it takes.
final class PieceFetcher: Sendable {
    private let client: HubClient
    private let piece: Int
    private let name: String
    private let hubAddress: URL
    private let what: String
    /// Where the hub sent us last; such addresses are good for a while.
    private let place = Mutex<URL?>(nil)

    init(_ client: HubClient, _ options: ModelPull.Options, _ name: String, _ commit: String) {
        self.client = client
        piece = options.piece
        self.name = name
        hubAddress = client.endpoint.file(name, of: options.repository, commit: commit)
        what = "'\(name)' of '\(options.repository)'"
    }

    /// The length and hash of a file, from the answer to a request for its first byte.
    func facts() async throws -> (size: Int, digest: HubListing.Digest?) {
        var failures = 0
        while true {
            let outcome = try await client.exchange(
                hubAddress, range: 0..<1, limit: 1, what: what)
            switch outcome {
            case .answer(let response, _):
                guard let size = Self.size(response) else {
                    throw malformed("it does not say how long '\(name)' is")
                }
                let told = response.headers["x-linked-etag"] ?? response.headers["etag"]
                return (size, HubListing.Digest(told))
            case .again(let reason, let asked):
                failures += 1
                try await client.rest(failures, asked, reason)
            }
        }
    }

    /// The length of all of it.
    static func size(_ response: HubResponse) -> Int? {
        let text =
            response.status == 206
            ? response.headers["content-range"]?.split(separator: "/").last.map(String.init)
            : response.headers["x-linked-size"] ?? response.headers["content-length"]
        return text.flatMap { Int($0) }.flatMap { (0...(1 << 42)).contains($0) ? $0 : nil }
    }

    /// Brings a piece and puts it in its place; what comes before a break is kept.
    ///
    /// - Parameter onBytes: called with the number of bytes that came.
    func fetch(
        _ range: Range<Int>, of file: FileDownload, onBytes: (Int) -> Void
    ) async throws {
        var rest = range
        var failures = 0
        while !rest.isEmpty {
            let cached = place.withLock { $0 }
            let start = ContinuousClock.now
            let outcome = try await client.exchange(
                cached ?? hubAddress, range: rest, limit: rest.count, what: what,
                isCached: cached != nil)
            var reason: String
            var asked: Double?
            switch outcome {
            case .answer(let response, let url):
                try check(response, rest, size: file.size)
                try file.put(response.body, at: rest.lowerBound)
                onBytes(response.body.count)
                rest = rest.lowerBound + response.body.count..<rest.upperBound
                place.withLock { $0 = url }
                if rest.isEmpty { return }
                reason = response.failure ?? "the connection ended early"
                let seconds = (ContinuousClock.now - start) / .seconds(1)
                if client.retry.isProgress(bytes: response.body.count, seconds: seconds) {
                    failures = 0
                }
            case .again(let why, let after):
                reason = why
                asked = after
            }
            place.withLock { $0 = nil }
            failures += 1
            try await client.rest(failures, asked, reason)
        }
    }

    /// Whether what comes is what was asked for.
    private func check(_ response: HubResponse, _ range: Range<Int>, size: Int) throws {
        if response.status == 200 {
            // A server without ranges sends all; that is right for a file of one piece only.
            guard range.lowerBound == 0, range.upperBound == size else {
                throw malformed("it does not send parts of files")
            }
            if let told = response.headers["content-length"].flatMap({ Int($0) }), told != size {
                throw malformed("'\(name)' has \(told) bytes, not \(size) as it said")
            }
            return
        }
        let told = response.headers["content-range"] ?? ""
        guard told.hasPrefix("bytes \(range.lowerBound)-"), told.hasSuffix("/\(size)") else {
            throw malformed("it sends other parts of '\(name)' than was asked for")
        }
    }

    private func malformed(_ reason: String) -> HubError {
        .malformed(hub: client.endpoint.description, reason: reason)
    }
}
