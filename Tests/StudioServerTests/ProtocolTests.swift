import Foundation
import ImageCodecs
import Testing
import VLMRuntime

@testable import StudioServer

/// What requests are understood, and which are refused with what.
struct ProtocolTests {
    static func picture(width: Int = 40, height: Int = 30) throws -> Data {
        try ImageEncoder.png(
            RGBAImage(
                RGBImage(
                    width: width, height: height,
                    pixels: (0..<width * height * 3).map { UInt8(truncatingIfNeeded: $0 * 7) })))
    }

    private func check(
        _ json: String, limits: ServerLimits = ServerLimits()
    ) throws(APIError) -> CheckedRequest {
        try CheckedRequest(ChatCompletionRequest.read(Data(json.utf8)), limits: limits)
    }

    private func refusal(_ json: String, limits: ServerLimits = ServerLimits()) -> APIError? {
        do throws(APIError) {
            _ = try check(json, limits: limits)
            return nil
        } catch {
            return error
        }
    }

    private let hello = #""messages": [{"role": "user", "content": "hi"}]"#

    @Test func allMembersAreRead() throws {
        let data = try Self.picture().base64EncodedString()
        let request = try check(
            """
            {"model": "m", "messages": [
              {"role": "developer", "content": "be brief"},
              {"role": "user", "content": [
                {"type": "image_url", "image_url": {"url": "data:image;base64,\(data)"}},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,\(data)", "detail": "low"}},
                {"type": "text", "text": "what?"}]}],
             "temperature": 0.5, "top_p": 0.25, "top_k": -1, "repetition_penalty": 1.05,
             "max_tokens": 5, "max_completion_tokens": 7, "min_tokens": 2, "seed": 9, "n": 2,
             "stop": "x", "stream": true, "stream_options": {"include_usage": true},
             "logprobs": false, "tools": [], "presence_penalty": 0, "user": {"any": ["thing"]},
             "response_format": {"type": "text"}}
            """)
        #expect(request.messages.map(\.role) == [.system, .user])
        #expect(request.messages[1].parts.count == 3)
        if case .picture(let bytes, let name, let isSmall) = request.messages[1].parts[1] {
            #expect(bytes == Data(base64Encoded: data) && isSmall)
            #expect(name == "messages[1].content[1]")
        } else {
            Issue.record("the second part is a picture")
        }
        #expect(request.sampling.maxTokens == 7, "the newer name counts")
        #expect(request.stops == ["x"] && request.answers == 2)
        #expect(request.streams && request.includesUsage)
        let options = request.sampling.options(
            over: SamplingOptions(repetitionPenalty: 2), drawn: 4)
        #expect(
            options
                == SamplingOptions(
                    temperature: 0.5, topK: 0, topP: 0.25, repetitionPenalty: 1.05, seed: 9,
                    maxNewTokens: 7, minNewTokens: 2))
    }

    @Test func aSeedIsDrawnOnlyWhereItMatters() {
        let greedy = CheckedRequest.Sampling().options(over: SamplingOptions(), drawn: 4)
        #expect(greedy.seed == 0)
        var hot = CheckedRequest.Sampling()
        hot.temperature = 1
        #expect(hot.options(over: SamplingOptions(), drawn: 4).seed == 4)
    }

    @Test(arguments: [
        ("", nil), ("[]", nil), ("{\"messages\": 3}", "messages"), ("{}", "messages"),
        (#"{"messages": []}"#, "messages"),
        (#"{"messages": [{"role": "user"}]}"#, "messages[0].content"),
        (
            #"{"messages": [{"role": "boss", "content": "a"}, {"role": "user", "content": "b"}]}"#,
            "messages[0].role"
        ),
        (#"{"messages": [{"role": "assistant", "content": "hi"}]}"#, "messages"),
        (
            #"{"messages": [{"role": "user", "content": [{"type": "audio"}]}]}"#,
            "messages[0].content[0]"
        ),
        (
            #"{"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,%%%"}}]}]}"#,
            "messages[0].content[0]"
        ),
        (
            #"{"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:text/html;base64,aGk="}}]}]}"#,
            "messages[0].content[0]"
        ),
        (
            #"{"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png,abc"}}]}]}"#,
            "messages[0].content[0]"
        ),
        (
            #"{"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}]}]}"#,
            "messages[0].content[0]"
        ),
        (
            #"{"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "file:///etc/passwd"}}]}]}"#,
            "messages[0].content[0]"
        ),
    ])
    func badMessagesAreRefused(json: String, parameter: String?) throws {
        let error = try #require(refusal(json))
        #expect(error.status == 400)
        #expect(error.parameter == parameter, "\(error.message)")
        #expect(!error.message.isEmpty)
    }

    @Test(arguments: [
        "temperature\": -1", "temperature\": 1e300", "temperature\": \"hot", "top_p\": 1.5",
        "top_k\": -2", "top_k\": 1.5", "repetition_penalty\": 0", "max_tokens\": 0",
        "max_tokens\": 99999999999999999999", "min_tokens\": -1", "n\": 0", "n\": 9",
        "stop\": [1]", "stop\": \"", "logprobs\": true", "min_p\": 0.1",
        "tools\": [{}]", "presence_penalty\": 1", "response_format\": {\"type\": \"json_object\"}",
        "seed\": 1.5", "stream\": \"yes", "concepts\": [1]",
    ])
    func badMembersAreRefused(member: String) throws {
        let quotes = member.filter { $0 == "\"" }.count
        let closed = quotes % 2 == 0 ? member + "\"" : member
        let error = try #require(refusal("{\(hello), \"\(closed)}"))
        #expect(error.status == 400)
        let name = String(member.prefix { $0 != "\"" })
        // The decoder does not say which number it could not take.
        #expect(
            error.message.contains(name) || error.message.contains("numbers"), "\(error.message)")
    }

    @Test func picturesAreCountedAndMeasured() throws {
        let data = try Self.picture().base64EncodedString()
        let part = #"{"type": "image_url", "image_url": {"url": "data:image/png;base64,\#(data)"}}"#
        func json(_ count: Int) -> String {
            let parts = Array(repeating: part, count: count).joined(separator: ",")
            return #"{"messages": [{"role": "user", "content": [\#(parts)]}]}"#
        }
        #expect(refusal(json(3), limits: ServerLimits(pictures: 2))?.status == 400)
        #expect(refusal(json(3), limits: ServerLimits(pixels: 3600)) == nil)
        #expect(refusal(json(3), limits: ServerLimits(pixels: 3599))?.status == 413)
        let small = ServerLimits(picture: ImageLimits(maximumBytes: 50))
        #expect(refusal(json(1), limits: small)?.status == 413)
        let few = ServerLimits(picture: ImageLimits(maximumPixels: 1199))
        #expect(refusal(json(1), limits: few)?.status == 413)
    }

    @Test func aBombIsRefusedByItsHeader() throws {
        // A header that promises 60,000 × 60,000 pixels, and nothing behind it.
        var bytes = try Self.picture()
        bytes.replaceSubrange(16..<24, with: [0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60])
        let url = "data:image/png;base64,\(bytes.base64EncodedString())"
        let error = refusal(
            #"{"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": "\#(url)"}]}]}"#
        )
        #expect([400, 413].contains(error?.status))
    }

    @Test func missingPaddingIsForgiven() throws {
        let data = try DataURL.picture("data:image/png;base64,aGVsbG8", limit: 100, place: "x")
        #expect(data == Data("hello".utf8))
    }

    @Test func nestingDoesNotOverflowTheStack() {
        let deep = String(repeating: "[", count: 200_000)
        #expect(refusal(deep)?.status == 400)
        #expect(refusal("{\(hello), \"user\": \(deep)")?.status == 400)
    }

    @Test func modelsAreComparedWithThoseThereAre() throws {
        func route(_ model: String?, _ adapter: String?) -> Result<String?, APIError> {
            do throws(APIError) {
                return .success(
                    try ModelRouting.adapter(
                        model: model, adapter: adapter, base: "mini", adapters: ["a", "b"]))
            } catch {
                return .failure(error)
            }
        }
        #expect(route(nil, nil) == .success(nil))
        #expect(route("mini", nil) == .success(nil))
        #expect(route("a", nil) == .success("a"))
        #expect(route("mini", "b") == .success("b"))
        #expect(route("a", "a") == .success("a"))
        for (model, adapter) in [("a", "b"), ("../a", nil), ("mini", "../../etc"), ("", nil)] {
            guard case .failure(let error) = route(model, adapter) else {
                Issue.record("\(model) with \(adapter ?? "nothing") is refused")
                continue
            }
            #expect([400, 404].contains(error.status))
        }
    }
}
