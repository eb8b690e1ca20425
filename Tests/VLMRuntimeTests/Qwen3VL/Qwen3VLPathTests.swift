import Foundation
import ImageCodecs
import Testing

@testable import VLMRuntime

/// Every way to an answer gives the reference's tokens: remembered pictures and prompts, groups,
/// batches, guesses, packed weights.
struct Qwen3VLPathTests {
    private typealias Chat = Qwen3VLGolden.Chat
    private let golden: Qwen3VLGolden
    private let temporary: TemporaryFolder
    private var model: VisionLanguageModel { golden.model }

    init() throws {
        golden = try Qwen3VLGolden()
        temporary = try TemporaryFolder()
    }

    private let options = SamplingOptions(maxNewTokens: 16)

    private func same(_ a: GenerationResult, _ b: GenerationResult) -> Bool {
        a.tokenIDs == b.tokenIDs && a.logProbabilities == b.logProbabilities
            && a.promptTokenIDs == b.promptTokenIDs
    }

    @Test func rememberedPicturesAndPromptsGiveTheSameBits() throws {
        let caches = GenerationCaches(for: model, folder: nil)
        let generator = Generator(model, caches: caches)
        let alone = try model.generate(Chat.two.messages, options: options)
        let cold = try generator.generate(Chat.two.messages, options: options)
        #expect(cold.cache == CacheUse(imagesEncoded: 2) && same(cold, alone))
        let warm = try generator.generate(Chat.two.messages, options: options)
        #expect(warm.cache.imagesReused == 2 && warm.cache.promptTokensReused == 64)
        #expect(same(warm, alone))
        #expect(warm.tokenIDs == (try golden.answer(.two)))
        caches.prefixes.clear()
        let rowsOnly = try generator.generate(Chat.two.messages, options: options)
        #expect(rowsOnly.cache == CacheUse(imagesReused: 2) && same(rowsOnly, alone))
        #expect(caches.pictures.byteCount == 4 * 3 * 48 * 84, "all levels are remembered")
    }

    /// The second picture reaches over the end of what is reused.
    @Test func aPrefixMayEndWithinAPicture() throws {
        let generator = Generator(model, caches: GenerationCaches(for: model, folder: nil))
        _ = try generator.generate(Chat.two.messages, options: options)
        let other = try Qwen3VLGolden.asking("What else is there to be seen in them?")
        let second = try model.prepare(other).images[1].tokens
        #expect(second.contains(64) && second.lowerBound < 64)
        let found = try generator.generate(other, options: options)
        #expect(found.cache.promptTokensReused == 64)
        #expect(same(found, try model.generate(other, options: options)))
    }

    @Test func aFollowingTurnReadsOn() throws {
        let fast = try Qwen3VLGolden(.bfloat16).model
        let generator = Generator(fast, caches: GenerationCaches(for: fast, folder: nil))
        var chat = try Chat.two.messages
        let first = try generator.generate(chat, options: options)
        chat += [ChatMessage(.assistant, text: first.text), ChatMessage(.user, text: "More")]
        let second = try generator.generate(chat, options: options)
        #expect(second.cache.promptTokensReused >= first.promptTokenIDs.count)
        #expect(same(second, try fast.generate(chat, options: options)))
    }

    @Test func referencesStayOnDiskWithAllTheirLevels() throws {
        let folder = temporary.url.appendingPathComponent("rows")
        let first = Generator(model, caches: GenerationCaches(for: model, folder: folder))
        #expect(try first.encode(Qwen3VLGolden.picture(0, isReference: true)))
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names.count == 1)
        let file = folder.appendingPathComponent(try #require(names.first))
        let bytes = try Data(contentsOf: file)
        #expect(bytes.count == PictureRowFile.size(rows: 48, columns: 3 * 48))

        let second = Generator(model, caches: GenerationCaches(for: model, folder: folder))
        let found = try second.generate(Chat.two.messages, options: options)
        #expect(found.cache == CacheUse(imagesEncoded: 1, imagesReused: 1))
        #expect(found.tokenIDs == (try golden.answer(.two)))

        // A file that ends after the first level is as good as absent.
        try bytes.prefix(PictureRowFile.size(rows: 48, columns: 48)).write(to: file)
        let third = Generator(model, caches: GenerationCaches(for: model, folder: folder))
        let again = try third.generate(Chat.two.messages, options: options)
        #expect(again.cache == CacheUse(imagesEncoded: 2))
        #expect(again.tokenIDs == (try golden.answer(.two)))
    }

    @Test func groupsAndGuessesAreSingleAnswers() throws {
        let chat = try Chat.two.messages
        let seeds = (0..<5).map {
            SamplingOptions(
                temperature: $0 == 0 ? 0 : 1.2, seed: UInt64($0), maxNewTokens: 16 - $0)
        }
        let group = try Generator(model).generateGroup(chat, options: seeds)
        #expect(group[0].tokenIDs == (try golden.answer(.two)))
        for (together, own) in zip(group, seeds) {
            #expect(same(together, try model.generate(chat, options: own)))
        }
        for chat in Chat.allCases {
            var generator = Generator(model)
            generator.speculates = true
            let guessed = try generator.generate(chat.messages, options: options)
            #expect(guessed.tokenIDs == (try golden.answer(chat)), "guesses in \(chat)")
        }
    }

    /// Chats with and without pictures join one after the other and write side by side.
    @Test func aBatchOfDifferentChatsIsSingleAnswers() throws {
        let batch = ContinuousBatch(
            Generator(model, caches: GenerationCaches(for: model, folder: nil)))
        var results: [ContinuousBatch.Member: GenerationResult] = [:]
        func collect(_ member: ContinuousBatch.Member, _ ending: ContinuousBatch.Ending) {
            if case .finished(let result) = ending { results[member] = result }
        }
        var members: [(Chat, ContinuousBatch.Member)] = []
        for chat in Chat.allCases + [.two, .one] {
            members.append((chat, try batch.join(chat.messages, options: options)))
            batch.step(onEnd: collect)
        }
        while batch.count > 0 { batch.step(onEnd: collect) }
        for (chat, member) in members {
            #expect(results[member]?.tokenIDs == (try golden.answer(chat)), "\(chat)")
        }
    }

    @Test func questionsToOneBeginningAreReadTogether() throws {
        let chats = try ["Is <a> there?", "Is <bertha the second> in it?", "And <c>?"]
            .map(Qwen3VLGolden.asking)
        let generator = Generator(model, caches: GenerationCaches(for: model, folder: nil))
        let together = try generator.nextTokenProbabilities(ofEach: chats, of: [1, 69, 215, 413])
        for (chat, found) in zip(chats, together) {
            let alone = try model.nextTokenProbabilities(chat, of: [1, 69, 215, 413])
            for (a, b) in zip(alone, found) { #expect(abs(a - b) < 1e-5) }
        }
    }

    @Test func searchesSeeTheRowsOfTheCellsAlone() throws {
        let generator = Generator(model, caches: GenerationCaches(for: model, folder: nil))
        let found = try [0, 1].map { try generator.pictureRows(Qwen3VLGolden.picture($0)) }
        #expect(found[0].height == 6 && found[0].width == 8 && found[1].height == 9)
        expectVeryClose(stacked(found.map(\.rows)), golden["vis.rows"], "rows for searches")
    }

    @Test func rolloutsBeginWithTheSameRows() throws {
        let ready = try model.ready(Chat.two.messages)
        let rollouts = try model.rollouts(after: ready, count: 3, options: options)
        for rollout in rollouts { #expect(rollout.ids == (try golden.answer(.two))) }
    }

    @Test(arguments: WeightBits.allCases)
    func packedWeightsHoldTheDeepstackMergersToo(bits: WeightBits) throws {
        let file = temporary.url.appendingPathComponent("q\(bits.rawValue).safetensors")
        try PackedWeights.write(Qwen3VLGolden.checkpoint, bits: bits, to: file)
        let weights = try PackedWeights(
            file: file, for: CheckpointFingerprint(folder: Qwen3VLGolden.checkpoint))
        let packed = try VisionLanguageModel.load(folder: Qwen3VLGolden.checkpoint, packed: weights)
        let mergers = packed.vision.linears.filter { $0.name.contains("deepstack") }
        #expect(mergers.count == 4)
        #expect(packed.vision.linears.allSatisfy { $0.packed?.format == .eight })
        #expect(packed.language.linears.allSatisfy { $0.packed != nil })
        let prompt = try packed.prepare(Chat.two.messages)
        let pictures = try packed.encode(prompt.images.map(packed.preprocess), nil) { _ in }
        var session = Session(model: packed)
        let found = try session.prefill(packed.embed(prompt, pictures: pictures), prompt) { _ in }
        let expected = try #require(golden["two.logits"]).floats().suffix(found.count)
        #expect(cosine(found, Array(expected)) > (bits == .eight ? 0.995 : 0.85))
        let generator = Generator(packed, caches: GenerationCaches(for: packed, folder: nil))
        let alone = try packed.generate(Chat.two.messages, options: options)
        for _ in 0..<2 {
            #expect(same(try generator.generate(Chat.two.messages, options: options), alone))
        }
    }

    @Test func bfloat16IsNear() throws {
        let logits = try golden.logits(.two, Qwen3VLGolden(.bfloat16).model).last(24)
        #expect(cosine(logits.values, try #require(golden["two.logits"]).floats()) > 0.999)
    }

    @Test func memoryCountsEveryLevelOfAPicture() {
        func vision(_ tokens: Int) -> Int {
            MemoryEstimate(
                model.configuration, weightBytes: 0, storage: .float32,
                work: MemoryEstimate.Work(
                    tokens: 100, largestPicture: 192, pictureTokens: tokens)
            ).vision
        }
        #expect(vision(84) - vision(0) == 4 * 84 * 3 * 48)
        #expect(model.memoryEstimate().total > 0)
    }

    private func cosine(_ a: [Float], _ b: [Float]) -> Double {
        func dot(_ a: [Float], _ b: [Float]) -> Double {
            zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        return dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
    }
}
