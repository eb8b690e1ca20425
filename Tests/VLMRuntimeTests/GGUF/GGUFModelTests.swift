import CKernels
import Foundation
import ImageCodecs
import Testing

@testable import VLMRuntime

/// GGUF pairs as models: the same tokens as llama.cpp, and the right word for what cannot work.
struct GGUFModelTests {
    /// llama.cpp's answers to the same values in float32: with quantised files it rounds activations
    /// to 8 bits, which is another computation.
    @Test(arguments: GGUFFixture.formats)
    func answersAreLlamas(format: String) throws {
        let model = try GGUFFixture.model(format)
        let answers = try GGUFFixture.Answers.read()
        let expected = try #require(answers.files[format]).exact
        for (prompt, answer) in zip(answers.prompts, expected) {
            let result = try model.generate(
                try GGUFFixture.message(prompt),
                options: SamplingOptions(maxNewTokens: 24, minNewTokens: 24))
            #expect(result.tokenIDs == answer.tokens, "\(format): \(prompt.say)")
            #expect(result.usage.imageTokens == (prompt.picture ? 24 : 0))
        }
    }

    /// With activations in 8 bits, as llama.cpp has them.
    @Test(arguments: GGUFFixture.formats.filter { $0 != "BF16" })
    func roundingActivationsSaysAlmostTheSame(format: String) throws {
        let exact = try GGUFFixture.model(format)
        let model = try GGUFFixture.model(format, .bfloat16)
        #expect((model.arithmetic == .int8) == ck_tiles_are_fast())
        for prompt in try GGUFFixture.Answers.read().prompts {
            let prompt = try exact.prepare(GGUFFixture.message(prompt))
            let (a, b) = (try PromptLogits.of(exact, prompt), try PromptLogits.of(model, prompt))
            let cosine = PromptLogits.cosine(a, b)
            #expect(cosine > 0.995, "\(format): \(cosine)")
            #expect((a != b) == ck_tiles_are_fast())
        }
    }

    @Test func tilesStandInForTheBlocks() throws {
        guard ck_tiles_are_fast() else { return }
        let exact = try GGUFFixture.model("Q4_K_M")
        let fast = try GGUFFixture.model("Q4_K_M", .bfloat16)
        #expect(exact.language.linears.allSatisfy { $0.tiles == nil })
        #expect(fast.language.linears.allSatisfy { $0.tiles != nil })
        let layer = try #require(fast.language.layers.first).attention
        var x = Matrix(rows: 3, columns: layer.query.inputSize)
        for i in 0..<x.count { x.mutable[i] = Float((i * 37) % 101) / 50 - 1 }
        let layers = [layer.query, layer.key, layer.value]
        for (found, linear) in zip(Linear.together(x, layers), layers) {
            #expect(found.values == linear(x).values)
            var rows = [Float](repeating: 0, count: linear.outputSize * linear.inputSize)
            linear.expand(rows: 0..<linear.outputSize, into: &rows)
            #expect(rows == linear.weight.floats())
        }
        #expect(try ContentDigest.model(exact) != ContentDigest.model(fast))
    }

    @Test func theOlderFamilyAnswersLikeTheReference() throws {
        let model = try VisionLanguageModel.load(folder: GGUFFixture.file("qwen2vl"))
        #expect(model.configuration.family == .qwen2VL)
        #expect(model.configuration.vision.intermediateSize == 96)
        let expected = try GGUFFixture.Answers.read().qwen2vl
        let result = try model.generate(
            Golden.conversation(), options: SamplingOptions(maxNewTokens: expected.count))
        #expect(result.tokenIDs == expected)
    }

    @Test func metadataBecomeTheConfiguration() throws {
        let model = try GGUFFixture.model("Q4_K_M")
        let text = model.configuration.text
        #expect(model.configuration.family == .qwen25VL)
        #expect(text.hiddenSize == 256 && text.intermediateSize == 256 && text.layerCount == 2)
        #expect(text.headCount == 4 && text.keyValueHeadCount == 1)
        #expect(text.vocabularySize == 544 && text.ropeSections == [8, 12, 12])
        #expect(text.ropeTheta == 1e6 && text.normEpsilon == 1e-6 && text.contextLength == 2048)
        let vision = model.configuration.vision
        #expect(vision.depth == 4 && vision.hiddenSize == 64 && vision.intermediateSize == 96)
        #expect(vision.outputSize == 256 && vision.headCount == 4)
        #expect(vision.windowSize == 112 && vision.fullAttentionBlocks == [1, 3])
        #expect(model.configuration.imageTokenID == 489)
        #expect(model.configuration.visionStartTokenID == 486)
        #expect(model.configuration.visionEndTokenID == 487)
        #expect(Set(model.generationDefaults.endOfTurnTokens) == [477, 479])
        #expect(model.imageConfiguration.mean == ImagePreprocessorConfiguration().mean)
        #expect(model.imageConfiguration.maxPixels == 12_845_056)
        #expect(model.weightType == .q4K && model.weightBits == 4)
        #expect(model.arithmetic == .float32)
    }

    @Test func theTokenizerIsTheCheckpoints() throws {
        let own = try GGUFFixture.model("BF16").tokenizer
        let theirs = try Tokenizer(directory: Golden.folder.appendingPathComponent("ckpt-new"))
        for text in ["The quick brown fox's 123 café", "图像 描述\n\n  x", "<|im_end|> y"] {
            #expect(own.encode(text) == theirs.encode(text))
            #expect(own.encodeWithControlTokens(text) == theirs.encodeWithControlTokens(text))
        }
        #expect(own.addedTokens == theirs.addedTokens)
        #expect(own.vocabularySize == theirs.vocabularySize)
    }

    @Test func trainingWorksOnIt() throws {
        let model = try GGUFFixture.model("Q4_0")
        let layer = try #require(model.language.linears.first)
        var rows = [Float](repeating: 0, count: 2 * layer.inputSize)
        layer.expand(rows: 3..<5, into: &rows)
        #expect(rows == Array(layer.weight.floats()[3 * layer.inputSize..<5 * layer.inputSize]))
        var dy = Matrix(rows: 1, columns: layer.outputSize)
        dy[0, 4] = 1
        let dx = PanelProducts().backward(layer, dy)
        #expect(dx.values == Array(rows[layer.inputSize...]))
    }

    @Test func packedWeightsAreMadeOfIt() throws {
        let folder = try TemporaryFolder()
        let location = GGUFFixture.file("tiny-Q8_0.gguf")
        let file = folder.url.appendingPathComponent("packed.safetensors")
        try PackedWeights.write(location, bits: .eight, to: file)
        let fingerprint = try CheckpointFingerprint(folder: location)
        let packed = try VisionLanguageModel.load(
            folder: location, packed: try PackedWeights(file: file, for: fingerprint))
        let prompt = try #require(GGUFFixture.Answers.read().prompts.first)
        let options = SamplingOptions(maxNewTokens: 4, minNewTokens: 4)
        let message = try GGUFFixture.message(prompt)
        #expect(
            try packed.generate(message, options: options).tokenIDs
                == GGUFFixture.model("Q8_0").generate(message, options: options).tokenIDs)
        let other = try CheckpointFingerprint(folder: GGUFFixture.file("tiny-Q4_0.gguf"))
        #expect(other != fingerprint)
        #expect(throws: CheckpointError.self) { try PackedWeights(file: file, for: other) }
        let mine = try ContentDigest.model(GGUFFixture.model("Q8_0"))
        #expect(try mine != ContentDigest.model(GGUFFixture.model("Q4_0")))
    }

    // MARK: Places

    /// A folder with links to fixtures under other names.
    private func folder(_ links: [(String, String)]) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for (name, target) in links {
            try FileManager.default.createSymbolicLink(
                at: folder.url.appendingPathComponent(name),
                withDestinationURL: GGUFFixture.file(target))
        }
        return folder
    }

    private func expectRefused(
        _ location: URL, because reason: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        do {
            _ = try VisionLanguageModel.load(folder: location)
            Issue.record("accepted", sourceLocation: sourceLocation)
        } catch {
            #expect("\(error)".contains(reason), "\(error)", sourceLocation: sourceLocation)
        }
    }

    @Test func aFolderWithAPairIsAModel() throws {
        let pair = try folder([("a.gguf", "tiny-Q4_0.gguf"), ("mmproj.gguf", "mmproj-tiny.gguf")])
        let model = try VisionLanguageModel.load(folder: pair.url)
        #expect(model.weightType == .q4Zero)
        let fingerprint = try CheckpointFingerprint(folder: pair.url)
        #expect(
            try CheckpointFingerprint(folder: GGUFFixture.file("tiny-Q4_0.gguf")) == fingerprint)
        #expect(try MemoryEstimate(folder: pair.url).weights > 1_200_000)
        // Limits on pictures that the metadata lack may lie beside the pair.
        let limits = Data(#"{"min_pixels": 3136, "max_pixels": 4000}"#.utf8)
        _ = try pair.write(limits, to: "preprocessor_config.json")
        let limited = try VisionLanguageModel.load(folder: pair.url)
        #expect(limited.imageConfiguration.maxPixels == 4000)
    }

    @Test func oneHalfIsNotEnough() throws {
        let text = try folder([("a.gguf", "tiny-Q4_0.gguf")])
        expectRefused(text.url, because: "no mmproj beside it")
        expectRefused(text.url.appendingPathComponent("a.gguf"), because: "no mmproj beside it")
        let vision = try folder([("mmproj.gguf", "mmproj-tiny.gguf")])
        expectRefused(vision.url, because: "only an mmproj here")
        expectRefused(vision.url.appendingPathComponent("mmproj.gguf"), because: "by its name")
        let both = try folder([("a.gguf", "tiny-Q4_0.gguf"), ("mmproj.gguf", "mmproj-tiny.gguf")])
        expectRefused(both.url.appendingPathComponent("b.gguf"), because: "neither")
        let disguised = try folder([
            ("a.gguf", "mmproj-tiny.gguf"), ("mmproj.gguf", "mmproj-tiny.gguf"),
        ])
        expectRefused(disguised.url, because: "this is an mmproj")
        let swapped = try folder([
            ("a.gguf", "tiny-Q4_0.gguf"), ("mmproj.gguf", "tiny-Q8_0.gguf"),
        ])
        expectRefused(swapped.url, because: "not an mmproj")
    }

    @Test func achoiceOfSeveralIsNotMadeForTheUser() throws {
        let two = try folder([
            ("a.gguf", "tiny-Q4_0.gguf"), ("b.gguf", "tiny-Q8_0.gguf"),
            ("mmproj.gguf", "mmproj-tiny.gguf"),
        ])
        expectRefused(two.url, because: "2 language models here (a.gguf, b.gguf)")
        let named = try VisionLanguageModel.load(folder: two.url.appendingPathComponent("b.gguf"))
        #expect(named.weightType == .q8Zero)
        let eyes = try folder([
            ("a.gguf", "tiny-Q4_0.gguf"), ("mmproj-1.gguf", "mmproj-tiny.gguf"),
            ("mmproj-2.gguf", "mmproj-tiny.gguf"),
        ])
        expectRefused(eyes.url, because: "2 mmproj files")
    }

    @Test func otherModelsAreRefused() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.copyItem(
            at: GGUFFixture.file("tiny-Q4_0.gguf"), to: folder.url.appendingPathComponent("a.gguf"))
        func write(_ values: [(String, GGUFBuilder.Value)], _ name: String) throws {
            _ = try folder.write(GGUFBuilder(values: values).data, to: name)
        }
        let projector = ("clip.projector_type", GGUFBuilder.Value.string("qwen2.5vl_merger"))
        let clip = ("general.architecture", GGUFBuilder.Value.string("clip"))
        try write([clip, projector, ("clip.vision.projection_dim", .uint32(96))], "mmproj.gguf")
        expectRefused(folder.url, because: "rows of 96 features")
        try write([clip, ("clip.projector_type", .string("gemma3"))], "mmproj.gguf")
        expectRefused(folder.url, because: "\"gemma3\"")
        try write([("general.architecture", .string("llama"))], "a.gguf")
        expectRefused(folder.url, because: "\"llama\"")
        try write(
            [("general.architecture", .string("qwen2vl")), ("split.count", .uint32(3))], "a.gguf")
        expectRefused(folder.url, because: "one of 3 parts")
    }

    /// Metadata that contradict the tensors or make no sense end in a sentence.
    @Test func damagedModelsNeverCrash() throws {
        let folder = try TemporaryFolder()
        let original = try Data(contentsOf: GGUFFixture.file("tiny-Q4_0.gguf"))
        try FileManager.default.copyItem(
            at: GGUFFixture.file("mmproj-tiny.gguf"),
            to: folder.url.appendingPathComponent("mmproj.gguf"))
        var random = RandomSource(seed: 78)
        var refused = 0
        for _ in 0..<150 {
            var bytes = [UInt8](original)
            for _ in 0...Int(random.next() % 4) {
                bytes[Int(random.next() % 24_000)] = UInt8(random.next() % 256)
            }
            _ = try folder.write(Data(bytes), to: "a.gguf")
            if (try? VisionLanguageModel.load(folder: folder.url)) == nil { refused += 1 }
        }
        #expect(refused > 20)
    }
}
