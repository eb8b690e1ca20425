import Foundation
import Testing
import VLMRuntime

@testable import StudioServer

/// The parts that decide, without a server around them.
struct PolicyTests {
    @Test(arguments: 1...7)
    func stopsAreFoundHoweverTheTextComes(size: Int) {
        let cases: [(text: String, stops: [String], kept: String, found: Bool)] = [
            ("one two three", ["two"], "one ", true),
            ("one two three", ["zwei"], "one two three", false),
            ("aaab", ["aab"], "a", true),
            ("abcd", ["abcX", "bc"], "a", true),
            ("ends with a half st", ["stop"], "ends with a half st", false),
            ("über <|x|>", ["<|x|>"], "über ", true),
            ("same", ["same"], "", true),
            ("no stops", [], "no stops", false),
        ]
        for (text, stops, kept, found) in cases {
            var scanner = StopScanner(stops)
            var result = ""
            var rest = Substring(text)
            while !rest.isEmpty {
                result += scanner.append(String(rest.prefix(size)))
                rest = rest.dropFirst(size)
            }
            result += scanner.finish()
            #expect(result == kept, "\(text) in pieces of \(size)")
            #expect(scanner.isDone == found)
        }
    }

    @Test func keysAreComparedWhole() throws {
        let keys = try APIKeys(text: "# ours\n\n first-key-1\nsecond-key\n", file: "f")
        #expect(keys.isRequired)
        for good in ["Bearer first-key-1", "bearer second-key", "Bearer  second-key "] {
            #expect(keys.accept(good), "\(good)")
        }
        for bad in [
            nil, "", "Bearer", "Bearer ", "Bearer first-key", "Bearer first-key-11",
            "Basic first-key-1", "first-key-1", "Bearer second-keysecond-key",
        ] { #expect(!keys.accept(bad), "\(bad ?? "nothing")") }
        #expect(APIKeys.none.accept(nil))
        #expect(!APIKeys.isEqual(Array("abab".utf8), Array("ab".utf8)))
        for text in ["", "# none\n", "short", "with a space in it"] {
            #expect(throws: APIKeys.Problem.self) { try APIKeys(text: text, file: "f") }
        }
    }

    @Test func onlyLoopbackNeedsNoKey() throws {
        for host in ["127.0.0.1", "127.8.9.1", "localhost", "LOCALHOST", "::1", "[::1]"] {
            #expect(HostPolicy.isLoopback(host), "\(host)")
            #expect(CaptionServer.Options(host: host).objection == nil)
        }
        for host in ["0.0.0.0", "::", "192.168.1.5", "127.0.0.1.evil.org", "127.1", "example.org"] {
            #expect(!HostPolicy.isLoopback(host), "\(host)")
            #expect(CaptionServer.Options(host: host).objection != nil)
        }
        let keys = try APIKeys(text: "some-long-key", file: "f")
        #expect(CaptionServer.Options(host: "0.0.0.0", keys: keys).objection == nil)
        #expect(HostPolicy.accepts(authority: "localhost:8000"))
        #expect(HostPolicy.accepts(authority: "[::1]:8000"))
        #expect(!HostPolicy.accepts(authority: "evil.org:8000"))
        #expect(!HostPolicy.accepts(authority: "localhost.evil.org"))
    }

    @Test func theQueueIsBoundedAndTheBatchNeedsNone() {
        let policy = SchedulingPolicy(batch: 4, queue: 2)
        #expect(policy.admits(1, waiting: 0, running: 0))
        #expect(policy.admits(6, waiting: 0, running: 0))
        #expect(!policy.admits(7, waiting: 0, running: 0))
        #expect(policy.admits(1, waiting: 1, running: 4))
        #expect(!policy.admits(1, waiting: 2, running: 4))
        #expect(!SchedulingPolicy(batch: 1, queue: 0).admits(1, waiting: 0, running: 1))
        #expect(policy.retryAfter(waiting: 0, secondsPerAnswer: 0) == 1)
        #expect(policy.retryAfter(waiting: 8, secondsPerAnswer: 2.5) == 8)
        #expect(policy.retryAfter(waiting: 800, secondsPerAnswer: 2.5) == 60)
        #expect(policy.retryAfter(waiting: 1, secondsPerAnswer: .nan) == 60)
        #expect(policy.isStepDue(sinceLastStep: 0.2, lastStep: 0.1))
        #expect(!policy.isStepDue(sinceLastStep: 0.05, lastStep: 0.1))
    }

    @Test func heldBytesComeBack() {
        let all = HeldBytes(limit: 100)
        do {
            let share = HeldBytes.Share(of: all)
            #expect(share.take(60))
            #expect(!share.take(50))
            share.shrink(to: 10)
            #expect(all.value == 10)
            #expect(share.take(90))
            #expect(!HeldBytes.Share(of: all).take(1))
            withExtendedLifetime(share) {}
        }
        #expect(all.value == 0)
    }

    @Test func aStreamIsFramedAsOpenAIDoes() throws {
        var answer = StreamedAnswer(
            CompletionHead(id: "c", created: 1, model: "m"), answers: 1)
        var bytes = answer.opening(0)
        bytes += answer.data(0, .started)
        bytes += answer.data(0, .text("line\n\"end\" ü"))
        let result = JobResult(
            text: "t", reason: "length",
            usage: TokenUsage(promptTokens: 5, imageTokens: 1, generatedTokens: 2),
            cache: CacheUse(promptTokensReused: 3), timings: GenerationTimings())
        bytes += answer.data(0, .finished(result))
        #expect(answer.isOver)
        bytes += answer.end(includesUsage: true)
        let events = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\n\n")
        #expect(events.count == 6 && events[5].isEmpty)
        #expect(events[4] == "data: [DONE]")
        let documents = try events.prefix(4).map { event in
            try #require(
                JSONSerialization.jsonObject(with: Data(event.dropFirst(6).utf8))
                    as? [String: Any])
        }
        func choice(_ index: Int) -> [String: Any] {
            (documents[index]["choices"] as? [[String: Any]])?.first ?? [:]
        }
        #expect((choice(0)["delta"] as? [String: String])?["role"] == "assistant")
        #expect((choice(1)["delta"] as? [String: String])?["content"] == "line\n\"end\" ü")
        #expect(choice(1)["finish_reason"] is NSNull)
        #expect(choice(2)["finish_reason"] as? String == "length")
        #expect((documents[3]["choices"] as? [Any])?.isEmpty == true)
        #expect((documents[3]["usage"] as? [String: Any])?["total_tokens"] as? Int == 7)
    }

    @Test func metricsAreInPrometheusFormat() {
        var values = ServerMetrics.Values()
        values.requests = [200: 3, 429: 1]
        values.firstToken.add(0.2)
        values.firstToken.add(3)
        let page = MetricsText.page(values, waiting: 2, running: 1, residentBytes: 5)
        let lines = page.split(separator: "\n").map(String.init)
        #expect(lines.contains("studio_http_responses_total{status=\"429\"} 1"))
        #expect(lines.contains("studio_requests_waiting 2"))
        #expect(lines.contains("studio_first_token_seconds_bucket{le=\"0.25\"} 1"))
        #expect(lines.contains("studio_first_token_seconds_bucket{le=\"+Inf\"} 2"))
        #expect(lines.contains("studio_first_token_seconds_count 2"))
        for line in lines where !line.hasPrefix("#") {
            #expect(Double(line.split(separator: " ").last ?? "") != nil, "\(line)")
        }
    }
}
