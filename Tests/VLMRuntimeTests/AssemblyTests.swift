import Foundation
import Testing

@testable import VLMRuntime

/// A language model and a vision tower become one folder: the golden checkpoint, cut in two.
struct AssemblyTests {
    private let folder: TemporaryFolder
    private var language: URL { folder.url.appendingPathComponent("language") }
    private var vision: URL { folder.url.appendingPathComponent("vision") }
    private var target: URL { folder.url.appendingPathComponent("joined") }

    init() throws { folder = try TemporaryFolder() }

    // MARK: Cutting

    /// Writes tensors as one file; those that are not `kept` as zeros.
    private func write(
        _ tensors: [Tensor], to url: URL, name: (Tensor) -> String = \.name,
        keeping isKept: (Tensor) -> Bool = { _ in true }
    ) throws {
        var data = SafetensorsWriter.header(
            tensors.map { (name($0), $0.type.rawValue, $0.shape, $0.byteCount) }, metadata: [:])
        for tensor in tensors {
            data.append(
                isKept(tensor)
                    ? Data(bytes: tensor.pointer, count: tensor.byteCount)
                    : Data(count: tensor.byteCount))
        }
        try data.write(to: url.appendingPathComponent("model.safetensors"))
    }

    /// The text-only half in the form of Qwen2.5, and the other with a language model of zeros.
    private func cut(
        _ checkpoint: String, change: (inout [String: Any]) -> Void = { _ in },
        changeVision: (inout [String: Any]) -> Void = { _ in }
    ) throws {
        let source = Golden.folder.appendingPathComponent(checkpoint)
        let all = try Safetensors(
            path: source.appendingPathComponent("model.safetensors").path
        ).tensors.values.sorted { $0.name < $1.name }
        let isVision = { (tensor: Tensor) in Weights.canonical(tensor.name).hasPrefix("visual.") }
        try FileManager.default.createDirectory(at: language, withIntermediateDirectories: true)
        try FileManager.default.copyItem(at: source, to: vision)
        try FileManager.default.removeItem(at: vision.appendingPathComponent("model.safetensors"))
        try write(
            all.filter { !isVision($0) }, to: language,
            name: { tensor in
                let name = Weights.canonical(tensor.name)
                return name == "lm_head.weight" ? name : "model." + name
            })
        try write(all, to: vision, keeping: isVision)
        for name in ["tokenizer.json", "tokenizer_config.json"] {
            try FileManager.default.copyItem(
                at: source.appendingPathComponent(name), to: language.appendingPathComponent(name))
        }
        let configuration = vision.appendingPathComponent("config.json")
        var seeing = try json(configuration)
        var text = try #require(seeing["text_config"] as? [String: Any])
        let rope = text["rope_parameters"] as? [String: Any]
        text["rope_parameters"] = nil
        text["rope_theta"] = rope?["rope_theta"]
        text["model_type"] = "qwen2"
        text["architectures"] = ["Qwen2ForCausalLM"]
        change(&text)
        changeVision(&seeing)
        try save(text, language.appendingPathComponent("config.json"))
        try save(seeing, configuration)
    }

    private func json(_ url: URL) throws -> [String: Any] {
        try #require(
            JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
    }

    private func save(_ object: [String: Any], _ url: URL) throws {
        try JSONSerialization.data(withJSONObject: object).write(to: url)
    }

    private func answer(_ model: VisionLanguageModel) throws -> [Int32] {
        try model.generate(Golden.conversation(), options: SamplingOptions(maxNewTokens: 16))
            .tokenIDs
    }

    // MARK: Joining

    @Test(arguments: ["ckpt-new", "ckpt-tied"])
    func theJoinedFolderAnswersLikeTheWhole(checkpoint: String) throws {
        try cut(checkpoint)
        var parts: [Double] = []
        let outcome = try CheckpointAssembly(language: language, vision: vision)
            .write(to: target) { parts.append($0) }
        #expect(parts.last == 1 && parts == parts.sorted())
        let joined = try VisionLanguageModel.load(folder: target)
        let whole = try VisionLanguageModel.load(
            folder: Golden.folder.appendingPathComponent(checkpoint))
        #expect(try answer(joined) == answer(whole))
        #expect(outcome.parameters == whole.parameterCount && outcome.files == 1)
        #expect(outcome.hiddenSize == 96 && !outcome.hasNewMerger)
        #expect(joined.configuration == whole.configuration)
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
        #expect(Set(left) == ["language", "vision", "joined"])
    }

    @Test func largeOnesBecomeSeveralFilesWithAnIndex() throws {
        try cut("ckpt-new")
        var assembly = CheckpointAssembly(language: language, vision: vision)
        assembly.shardLimit = 300_000
        let outcome = try assembly.write(to: target)
        #expect(outcome.files > 2)
        let index = try json(target.appendingPathComponent("model.safetensors.index.json"))
        let metadata = try #require(index["metadata"] as? [String: Any])
        #expect(metadata["total_size"] as? Int == outcome.bytes)
        let whole = try VisionLanguageModel.load(
            folder: Golden.folder.appendingPathComponent("ckpt-new"))
        #expect(try answer(VisionLanguageModel.load(folder: target)) == answer(whole))
    }

    @Test func aFreshMergerIsTheSameForTheSameSeed() throws {
        try cut("ckpt-tied") { $0["hidden_size"] = $0["hidden_size"] }
        func merger(_ seed: UInt64, _ name: String) throws -> [Float] {
            let place = folder.url.appendingPathComponent(name)
            let outcome = try CheckpointAssembly(
                language: language, vision: vision, newMergerSeed: seed
            ).write(to: place)
            #expect(outcome.hasNewMerger)
            let model = try VisionLanguageModel.load(folder: place)
            #expect(model.vision.merger.second.weight.shape == [96, 256])
            return model.vision.merger.second.weight.floats()
        }
        let first = try merger(1, "a")
        #expect(try merger(1, "b") == first)
        #expect(try merger(2, "c") != first)
        #expect(first.allSatisfy { abs($0) <= 1 / 16 } && (first.max() ?? 0) > 0.06)
    }

    // MARK: Refusals

    private func expectRefused(
        because reason: String, to target: URL? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let place = target ?? self.target
        let before = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
        do {
            try CheckpointAssembly(language: language, vision: vision).write(to: place)
            Issue.record("accepted", sourceLocation: sourceLocation)
        } catch {
            #expect("\(error)".contains(reason), "\(error)", sourceLocation: sourceLocation)
        }
        let after = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
        #expect(Set(before) == Set(after), sourceLocation: sourceLocation)
    }

    @Test func whatDoesNotFitIsRefused() throws {
        try cut(
            "ckpt-new",
            changeVision: { root in
                var tower = root["vision_config"] as? [String: Any] ?? [:]
                tower["out_hidden_size"] = 64
                root["vision_config"] = tower
                var text = root["text_config"] as? [String: Any] ?? [:]
                text["hidden_size"] = 64
                text["num_attention_heads"] = 4
                root["text_config"] = text
            })
        try expectRefused(because: "rows of 64 features")
    }

    @Test func theWrongOrderIsRefused() throws {
        try cut("ckpt-new", change: { $0["model_type"] = "qwen2_5_vl" })
        try expectRefused(because: "expected \"qwen2\"")
    }

    @Test func stretchedPositionsAreRefused() throws {
        try cut("ckpt-new", change: { $0["rope_scaling"] = ["type": "yarn", "factor": 4] })
        try expectRefused(because: "rope type 'yarn'")
    }

    @Test func otherHeadsAreRefused() throws {
        try cut("ckpt-new", change: { $0["num_attention_heads"] = 3 })
        try expectRefused(because: "heads have 32 features")
    }

    @Test func missingAndStrangeTensorsAreRefused() throws {
        try cut("ckpt-new", change: { $0["num_hidden_layers"] = 4 })
        try expectRefused(because: "no tensor 'layers.3.")
        var text = try json(language.appendingPathComponent("config.json"))
        text["num_hidden_layers"] = 2
        try save(text, language.appendingPathComponent("config.json"))
        try expectRefused(because: "has no place in the model")
    }

    @Test func anotherVocabularyIsRefused() throws {
        try cut("ckpt-new")
        let file = language.appendingPathComponent("tokenizer.json")
        let changed = try String(contentsOf: file, encoding: .utf8)
            .replacingOccurrences(of: "<|im_end|>", with: "<|IM_END|>")
        try Data(changed.utf8).write(to: file)
        try expectRefused(because: "<|IM_END|>")
    }

    @Test func aTakenPlaceIsRefused() throws {
        try cut("ckpt-new")
        try expectRefused(because: "something is there already", to: vision)
        try FileManager.default.createDirectory(at: target, withIntermediateDirectories: false)
        try CheckpointAssembly(language: language, vision: vision).write(to: target)
        #expect(
            FileManager.default.fileExists(
                atPath: target.appendingPathComponent("config.json").path))
    }

    @Test func beingStoppedLeavesNothing() throws {
        try cut("ckpt-new")
        let flag = CancellationFlag()
        flag.cancel()
        let before = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
        #expect(throws: CancellationError.self) {
            try CheckpointAssembly(language: language, vision: vision)
                .write(to: target, cancellation: flag)
        }
        let after = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
        #expect(Set(before) == Set(after))
    }

    @Test func leftoversOfKilledRunsAreRemoved() throws {
        try cut("ckpt-new")
        // No process has so high a number.
        let left = folder.url.appendingPathComponent(".joined.assembling-99999999")
        try FileManager.default.createDirectory(at: left, withIntermediateDirectories: false)
        try CheckpointAssembly(language: language, vision: vision).write(to: target)
        #expect(!FileManager.default.fileExists(atPath: left.path))
    }
}
