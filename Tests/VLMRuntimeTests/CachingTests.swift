import Foundation
import ImageCodecs
import Testing

@testable import VLMRuntime

/// What is remembered changes no bit of any result.
struct CachingTests {
    static let mini = Golden.folder.deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Samples/mini")

    private func model(_ arithmetic: Arithmetic) throws -> VisionLanguageModel {
        try Golden.model("ckpt-old", arithmetic)
    }

    private func options(_ tokens: Int = 10) -> SamplingOptions {
        SamplingOptions(temperature: 0.8, seed: 3, maxNewTokens: tokens)
    }

    private func picture(_ seed: Int, _ side: Int = 56) -> RGBImage {
        RGBImage(
            width: side, height: side,
            pixels: (0..<side * side * 3).map { UInt8(truncatingIfNeeded: $0 * seed / 7) })
    }

    /// A reference, a query picture and a question.
    private func chat(_ reference: Int, _ query: Int, _ question: String) -> [ChatMessage] {
        [
            ChatMessage(
                .user,
                [
                    .image(ImageInput(picture(reference), isReference: true)),
                    .text("1. Name: <x>, Info: something to fill more than one piece of a prompt"),
                    .image(ImageInput(picture(query))), .text(question),
                ])
        ]
    }

    /// Everything about a result but how it came about.
    private func expectSame(
        _ a: GenerationResult, _ b: GenerationResult, _ what: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(a.tokenIDs == b.tokenIDs, "\(what)", sourceLocation: sourceLocation)
        #expect(a.logProbabilities == b.logProbabilities, "\(what)", sourceLocation: sourceLocation)
        #expect(
            a.text == b.text && a.finishReason == b.finishReason, sourceLocation: sourceLocation)
        #expect(a.promptTokenIDs == b.promptTokenIDs, sourceLocation: sourceLocation)
    }

    @Test(arguments: [Arithmetic.float32, .bfloat16, .int8])
    func rememberedPromptsGiveTheSameBits(arithmetic: Arithmetic) throws {
        let model = try model(arithmetic)
        let generator = Generator(model, caches: GenerationCaches(for: model, folder: nil))
        let chats = [
            chat(3, 5, "What is it?"), chat(3, 5, "What is it?"), chat(3, 5, "What does <x> do?"),
            chat(3, 11, "What is it?"), chat(4, 5, "What is it?"), chat(3, 5, "What"),
        ]
        var uses: [CacheUse] = []
        for (index, chat) in chats.enumerated() {
            let alone = try model.generate(chat, options: options())
            let found = try generator.generate(chat, options: options())
            expectSame(found, alone, "chat \(index) in \(arithmetic)")
            uses.append(found.cache)
        }
        let total = try model.prepare(chats[0]).ids.count
        #expect(uses[0] == CacheUse(imagesEncoded: 2))
        #expect(uses[1].imagesReused == 2 && uses[1].imagesEncoded == 0)
        let step = model.reuseGranularity
        #expect(uses[1].promptTokensReused == (total - 1) / step * step)
        #expect(uses[2].promptTokensReused > 0)
        #expect(uses[3].imagesEncoded == 1 && uses[3].imagesReused == 1)
        #expect(uses[4].imagesEncoded == 1, "the query's rows are remembered without its place")
        #expect(uses[4].promptTokensReused < uses[2].promptTokensReused)
    }

    @Test func aFollowingTurnReusesTheAnswer() throws {
        let model = try model(.bfloat16)
        let generator = Generator(model, caches: GenerationCaches(for: model, folder: nil))
        var chat = chat(3, 5, "What is it?")
        let first = try generator.generate(chat, options: options(12))
        chat += [ChatMessage(.assistant, text: first.text), ChatMessage(.user, text: "More")]
        let second = try generator.generate(chat, options: options())
        expectSame(second, try model.generate(chat, options: options()), "second turn")
        #expect(second.cache.promptTokensReused >= first.promptTokenIDs.count)
    }

    @Test func anotherAdapterNeverMatches() throws {
        let model = try model(.bfloat16)
        let caches = GenerationCaches(for: model, folder: nil)
        let chat = chat(3, 5, "What is it?")
        _ = try Generator(model, caches: caches).generate(chat, options: options(2))
        let other = try Generator(model, caches: caches, adapter: "run-1")
            .generate(chat, options: options(2))
        #expect(other.cache.promptTokensReused == 0)
        #expect(other.cache.imagesReused == 2, "pictures do not pass the adapter")
    }

    @Test func prefixesStayWithinTheirBudget() throws {
        let model = try model(.bfloat16)
        let chat = chat(3, 5, "What is it?")
        let probe = GenerationCaches(for: model, folder: nil)
        _ = try Generator(model, caches: probe).generate(chat, options: options(2))
        let one = probe.prefixes.byteCount
        #expect(one > 0)
        let caches = GenerationCaches(
            for: model, folder: nil,
            limits: GenerationCaches.Limits(prefixes: 2 * one, pictures: 40_000))
        let generator = Generator(model, caches: caches)
        for reference in 3..<9 {
            _ = try generator.generate(self.chat(reference, 5, "What?"), options: options(2))
            #expect(caches.prefixes.byteCount <= 2 * one)
            #expect(caches.pictures.byteCount <= 40_000)
        }
        #expect(caches.prefixes.count >= 1)
        let again = try generator.generate(self.chat(8, 5, "What?"), options: options(2))
        #expect(again.cache.promptTokensReused > 0, "the latest one is still there")
    }

    @Test func aPromptsKeySeesPixelsPositionsAndSizes() throws {
        let model = try model(.float32)
        let key = { (messages: [ChatMessage]) in
            try #require(try model.prepare(messages, hasDigests: true).key)
        }
        let first = try key(chat(3, 5, "What is it?"))
        #expect(first.commonPrefix(with: first) == first.count)
        let otherQuery = try key(chat(3, 6, "What is it?"))
        #expect(first.commonPrefix(with: otherQuery) == first.pictures[1].tokens.lowerBound)
        #expect(otherQuery.commonPrefix(with: first) == first.pictures[1].tokens.lowerBound)
        var wide = chat(3, 5, "What is it?")
        wide[0].parts[0] = .image(ImageInput(picture(3), pixelBudget: 12_544...50_176))
        #expect(
            try key(wide).commonPrefix(with: first) <= first.pictures[0].tokens.lowerBound)
        let text = try key([ChatMessage(.user, text: "hi")])
        #expect(text.commonPrefix(with: first) < text.count)
    }

    /// The embedded model on the sample pictures, as a user asks: same picture, other questions.
    @Test func theEmbeddedModelsCaptionsAreTheSame() throws {
        let model = try VisionLanguageModel.load(folder: Self.mini)
        let samples = Self.mini.deletingLastPathComponent()
        let read = { (name: String) in
            try ImageDecoder.decode(fileAt: samples.appendingPathComponent(name)).flattened()
        }
        let reference = ImageInput(
            try read("concepts/luna.png"), pixelBudget: 12_544...12_544, isReference: true)
        let query = ImageInput(try read("queries/query_00.png"), pixelBudget: 12_544...50_176)
        let generator = Generator(model, caches: GenerationCaches(for: model, folder: nil))
        for question in ["Describe this image in detail.", "Who is in the picture?"] {
            let chat = [
                ChatMessage(
                    .user,
                    [
                        .image(reference), .text("1. Name: <luna>, Info: a cat\n"), .image(query),
                        .text("This is the query image. \(question)"),
                    ])
            ]
            let alone = try model.generate(chat, options: SamplingOptions(maxNewTokens: 24))
            for _ in 0..<2 {
                let found = try generator.generate(chat, options: SamplingOptions(maxNewTokens: 24))
                expectSame(found, alone, question)
            }
        }
    }
}
