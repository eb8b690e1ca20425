import Foundation
import Testing

@testable import VLMRuntime

/// Answers written together, or with guesses, are those written alone.
struct GroupTests {
    private func model(_ arithmetic: Arithmetic) throws -> VisionLanguageModel {
        try Golden.model("ckpt-new", arithmetic)
    }

    @Test(arguments: [Arithmetic.float32, .bfloat16, .int8])
    func aGroupIsManySingleAnswers(arithmetic: Arithmetic) throws {
        let model = try model(arithmetic)
        // More than one batch, with different lengths, so that some end before others.
        let options = (0..<19).map {
            SamplingOptions(
                temperature: 1.5, seed: UInt64($0), maxNewTokens: 3 + $0 % 9, minNewTokens: $0 % 2)
        }
        var streamed = [String](repeating: "", count: options.count)
        let group = try Generator(model).generateGroup(Golden.conversation(), options: options) {
            if case .token(_, let text) = $1 { streamed[$0] += text }
        }
        #expect(group.count == options.count)
        #expect(Set(group.map(\.tokenIDs)).count > 5, "seeds make a difference")
        for (index, (together, own)) in zip(group, options).enumerated() {
            let alone = try model.generate(Golden.conversation(), options: own)
            #expect(together.tokenIDs == alone.tokenIDs, "answer \(index)")
            #expect(together.logProbabilities == alone.logProbabilities, "answer \(index)")
            #expect(together.finishReason == alone.finishReason)
            #expect(streamed[index] == together.text)
        }
    }

    @Test func aCancelledGroupKeepsWhatIsThere() throws {
        let flag = CancellationFlag()
        let options = (0..<4).map { SamplingOptions(temperature: 1, seed: UInt64($0)) }
        var tokens = 0
        let group = try Generator(model(.float32)).generateGroup(
            [ChatMessage(.user, text: "hi")], options: options, cancellation: flag
        ) { _, event in
            guard case .token = event else { return }
            tokens += 1
            if tokens == 6 { flag.cancel() }
        }
        #expect(group.contains { $0.finishReason == .cancelled })
        #expect(group.allSatisfy { $0.tokenIDs.count <= 3 })
    }

    @Test(arguments: [Arithmetic.float32, .bfloat16, .int8])
    func guessesChangeNothing(arithmetic: Arithmetic) throws {
        let model = try model(arithmetic)
        var plain = Generator(model)
        plain.speculates = false
        var generator = Generator(model)
        generator.speculates = true
        for options in [
            SamplingOptions(maxNewTokens: 60, minNewTokens: 60),
            SamplingOptions(temperature: 0.5, topK: 3, seed: 5, maxNewTokens: 60, minNewTokens: 60),
            SamplingOptions(repetitionPenalty: 1.05, maxNewTokens: 30),
        ] {
            let alone = try plain.generate(Golden.conversation(), options: options)
            let guessed = try generator.generate(Golden.conversation(), options: options)
            #expect(guessed.tokenIDs == alone.tokenIDs)
            #expect(guessed.logProbabilities == alone.logProbabilities)
            #expect(guessed.finishReason == alone.finishReason)
        }
    }

    @Test func guessesAreMadeWhereReadingTheWeightsTakesTheTime() throws {
        #expect(try Generator(model(.int8)).speculates)
        #expect(try Generator(model(.bfloat16)).speculates)
        #expect(try !Generator(model(.float32)).speculates)
    }

    @Test func repeatedTextTakesFewerSteps() throws {
        let model = try model(.float32)
        let start = try Generator(model).read(Golden.conversation(), GenerationClock(), nil) { _ in
        }
        let options = SamplingOptions(maxNewTokens: 60, minNewTokens: 60)
        func steps(_ lookup: PromptLookup?) throws -> (steps: Int, ids: [Int32]) {
            var loop = AnswerLoop(
                session: start.session,
                writer: AnswerWriter(options, prompt: start.prompt.ids, model: model),
                lookup: lookup)
            try loop.run(after: start.logits, cancellation: nil, { _ in }, afterToken: {})
            return (loop.steps, loop.writer.ids)
        }
        let plain = try steps(nil)
        #expect(plain.steps == 59)
        // The answer itself in the prompt: every guess is right.
        let told = try steps(PromptLookup(prompt: plain.ids, barred: []))
        #expect(told.ids == plain.ids)
        #expect(told.steps < 30)
    }

    @Test func theLatestLongestMatchIsTheGuess() {
        var lookup = PromptLookup(prompt: [1, 2, 3, 4, 9, 1, 2, 5, 6, 7], barred: [7])
        #expect(lookup.draft(limit: 4) == [])
        lookup.append(1)
        lookup.append(2)
        #expect(lookup.draft(limit: 4) == [5, 6], "barred tokens end a guess")
        #expect(lookup.draft(limit: 1) == [5])
        lookup.append(3)
        #expect(lookup.draft(limit: 3) == [4, 9, 1])
        #expect(lookup.draft(limit: 0) == [])
    }
}
