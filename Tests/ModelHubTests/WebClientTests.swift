import Foundation
import Testing
import WebClient

/// What becomes of requests when the other side or the caller does not play along.
@Suite(.timeLimit(.minutes(2))) struct WebClientTests {
    private let bytes = Data((0..<20_000).map { UInt8(truncatingIfNeeded: $0) })

    private func server(_ fault: HubImitation.Fault = .none) throws -> HubImitation {
        try HubImitation(["f": bytes]) { _ in fault }
    }

    private func request(
        _ server: HubImitation, limit: Int = 1 << 20, stall: Double = 60, seconds: Double = 60
    ) throws -> WebRequest {
        let url = try #require(URL(string: "http://127.0.0.1:\(server.port)/f"))
        return WebRequest(url, limit: limit, stall: stall, seconds: seconds)
    }

    @Test func answersComeWhole() async throws {
        let server = try server()
        defer { server.end() }
        var request = try request(server)
        request.headers = ["X-Test": "one", "Range": "bytes=5-14"]
        let client = WebClient(connections: 2)
        let answer = try await client.send(request)
        #expect(answer.status == 206 && answer.body == bytes[5..<15])
        #expect(answer.headers["content-range"] == "bytes 5-14/20000")
        #expect(answer.failure == nil && !answer.isTooLong)
        let sent = try #require(server.requests.first)
        #expect(sent.headers["x-test"] == "one")
        // Handles are used again.
        for _ in 0..<5 { #expect(try await client.send(request).body.count == 10) }
    }

    @Test func redirectsAreLeftToTheCaller() async throws {
        let server = try server(.redirect("http://127.0.0.1:1/elsewhere"))
        defer { server.end() }
        let answer = try await WebClient(connections: 1).send(request(server))
        #expect(answer.status == 302)
        #expect(answer.headers["location"] == "http://127.0.0.1:1/elsewhere")
    }

    @Test func aLongAnswerIsCut() async throws {
        let server = try server()
        defer { server.end() }
        let answer = try await WebClient(connections: 1).send(request(server, limit: 100))
        #expect(answer.isTooLong && answer.body == bytes.prefix(100) && answer.failure == nil)
    }

    @Test func aCutAnswerSaysSo() async throws {
        let server = try server(.drop(after: 77))
        defer { server.end() }
        let answer = try await WebClient(connections: 1).send(request(server))
        #expect(answer.failure != nil && answer.body == bytes.prefix(77))
    }

    @Test func silenceEnds() async throws {
        let server = try server(.stall)
        defer { server.end() }
        let answer = try await WebClient(connections: 1).send(request(server, stall: 0.3))
        #expect(answer.failure == WebFailure("nothing came for 1 s"))
        let late = try await WebClient(connections: 1).send(request(server, seconds: 0.3))
        #expect(late.failure == WebFailure("it took longer than 1 s"))
    }

    @Test func cancellingEndsARequestThatWaits() async throws {
        let server = try server(.stall)
        defer { server.end() }
        let client = WebClient(connections: 1)
        let request = try request(server)
        let task = Task { try await client.send(request) }
        while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func nobodyAndOtherProtocolsAreFailures() async throws {
        let client = WebClient(connections: 1)
        for address in ["http://127.0.0.1:1/", "file:///etc/hostname", "gopher://127.0.0.1/"] {
            let url = try #require(URL(string: address))
            await #expect(throws: WebFailure.self) {
                try await client.send(WebRequest(url, limit: 100, stall: 5, seconds: 5))
            }
        }
    }

    @Test func aHeaderStaysOnItsLine() async throws {
        let server = try server()
        defer { server.end() }
        var request = try request(server)
        request.headers["Authorization"] = "Bearer a\r\nX-Other: b"
        await #expect(throws: WebFailure.self) {
            try await WebClient(connections: 1).send(request)
        }
        #expect(server.requests.isEmpty)
    }
}
