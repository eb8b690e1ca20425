import Foundation
internal import Hummingbird

/// Receives a body within limits of size, time and memory.
struct BodyReader: Sendable {
    let limits: ServerLimits

    /// - Parameter share: grows by what is received.
    /// - Throws: `APIError`: 413 for a large body, 408 for a slow one, 429 when all requests
    ///   together hold too much.
    func read(_ request: Request, share: HeldBytes.Share) async throws -> Data {
        let declared = request.headers[.contentLength].flatMap { Int($0) } ?? 0
        guard declared <= limits.bodyBytes else { throw tooLarge }
        let body = request.body
        return try await withThrowingTaskGroup(of: Data.self) { group in
            group.addTask {
                var data = Data()
                for try await buffer in body {
                    let count = buffer.readableBytes
                    guard data.count + count <= limits.bodyBytes else { throw tooLarge }
                    guard share.take(count) else { throw crowded }
                    buffer.withUnsafeReadableBytes { data.append(contentsOf: $0) }
                }
                return data
            }
            group.addTask {
                try await Task.sleep(for: .seconds(limits.bodySeconds))
                throw APIError(
                    408, "The body did not arrive within \(Int(limits.bodySeconds)) s.",
                    code: "timeout")
            }
            defer { group.cancelAll() }
            return try await group.next() ?? Data()
        }
    }

    private var tooLarge: APIError {
        APIError(
            413, "The body has more than \(limits.bodyBytes >> 20) MiB.", code: "body_too_large")
    }

    private var crowded: APIError {
        .busy(retryAfter: 2, "The server holds too many large requests")
    }
}
