import Foundation
import ImageCodecs
import Testing
import VLMRuntime

@testable import StudioServer

/// Clients that mean harm, are broken, or go away.
@Suite(.timeLimit(.minutes(5))) struct HostileClientTests {
    /// As long as the context; held back, it does not end within a test.
    private let long =
        #"{"messages": [{"role": "user", "content": "go on"}], "max_tokens": 100000, "#
        + #""min_tokens": 100000, "repetition_penalty": 1"#

    /// Asks until the server says so; the test's time limit ends it otherwise.
    private func wait(_ running: RunningServer, for line: String) async throws {
        while true {
            let page = try await onThread { try RawClient.ask(running.port, "GET", "/metrics") }
            if page.body.split(separator: "\n").contains(where: { $0 == line }) { return }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// A client that has asked and does not listen yet.
    private func asking(_ running: RunningServer, _ json: String) async throws -> Unshared {
        try await onThread {
            let client = try RawClient(port: running.port)
            client.send(
                RawClient.head("POST", "/v1/chat/completions", length: json.utf8.count) + json)
            return Unshared(client)
        }
    }

    @Test func keysAreAskedFor() async throws {
        let keys = try APIKeys(text: "a-good-key", file: "f")
        let running = try await RunningServer(keys: keys)
        for (header, status) in [
            (nil, 401), ("Bearer a-bad-key1", 401), ("Bearer ", 401), ("Bearer a-good-key", 200),
        ] {
            let headers = header.map { ["Authorization": $0] } ?? [:]
            let answer = try await onThread {
                try RawClient.ask(running.port, "GET", "/v1/models", headers: headers)
            }
            #expect(answer.status == status)
            if status == 401 {
                let error = try answer.json()["error"] as? [String: Any]
                #expect(error?["code"] as? String == "invalid_api_key")
            }
        }
        let health = try await onThread { try RawClient.ask(running.port, "GET", "/health") }
        #expect(health.status == 200)
        try await running.end()
    }

    @Test func strangeNamesOfTheMachineAreRefused() async throws {
        let running = try await RunningServer()
        let answer = try await onThread {
            try RawClient.ask(running.port, "GET", "/v1/models", headers: ["Host": "evil.org"])
        }
        #expect(answer.status == 403)
        try await running.end()
    }

    @Test(arguments: [
        ("GET", "/v1/chat/completions", 405), ("POST", "/v1/models", 405), ("GET", "/", 404),
        ("GET", "/../../etc/passwd", 404), ("GET", "/v1/models/nope", 404),
        ("DELETE", "/health", 405),
    ])
    func wrongPathsAndMethods(method: String, path: String, status: Int) async throws {
        let running = try await RunningServer()
        let answer = try await onThread { try RawClient.ask(running.port, method, path) }
        #expect(answer.status == status)
        #expect(try answer.json()["error"] is [String: Any])
        try await running.end()
    }

    @Test func badBodiesHaveTheirStatus() async throws {
        let running = try await RunningServer(limits: ServerLimits(bodyBytes: 100_000))
        let picture = try ImageEncoder.png(
            RGBAImage(RunningServer.picture(width: 56, height: 56)))
        func json(_ data: Data) -> String {
            let url = "data:image/png;base64,\(data.base64EncodedString())"
            return
                #"{"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "\#(url)"}}]}]}"#
        }
        let cases: [(String, Int)] = [
            ("", 400), ("not json", 400), (#"{"messages": "#, 400),
            (String(repeating: "x", count: 100_001), 413),
            (json(picture.prefix(picture.count / 2)), 400), (json(Data("GIF89a".utf8)), 400),
            (#"{"model": "gpt-4", "messages": [{"role": "user", "content": "hi"}]}"#, 404),
            (
                #"{"model": "../../tiny", "messages": [{"role": "user", "content": "hi"}]}"#, 404
            ),
            (
                #"{"messages": [{"role": "user", "content": "\#(String(repeating: "long ", count: 15_000))"}]}"#,
                400
            ),
        ]
        for (body, status) in cases {
            for streams in [false, true] {
                let sent =
                    streams && body.hasSuffix("}")
                    ? body.dropLast() + #", "stream": true}"# : body
                let answer = try await onThread { try RawClient.chat(running.port, sent) }
                #expect(answer.status == status, "\(body.prefix(60)): \(answer.body)")
                #expect(try answer.json()["error"] is [String: Any])
            }
        }
        let after = try await onThread {
            try RawClient.chat(
                running.port,
                #"{"messages": [{"role": "user", "content": "hi"}], "max_tokens": 2}"#)
        }
        #expect(after.status == 200)
        try await running.end()
    }

    @Test func aBodyWithoutALengthIsHeldToTheLimit() async throws {
        let running = try await RunningServer(limits: ServerLimits(bodyBytes: 50_000))
        let answer = try await onThread {
            let client = try RawClient(port: running.port)
            client.send(
                "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n")
            let chunk = "2710\r\n" + String(repeating: "a", count: 10_000) + "\r\n"
            for _ in 0..<10 where !client.send(chunk) { break }
            return try client.answer()
        }
        #expect(answer.status == 413)
        try await running.end()
    }

    @Test func slowBodiesAreEnded() async throws {
        let running = try await RunningServer(
            limits: ServerLimits(bodySeconds: 0.3, idleSeconds: 5))
        let answer = try await onThread {
            let client = try RawClient(port: running.port)
            client.send(RawClient.head("POST", "/v1/chat/completions", length: 1000))
            client.send("{")
            return try client.answer()
        }
        #expect(answer.status == 408)
        try await running.end()
    }

    @Test func aSilentConnectionIsClosed() async throws {
        let running = try await RunningServer(limits: ServerLimits(idleSeconds: 0.3))
        let heard = try await onThread {
            let client = try RawClient(port: running.port)
            client.send("POST /v1/chat")
            return client.receive()
        }
        #expect(heard.isEmpty, "closed, not answered")
        try await running.end()
    }

    @Test(arguments: [true, false])
    func whoLeavesIsNotWorkedFor(streams: Bool) async throws {
        let running = try await RunningServer(
            limits: ServerLimits(batch: 1, queue: 4), pace: Pace(isHeld: true))
        let json = long + #", "stream": \#(streams)}"#
        let client = try await asking(running, json)
        try await wait(running, for: "studio_requests_running 1")
        // Another waits behind it, and leaves too.
        let second = try await asking(running, json)
        try await wait(running, for: "studio_requests_waiting 1")
        second.value.leave()
        try await wait(running, for: "studio_requests_waiting 0")
        client.value.leave()
        try await wait(running, for: "studio_requests_running 0")
        try await wait(running, for: "studio_requests_cancelled_total 2")
        try await running.end()
    }

    @Test func aFullQueueSaysWhenToComeBack() async throws {
        let running = try await RunningServer(
            limits: ServerLimits(batch: 1, queue: 1), pace: Pace(isHeld: true))
        let json = long + "}"
        var clients: [Unshared] = []
        for line in ["studio_requests_running 1", "studio_requests_waiting 1"] {
            clients.append(try await asking(running, json))
            try await wait(running, for: line)
        }
        let refused = try await onThread { try RawClient.chat(running.port, json) }
        #expect(refused.status == 429)
        #expect((refused.headers["retry-after"].flatMap { Int($0) } ?? 0) >= 1)
        for client in clients { client.value.leave() }
        try await wait(running, for: "studio_requests_running 0")
        try await running.end()
    }

    @Test func anEndLetsRunningAnswersFinish() async throws {
        let pace = Pace(isHeld: true)
        let running = try await RunningServer(pace: pace)
        let json =
            #"{"messages": [{"role": "user", "content": "go on"}], "max_tokens": 300, "#
            + #""min_tokens": 300, "repetition_penalty": 1}"#
        async let answer = onThread { try RawClient.chat(running.port, json) }
        try await wait(running, for: "studio_requests_running 1")
        running.server.shutdown()
        pace.release()
        try await running.end()
        let finished = try await answer
        #expect(finished.status == 200)
        let usage = try finished.json()["usage"] as? [String: Any]
        #expect(usage?["completion_tokens"] as? Int == 300)
        #expect(throws: (any Error).self) { try RawClient(port: running.port) }
    }

    @Test func anEndDoesNotWaitForEver() async throws {
        let running = try await RunningServer(
            limits: ServerLimits(batch: 1, drainSeconds: 0.2), pace: Pace(isHeld: true))
        let json = long + "}"
        async let answer = onThread { try RawClient.chat(running.port, json) }
        try await wait(running, for: "studio_requests_running 1")
        try await running.end()
        _ = try? await answer
    }
}

/// A client that one test hands from thread to thread.
struct Unshared: @unchecked Sendable {
    let value: RawClient
    init(_ value: RawClient) { self.value = value }
}
