import Foundation
import ImageCodecs
import Testing

@testable import VLMRuntime

/// Answers to different chats written side by side are those written alone.
struct ContinuousBatchTests {
    private func picture(_ seed: Int, _ side: Int = 56) -> RGBImage {
        RGBImage(
            width: side, height: side,
            pixels: (0..<side * side * 3).map { UInt8(truncatingIfNeeded: $0 * seed / 7) })
    }

    /// Chats with and without pictures, with shared and with own beginnings.
    private func chat(_ number: Int) -> [ChatMessage] {
        var parts: [ChatMessage.Part] = []
        if number % 3 != 0 {
            parts.append(.image(ImageInput(picture(3), isReference: true)))
            parts.append(.text("1. Name: <x>, Info: enough to fill a piece of the prompt"))
        }
        if number % 2 == 0 { parts.append(.image(ImageInput(picture(number + 5)))) }
        parts.append(.text(String(repeating: "What is it? ", count: 1 + number % 4)))
        return [ChatMessage(.user, parts)]
    }

    private func options(_ number: Int) -> SamplingOptions {
        SamplingOptions(
            temperature: number % 4 == 0 ? 0 : 1.2, repetitionPenalty: number % 5 == 0 ? 1.1 : 1,
            seed: UInt64(number), maxNewTokens: 2 + number * 5 % 17, minNewTokens: number % 3)
    }

    private func same(_ a: GenerationResult, _ b: GenerationResult) -> Bool {
        a.tokenIDs == b.tokenIDs && a.logProbabilities == b.logProbabilities && a.text == b.text
            && a.finishReason == b.finishReason && a.usage == b.usage && a.images == b.images
    }

    @Test(arguments: [Arithmetic.float32, .bfloat16, .int8], [true, false])
    func joiningAndLeavingChangesNoBit(arithmetic: Arithmetic, isInPieces: Bool) throws {
        let model = try Golden.model("ckpt-old", arithmetic)
        var policy = PromptReadingPolicy()
        if isInPieces {
            (policy.rowsBesideAnswers, policy.rowsAlone, policy.worthWaiting) = (5, 11, 8)
        }
        let batch = ContinuousBatch(
            Generator(model, caches: GenerationCaches(for: model, folder: nil)), policy: policy)
        let total = 30
        var results: [ContinuousBatch.Member: GenerationResult] = [:]
        var numbers: [ContinuousBatch.Member: Int] = [:]
        var texts = [String](repeating: "", count: total)
        var largest = 0
        func collect(_ member: ContinuousBatch.Member, _ ending: ContinuousBatch.Ending) {
            guard case .finished(let result) = ending else { return }
            results[member] = result
        }
        var next = 0
        while next < total || batch.count > 0 {
            // A few join at a time, and others go on while they are read.
            for _ in 0..<3 where next < total && batch.hasRoom {
                let number = next
                var calls = 0
                let member = try batch.join(
                    chat(number), options: options(number),
                    between: {
                        calls += 1
                        if calls % 4 == 0 { batch.step(onEnd: collect) }
                    },
                    onText: {
                        texts[number] += $0
                        return true
                    })
                numbers[member] = number
                next += 1
            }
            largest = max(largest, batch.count)
            batch.step(onEnd: collect)
        }
        #expect(results.count == total)
        #expect(largest > 4, "many were written at a time")
        for (member, result) in results {
            let number = try #require(numbers[member])
            let alone = try model.generate(chat(number), options: options(number))
            #expect(same(result, alone), "answer \(number)")
            #expect(texts[number] == alone.text)
        }
    }

    @Test func oneMayEndWhileOthersGoOn() throws {
        let model = try Golden.model("ckpt-old", .float32)
        let batch = ContinuousBatch(Generator(model))
        let flag = CancellationFlag()
        let long = SamplingOptions(maxNewTokens: 20, minNewTokens: 20)
        let kept = try batch.join(chat(1), options: long)
        let cancelled = try batch.join(chat(2), options: long, cancellation: flag)
        var pieces = 0
        let refused = try batch.join(
            chat(3), options: long,
            onText: { _ in
                pieces += 1
                return pieces < 3
            })
        var results: [ContinuousBatch.Member: GenerationResult] = [:]
        var steps = 0
        while batch.count > 0 {
            steps += 1
            if steps == 5 { flag.cancel() }
            batch.step { member, ending in
                if case .finished(let result) = ending { results[member] = result }
            }
        }
        #expect(
            results[kept].map { same($0, (try? model.generate(chat(1), options: long)) ?? $0) }
                == true)
        #expect(results[kept]?.tokenIDs.count == 20)
        #expect(results[cancelled]?.finishReason == .cancelled)
        #expect(results[cancelled]?.tokenIDs.count == 4)
        #expect(results[refused]?.finishReason == .cancelled)
        #expect(pieces == 3)
    }

    @Test func aSharedBeginningIsReadOnce() throws {
        let model = try Golden.model("ckpt-old", .bfloat16)
        var policy = PromptReadingPolicy()
        policy.worthWaiting = 8
        let batch = ContinuousBatch(
            Generator(model, caches: GenerationCaches(for: model, folder: nil)), policy: policy)
        func chat(_ end: String) -> [ChatMessage] {
            let beginning = String(repeating: "a beginning that both have ", count: 4)
            return [ChatMessage(.user, [.text(beginning + end)])]
        }
        let options = SamplingOptions(maxNewTokens: 4, minNewTokens: 4)
        let members = try ["one", "two", "three"].map { try batch.join(chat($0), options: options) }
        var results: [ContinuousBatch.Member: GenerationResult] = [:]
        while batch.count > 0 {
            batch.step { if case .finished(let result) = $1 { results[$0] = result } }
        }
        let reused = members.map { results[$0]?.cache.promptTokensReused ?? -1 }
        #expect(reused[0] == 0)
        #expect(reused[1] > 16 && reused[2] > 16, "\(reused)")
        for (member, end) in zip(members, ["one", "two", "three"]) {
            let alone = try model.generate(chat(end), options: options)
            #expect(results[member].map { same($0, alone) } == true, "\(end)")
        }
    }

    @Test func whoLeavesWhileReadIsGivenUp() throws {
        let model = try Golden.model("ckpt-old", .bfloat16)
        var policy = PromptReadingPolicy()
        policy.rowsAlone = 3
        let batch = ContinuousBatch(Generator(model), policy: policy)
        let flag = CancellationFlag()
        let leaving = try batch.join(
            chat(3), options: SamplingOptions(maxNewTokens: 2), cancellation: flag)
        let staying = try batch.join(chat(1), options: SamplingOptions(maxNewTokens: 2))
        batch.step { _, _ in Issue.record("nothing has ended") }
        flag.cancel()
        var left: [ContinuousBatch.Member] = []
        var ended: [ContinuousBatch.Member] = []
        while batch.count > 0 {
            batch.step { member, ending in
                if case .failed(let error) = ending, error is CancellationError {
                    left.append(member)
                } else {
                    ended.append(member)
                }
            }
        }
        #expect(left == [leaving])
        #expect(ended == [staying])
    }

    @Test func promptsGiveWayToAnswers() {
        let policy = PromptReadingPolicy()
        #expect(policy.rows(besides: 0) > policy.rows(besides: 1))
        #expect(policy.rows(besides: 15) == policy.rows(besides: 1))
        #expect(policy.isWorthWaiting(shared: 100, known: 36))
        #expect(!policy.isWorthWaiting(shared: 100, known: 37))
    }

    @Test func aChatThatCannotBeReadLeavesTheOthersAlone() throws {
        let model = try Golden.model("ckpt-old", .float32)
        let batch = ContinuousBatch(Generator(model))
        try batch.join(chat(1), options: SamplingOptions(maxNewTokens: 3))
        let flag = CancellationFlag()
        flag.cancel()
        #expect(throws: CancellationError.self) {
            try batch.join(chat(2), options: SamplingOptions(), cancellation: flag)
        }
        #expect(throws: GenerationError.emptyPrompt) {
            try batch.join([], options: SamplingOptions())
        }
        #expect(batch.count == 1)
    }
}
