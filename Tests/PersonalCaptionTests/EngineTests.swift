import Foundation
import ImageCodecs
import Synchronization
import Testing
import VLMRuntime
import WebClient

@testable import PersonalCaption

/// Requests to engines: what is sent, what is believed, when it is tried again.
struct EngineTests {
    @Test(arguments: [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/v1", true),
        ("http://localhost:8000/v1/", "http://localhost:8000/v1", true),
        ("https://example.org/api/v3", "https://example.org/api/v3", false),
        ("http://[::1]:8000/v1/chat/completions", "http://[::1]:8000/v1", true),
        (" http://10.0.0.7:9 ", "http://10.0.0.7:9/v1", false),
        ("http://127.0.0.1.evil.org", "http://127.0.0.1.evil.org/v1", false),
    ])
    func addressesAreRead(text: String, base: String, isLoopback: Bool) throws {
        let address = try EngineAddress(text)
        #expect(address.description == base)
        #expect(address.isLoopback == isLoopback)
    }

    @Test(arguments: [
        "", "localhost:8000", "ftp://host", "http://", "http://user:secret@host/v1",
        "http://host/v1?key=1", "http://ho st", "http://host/\u{1B}[2J",
    ])
    func otherAddressesAreRefused(text: String) {
        #expect(throws: EngineError.self) { try EngineAddress(text) }
        do {
            _ = try EngineAddress(text)
        } catch {
            #expect(!"\(error)".contains("secret"))
        }
    }

    @Test func pausesGrowAndAreSpread() {
        let retry = EngineRetry(first: 0.5, longest: 30, patience: 120)
        #expect(retry.pause(failures: 1, asked: nil, draw: 0) == 0.25)
        #expect(retry.pause(failures: 3, asked: nil, draw: 0.5) == 1.5)
        #expect(retry.pause(failures: 100, asked: nil, draw: 0) == 15)
        #expect(retry.pause(failures: 1, asked: 7, draw: 0) == 7, "Retry-After is honoured")
        #expect(retry.pause(failures: 1, asked: 7, draw: 0.99) >= 7)
        #expect(retry.pause(failures: 1, asked: -3, draw: 0) == 0)
    }

    @Test func theLeastBusyEngineThatIsWellIsAsked() {
        var choice = EngineChoice(count: 3)
        #expect(Set((0..<3).map { _ in choice.next(at: 0).index }) == [0, 1, 2])
        let hadFailed = choice.answered(1)
        #expect(!hadFailed)
        #expect(choice.next(at: 0).index == 1)
        choice.failed(1, restsUntil: 10)
        #expect((0..<4).allSatisfy { _ in choice.next(at: 5).index != 1 })
        for index in [0, 2] { choice.failed(index, restsUntil: 20) }
        let (index, from) = choice.next(at: 5)
        #expect(index == 1 && from == 10, "when all rest, the one that rests least long")
        #expect(choice.next(at: 11).from == 11)
    }

    @Test func picturesAreSentAsTheModelSeesThem() throws {
        let picture = RGBImage(
            width: 300, height: 200,
            pixels: (0..<300 * 200 * 3).map { UInt8(truncatingIfNeeded: $0 * 7) })
        let request = EngineRequest(
            model: "m",
            messages: [
                ChatMessage(.system, text: "be brief"),
                ChatMessage(
                    .user,
                    [.image(ImageInput(picture, pixelBudget: 12_544...12_544)), .text("what?")]),
            ],
            options: SamplingOptions(
                temperature: 0.5, topK: 3, topP: 0.5, repetitionPenalty: 1.05, seed: 7,
                maxNewTokens: 9))
        let (body, images) = try request.body()
        let json = try #require(JSONSerialization.jsonObject(with: body) as? [String: Any])
        #expect(json["model"] as? String == "m" && json["max_tokens"] as? Int == 9)
        #expect(json["top_k"] as? Int == 3 && json["seed"] as? Int == 7)
        #expect(json["repetition_penalty"] as? Double == 1.05)
        let messages = try #require(json["messages"] as? [[String: Any]])
        #expect(messages[0]["content"] as? String == "be brief")
        let parts = try #require(messages[1]["content"] as? [[String: Any]])
        let url = (parts[0]["image_url"] as? [String: String])?["url"] ?? ""
        let data = try #require(Data(base64Encoded: String(url.dropFirst(22))))
        let sent = try ImageDecoder.decode(data, name: "sent").flattened()
        #expect(sent.width % 28 == 0 && sent.height % 28 == 0)
        #expect(
            sent == Resampler.bicubic(picture, width: sent.width, height: sent.height),
            "nothing is lost on the way")
        #expect(images.count == 1)
        #expect(images[0].originalWidth == 300 && images[0].resizedWidth == sent.width)
    }

    /// A picture has whole cells of the network on the server, which its name tells.
    @Test(arguments: [("Qwen2.5-VL-3B", 308, 196), ("CapRL-Qwen3VL-4B", 288, 192)])
    func pictureSizesFollowTheFamily(model: String, width: Int, height: Int) throws {
        let picture = RGBImage(
            width: 300, height: 200, pixels: [UInt8](repeating: 9, count: 300 * 200 * 3))
        let request = EngineRequest(
            model: model, messages: [ChatMessage(.user, [.image(ImageInput(picture))])],
            options: SamplingOptions())
        let image = try #require(request.body().images.first)
        #expect(image.resizedWidth == width && image.resizedHeight == height)
    }

    @Test func loopbackIsExemptFromProxies() {
        #expect(ProxyExemption.list(nil, adding: ["127.0.0.1"]) == "127.0.0.1")
        #expect(
            ProxyExemption.list(" a.org, ,localhost", adding: ["::1", "localhost"])
                == "a.org,localhost,::1")
        #expect(ProxyExemption.list("*", adding: ["127.0.0.1"]) == "*")
    }

    private struct Scripted: EngineTransport {
        let answers: @Sendable (Int, EngineExchange) throws -> EngineResponse
        let count = Counter()

        func send(_ exchange: EngineExchange) async throws -> EngineResponse {
            try answers(count.next(), exchange)
        }
    }

    private final class Counter: Sendable {
        private let value = Mutex(0)
        func next() -> Int {
            value.withLock { value in
                defer { value += 1 }
                return value
            }
        }
        var total: Int { value.withLock { $0 } }
    }

    private static func said(_ text: String) -> EngineResponse {
        let body =
            #"{"choices": [{"message": {"content": "\#(text)"}, "finish_reason": "length"}], "#
            + #""usage": {"prompt_tokens": 5, "completion_tokens": 2}}"#
        return EngineResponse(status: 200, body: Data(body.utf8), retryAfter: nil)
    }

    private func pool(
        _ count: Int = 1, patience: Double = 300,
        _ answers: @escaping @Sendable (Int, EngineExchange) throws -> EngineResponse
    ) throws -> (EnginePool, Counter) {
        let transport = Scripted(answers: answers)
        let engines = try (0..<count).map { try EngineAddress("http://127.0.0.1:\(9000 + $0)") }
        let retry = EngineRetry(first: 0.001, longest: 0.01, patience: patience)
        var options = EnginePool.Options(engines: engines, retry: retry)
        options.onNotice = { [notices] in notices.append($0) }
        return (EnginePool(options, transport: transport), transport.count)
    }

    private final class Notices: Sendable {
        private let value = Mutex<[EngineNotice]>([])
        func append(_ notice: EngineNotice) { value.withLock { $0.append(notice) } }
        var all: [EngineNotice] { value.withLock { $0 } }
    }

    private let notices = Notices()

    @Test func failuresAreTriedAgainUntilOneAnswers() async throws {
        let (pool, count) = try pool { number, _ in
            switch number {
            case 0: throw WebFailure("nobody is there")
            case 1: EngineResponse(status: 503, body: Data(), retryAfter: 0.01)
            case 2: EngineResponse(status: 429, body: Data(), retryAfter: nil)
            default: Self.said("well")
            }
        }
        let result = try await EngineModel(pool, name: "m").answer(
            [ChatMessage(.user, text: "hi")], options: SamplingOptions())
        #expect(result.text == "well" && result.finishReason == .length)
        #expect(result.usage.generatedTokens == 2)
        #expect(count.total == 4)
        let engine = "http://127.0.0.1:9000/v1"
        #expect(
            notices.all == [
                .silent(engine: engine, reason: "nobody is there", patience: 300),
                .back(engine: engine),
            ], "said once, however often it is tried")
    }

    @Test func anotherEngineIsAskedAtOnce() async throws {
        let (pool, _) = try pool(2) { _, exchange in
            guard exchange.url.port == 9001 else { throw WebFailure("too slow") }
            return Self.said("from the second")
        }
        let reply = try await pool.chat(Data())
        #expect(reply.text == "from the second")
    }

    @Test func serversThatRefuseSizesAreAskedWithoutThem() async throws {
        let (pool, count) = try pool { _, exchange in
            let body = String(decoding: exchange.body ?? Data(), as: UTF8.self)
            guard body.contains(EngineRequest.sizesMember) else { return Self.said("well") }
            let refusal = #"{"error": {"message": "Per-request mm_processor_kwargs are disabled"}}"#
            return EngineResponse(status: 400, body: Data(refusal.utf8), retryAfter: nil)
        }
        let picture = RGBImage(
            width: 56, height: 56, pixels: [UInt8](repeating: 9, count: 56 * 56 * 3))
        let input = ImageInput(picture, pixelBudget: 3_136...3_136)
        let model = EngineModel(pool, name: "m")
        for calls in [2, 3] {
            let result = try await model.answer(
                [ChatMessage(.user, [.image(input)])], options: SamplingOptions())
            #expect(result.text == "well")
            #expect(count.total == calls, "the refusal is remembered")
        }
        #expect(notices.all == [.sizesRefused(engine: "http://127.0.0.1:9000/v1")])
        #expect(notices.all.first?.description.contains("--trust-request-mm-kwargs") == true)
    }

    @Test func whatCannotHelpIsNotTriedAgain() async throws {
        let (pool, count) = try pool { _, _ in
            EngineResponse(
                status: 400, body: Data(#"{"error": {"message": "too long"}}"#.utf8),
                retryAfter: nil)
        }
        await #expect(throws: EngineError.self) { try await pool.chat(Data()) }
        #expect(count.total == 1)
        let (redirecting, _) = try self.pool { _, _ in
            EngineResponse(status: 302, body: Data(), retryAfter: nil)
        }
        await #expect(throws: EngineError.self) { try await redirecting.chat(Data()) }
    }

    @Test func patienceEnds() async throws {
        let (pool, count) = try pool(patience: 0) { _, _ in throw WebFailure("no such host") }
        await #expect(throws: EngineError.self) { try await pool.chat(Data()) }
        #expect(count.total >= 1)
    }

    @Test func nonsenseIsNotAnAnswer() async throws {
        for body in ["", "[]", "{\"choices\": []}", "<html>"] {
            let (pool, _) = try pool { _, _ in
                EngineResponse(status: 200, body: Data(body.utf8), retryAfter: nil)
            }
            await #expect(throws: EngineError.self) { try await pool.chat(Data()) }
        }
        #expect(
            EngineReply.message(Data("line\none".utf8)) == "line one")
        #expect(EngineReply.models(Data(#"{"data": [{"id": "a"}]}"#.utf8)) == ["a"])
    }
}
