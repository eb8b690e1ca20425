import Foundation
import ImageCodecs
import PersonalCaption
import Testing
import VLMRuntime

@testable import StudioServer

/// A server as its clients see it.
@Suite(.timeLimit(.minutes(5))) struct ServerTests {
    private func body(
        _ text: String, tokens: Int = 8, seed: Int = 1, more: String = ""
    ) -> String {
        #"{"model": "tiny", "messages": [{"role": "user", "content": "\#(text)"}], "#
            + #""max_tokens": \#(tokens), "min_tokens": \#(tokens), "temperature": 1, "#
            + #""repetition_penalty": 1, "seed": \#(seed)\#(more)}"#
    }

    private func text(_ answer: RawClient.Answer) throws -> String {
        let choice = (try answer.json()["choices"] as? [[String: Any]])?.first
        return (choice?["message"] as? [String: Any])?["content"] as? String ?? "no text"
    }

    private func options(tokens: Int = 8, seed: Int = 1) -> SamplingOptions {
        SamplingOptions(
            temperature: 1, repetitionPenalty: 1, seed: UInt64(seed), maxNewTokens: tokens,
            minNewTokens: tokens)
    }

    @Test func oneAnswerIsTheModels() async throws {
        let running = try await RunningServer()
        let answer = try await onThread { try RawClient.chat(running.port, body("hello")) }
        #expect(answer.status == 200)
        #expect(answer.headers["content-type"] == "application/json")
        let alone = try running.alone([ChatMessage(.user, text: "hello")], options())
        #expect(try text(answer) == alone.text)
        let usage = try answer.json()["usage"] as? [String: Any]
        #expect(usage?["prompt_tokens"] as? Int == alone.promptTokenIDs.count)
        #expect(usage?["completion_tokens"] as? Int == 8)
        let choice = (try answer.json()["choices"] as? [[String: Any]])?.first
        #expect(choice?["finish_reason"] as? String == "length")
        try await running.end()
    }

    @Test func manyClientsGetWhatEachWouldGetAlone() async throws {
        let running = try await RunningServer(limits: ServerLimits(batch: 5, queue: 100))
        let pictures = try (0..<3).map {
            try RunningServer.url(of: RunningServer.picture(width: 56, height: 56, seed: $0 + 3))
        }
        @Sendable func json(_ number: Int) -> String {
            let part =
                #"{"type": "image_url", "image_url": {"url": "\#(pictures[number % 3])"}}"#
            return #"{"messages": [{"role": "user", "content": [\#(part), "#
                + #"{"type": "text", "text": "what is it?"}]}], "max_tokens": \#(4 + number % 9), "#
                + #""temperature": 1, "seed": \#(number), "repetition_penalty": 1, "#
                + #""stream": \#(number % 2 == 0)}"#
        }
        let answers = try await withThrowingTaskGroup(of: (Int, RawClient.Answer).self) { group in
            for number in 0..<24 {
                group.addTask {
                    (number, try await onThread { try RawClient.chat(running.port, json(number)) })
                }
            }
            var answers: [Int: RawClient.Answer] = [:]
            for try await (number, answer) in group { answers[number] = answer }
            return answers
        }
        #expect(answers.count == 24)
        let profile = ModelProfile.qwen25VL
        for (number, answer) in answers {
            #expect(answer.status == 200)
            let input = ImageInput(
                RunningServer.picture(width: 56, height: 56, seed: number % 3 + 3),
                pixelBudget: profile.queryBudget)
            let alone = try running.alone(
                [ChatMessage(.user, [.image(input), .text("what is it?")])],
                SamplingOptions(
                    temperature: 1, seed: UInt64(number), maxNewTokens: 4 + number % 9))
            if number % 2 == 0 {
                #expect(answer.events.last == "[DONE]")
                let streamed = try answer.events.dropLast().map { event in
                    let object =
                        try JSONSerialization.jsonObject(with: Data(event.utf8)) as? [String: Any]
                    let choice = (object?["choices"] as? [[String: Any]])?.first
                    return (choice?["delta"] as? [String: String])?["content"] ?? ""
                }
                #expect(streamed.joined() == alone.text, "answer \(number)")
            } else {
                #expect(try text(answer) == alone.text, "answer \(number)")
            }
        }
        let metrics = try await onThread { try RawClient.ask(running.port, "GET", "/metrics") }
        #expect(metrics.body.contains("studio_http_responses_total{status=\"200\"} 24"))
        #expect(metrics.body.contains("studio_requests_running 0"))
        try await running.end()
    }

    @Test func severalAnswersDifferBySeed() async throws {
        let running = try await RunningServer()
        let answer = try await onThread {
            try RawClient.chat(running.port, body("hello", more: #", "n": 3"#))
        }
        let choices = try #require(try answer.json()["choices"] as? [[String: Any]])
        #expect(choices.count == 3)
        for (index, choice) in choices.enumerated() {
            let alone = try running.alone(
                [ChatMessage(.user, text: "hello")], options(seed: 1 + index))
            let message = choice["message"] as? [String: Any]
            #expect(message?["content"] as? String == alone.text)
        }
        try await running.end()
    }

    @Test func aStopEndsTheAnswer() async throws {
        let running = try await RunningServer()
        let alone = try running.alone([ChatMessage(.user, text: "hello")], options(tokens: 20))
        let middle = alone.text.dropFirst(alone.text.count / 2)
        let stop = String(middle.prefix(3))
        let json = body("hello", tokens: 20, more: ", \"stop\": [\(String(reflecting: stop))]")
        let answer = try await onThread { try RawClient.chat(running.port, json) }
        let kept = alone.text.components(separatedBy: stop)[0]
        #expect(answer.status == 200, "\(answer.body)")
        #expect(try text(answer) == kept)
        let choice = (try answer.json()["choices"] as? [[String: Any]])?.first
        #expect(choice?["finish_reason"] as? String == "stop")
        try await running.end()
    }

    @Test func conceptsMakeTheCaptionPrompt() async throws {
        let running = try await RunningServer()
        let query = RunningServer.picture(width: 84, height: 56)
        let url = try RunningServer.url(of: query)
        @Sendable func json(_ concept: String) -> String {
            #"{"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "\#(url)"}}]}], "#
                + #""concepts": ["\#(concept)"], "max_tokens": 6}"#
        }
        let answer = try await onThread { try RawClient.chat(running.port, json("Bruna")) }
        let profile = ModelProfile.qwen25VL
        let messages = try CaptionPrompt(profile: profile).messages(
            concepts: [
                CaptionConcept(
                    name: "Bruna", info: "a dog", category: "pet",
                    image: RunningServer.picture(width: 56, height: 56))
            ], query: query)
        var options = CaptionOptions().resolved(for: profile)
        options.maxNewTokens = 6
        #expect(try text(answer) == running.alone(messages, options).text)
        let names = try answer.json()["concepts"] as? [String: [String]]
        #expect(names?["unnamed"] == ["Bruna"])
        let missing = try await onThread { try RawClient.chat(running.port, json("Nobody")) }
        #expect(missing.status == 404)
        try await running.end()
    }

    @Test func anAdapterThatWasTrainedAnewIsLoadedAnew() async throws {
        let adapters = AdapterStates()
        let running = try await RunningServer(adapters: adapters)
        let json = body("hello", more: #", "adapter": "warm""#)
        for (state, loads) in [("first", 1), ("first", 1), ("second", 2), ("second", 2)] {
            adapters.train(state)
            let answer = try await onThread { try RawClient.chat(running.port, json) }
            #expect(answer.status == 200)
            #expect(adapters.loads == loads)
        }
        try await running.end()
    }

    @Test func modelsAndHealthAreTold() async throws {
        let running = try await RunningServer()
        let models = try await onThread { try RawClient.ask(running.port, "GET", "/v1/models") }
        let data = try #require(try models.json()["data"] as? [[String: Any]])
        #expect(data.map { $0["id"] as? String } == ["tiny", "warm"])
        let one = try await onThread { try RawClient.ask(running.port, "GET", "/v1/models/tiny") }
        #expect(one.status == 200)
        let none = try await onThread {
            try RawClient.ask(running.port, "GET", "/v1/models/..%2F..%2Fetc%2Fpasswd")
        }
        #expect(none.status == 404)
        let health = try await onThread { try RawClient.ask(running.port, "GET", "/health") }
        #expect(try health.json()["status"] as? String == "ok")
        let warm = try await onThread {
            try RawClient.chat(
                running.port, body("hello").replacingOccurrences(of: "tiny", with: "warm"))
        }
        #expect(try warm.json()["model"] as? String == "warm")
        try await running.end()
    }
}
