import Foundation
import Testing

@testable import VLMRuntime

struct TrainingAdapterTests {
    private let golden: TrainingGolden

    init() throws { golden = try TrainingGolden() }

    private func continuation() throws -> [Int32] {
        Array(try golden.ids("sft.input_ids").dropFirst(golden.prompt.ids.count))
    }

    @Test func anAdapterOfPEFTGivesItsLogits() throws {
        let adapted = try golden.model.adapted(by: golden.adapter)
        let logits = golden.logits(adapted, following: try continuation())
        expectClose(logits, golden.tensors["lora.logits"], "adapted logits")
    }

    @Test func switchingItOffGivesTheModelBack() throws {
        let ids = try continuation()
        let plain = golden.logits(golden.model, following: ids)
        let adapted = try golden.model.adapted(by: golden.adapter)
        #expect(golden.logits(try adapted.adapted(by: nil), following: ids).values == plain.values)
        #expect(golden.logits(adapted, following: ids).values != plain.values)
        let fresh = Adapter(AdapterPlan(rank: 4, alpha: 8), for: golden.model, seed: 1)
        let untrained = try golden.model.adapted(by: fresh)
        #expect(golden.logits(untrained, following: ids).values == plain.values, "B is zero")
    }

    @Test(arguments: AdapterNaming.allCases)
    func whatIsWrittenIsReadBack(naming: AdapterNaming) throws {
        let folder = try TemporaryFolder()
        try golden.adapter.write(to: folder.url, naming: naming)
        let read = try Adapter(folder: folder.url, for: golden.model)
        #expect(read.slots == golden.adapter.slots)
        #expect(read.values.values == golden.adapter.values.values)
        #expect(read.fingerprint() == golden.adapter.fingerprint())
        let names = try Safetensors(
            path: folder.url.appendingPathComponent(Adapter.weightsFile).path
        ).tensors.keys.sorted()
        let layer = naming == .current ? "model.language_model.layers" : "model.layers"
        #expect(names.first == "base_model.model.\(layer).0.mlp.down_proj.lora_A.weight")
    }

    /// Transformers and PEFT wrote the same tensor names, so the file must hold the same bytes.
    @Test func theFileEqualsTheOneOfPEFT() throws {
        let folder = try TemporaryFolder()
        try golden.adapter.write(to: folder.url)
        let ours = try Safetensors(
            path: folder.url.appendingPathComponent(Adapter.weightsFile).path)
        let theirs = try Safetensors(
            path: TrainingGolden.adapterFolder.appendingPathComponent(Adapter.weightsFile).path)
        #expect(ours.metadata == theirs.metadata)
        #expect(Set(ours.tensors.keys) == Set(theirs.tensors.keys))
        for (name, tensor) in theirs.tensors {
            #expect(ours.tensors[name]?.shape == tensor.shape)
            #expect(ours.tensors[name]?.floats() == tensor.floats())
        }
    }

    @Test(arguments: [MergedType.float32, .stored])
    func mergingGivesTheAdaptedLogits(type: MergedType) throws {
        let folder = try TemporaryFolder()
        let target = folder.url.appendingPathComponent("merged")
        try golden.adapter.merge(into: golden.model, to: target, type: type)
        let merged = try VisionLanguageModel.load(folder: target)
        let logits = golden.logits(merged, following: try continuation())
        expectClose(logits, golden.tensors["lora.logits"], "merged logits")
        #expect(throws: AdapterError.self) {
            try golden.adapter.merge(into: golden.model, to: target)
        }
    }

    @Test func shardsInBfloat16MergeToo() throws {
        let folder = try TemporaryFolder()
        let old = try VisionLanguageModel.load(
            folder: Golden.folder.appendingPathComponent("ckpt-old"))
        let ids = try continuation()
        for type in MergedType.allCases {
            let target = folder.url.appendingPathComponent(type.rawValue)
            try golden.adapter.merge(into: old, to: target, type: type)
            let merged = try VisionLanguageModel.load(folder: target)
            #expect(merged.parameterCount == old.parameterCount)
            let logits = golden.logits(merged, following: ids)
            // Rounded to eight bits of precision the small changes survive only roughly.
            expectClose(
                logits, golden.tensors["lora.logits"],
                tolerance: type == .float32 ? 2e-4 : 3e-2, "merged logits as \(type)")
        }
    }

    @Test func ranksAndScalesFollowTheFiles() throws {
        let folder = try adapterCopy { text in
            text.replacingOccurrences(
                of: "\"alpha_pattern\": {}",
                with: "\"alpha_pattern\": {\"layers.1.mlp.up_proj\": 2, \"k_proj\": 16}")
        }
        let adapter = try Adapter(folder: folder.url, for: golden.model)
        #expect(adapter["layers.0.self_attn.q_proj"]?.slot.scale == 2)
        #expect(adapter["layers.2.self_attn.k_proj"]?.slot.scale == 4)
        #expect(adapter["layers.1.mlp.up_proj"]?.slot.scale == 0.5)
        #expect(adapter["layers.0.mlp.up_proj"]?.slot.scale == 2)
        let stabilized = try adapterCopy {
            $0.replacingOccurrences(of: "\"use_rslora\": false", with: "\"use_rslora\": true")
        }
        let other = try Adapter(folder: stabilized.url, for: golden.model)
        #expect(other["layers.0.self_attn.q_proj"]?.slot.scale == 4)
        let written = try TemporaryFolder()
        for one in [adapter, other] {
            try one.write(to: written.url)
            #expect(try Adapter(folder: written.url, for: golden.model).slots == one.slots)
        }
    }

    private func adapterCopy(_ change: (String) -> String = { $0 }) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for name in [Adapter.configurationFile, Adapter.weightsFile] {
            try FileManager.default.copyItem(
                at: TrainingGolden.adapterFolder.appendingPathComponent(name),
                to: folder.url.appendingPathComponent(name))
        }
        let path = folder.url.appendingPathComponent(Adapter.configurationFile)
        let text = try String(contentsOf: path, encoding: .utf8)
        try change(text).write(to: path, atomically: true, encoding: .utf8)
        return folder
    }

    @Test(arguments: [
        ("\"peft_type\": \"LORA\"", "\"peft_type\": \"IA3\"", "peft_type"),
        ("\"bias\": \"none\"", "\"bias\": \"all\"", "bias"),
        ("\"use_dora\": false", "\"use_dora\": true", "use_dora"),
        ("\"fan_in_fan_out\": false", "\"fan_in_fan_out\": true", "fan_in_fan_out"),
        ("\"lora_bias\": false", "\"lora_bias\": true", "lora_bias"),
        ("\"modules_to_save\": null", "\"modules_to_save\": [\"lm_head\"]", "modules_to_save"),
        ("\"layer_replication\": null", "\"layer_replication\": [[0, 2]]", "layer_replication"),
        ("\"init_lora_weights\": true", "\"init_lora_weights\": \"pissa\"", "init_lora_weights"),
        ("\"lora_alpha\": 8", "\"lora_alpha\": \"eight\"", "lora_alpha"),
        ("\"alpha_pattern\": {}", "\"alpha_pattern\": {\"(a+)+\": 3}", "alpha_pattern"),
        ("\"use_rslora\": false", "\"use_rslora\": 1", "use_rslora"),
        ("{", "", "adapter_config.json"),
    ])
    func whatIsNotPlainLoRAIsRefusedByName(old: String, new: String, mentions: String) throws {
        let folder = try adapterCopy { text in
            text.range(of: old).map { text.replacingCharacters(in: $0, with: new) } ?? text
        }
        let error = #expect(throws: AdapterError.self) {
            try Adapter(folder: folder.url, for: golden.model)
        }
        #expect(error?.description.contains(mentions) == true, "\(String(describing: error))")
        #expect(error?.description.contains(folder.url.path) == true)
    }

    private func rewrite(
        _ change: (inout [String: SafetensorsWriter.Part]) -> Void
    ) throws -> AdapterError? {
        let folder = try adapterCopy()
        var parts: [String: SafetensorsWriter.Part] = [:]
        let path = folder.url.appendingPathComponent(Adapter.weightsFile)
        for (name, tensor) in try Safetensors(path: path.path).tensors {
            let values = Matrix(rows: 1, columns: tensor.count, values: tensor.floats())
            parts[name] = .init(name: name, shape: tensor.shape, values: values)
        }
        change(&parts)
        try SafetensorsWriter.write(Array(parts.values), to: path)
        return #expect(throws: AdapterError.self) {
            try Adapter(folder: folder.url, for: golden.model)
        }
    }

    @Test func tensorsWithoutAPlaceAreRefusedByName() throws {
        let name = "base_model.model.model.language_model.layers.0.self_attn.q_proj.lora_A.weight"
        func part(_ name: String, _ shape: [Int], _ value: Float = 0) -> SafetensorsWriter.Part {
            let count = shape.reduce(1, *)
            let values = [Float](repeating: value, count: count)
            return .init(
                name: name, shape: shape, values: Matrix(rows: 1, columns: count, values: values))
        }
        let cases: [(String, (inout [String: SafetensorsWriter.Part]) -> Void)] = [
            ("one half", { $0[name] = nil }),
            ("expected", { $0[name] = part(name, [4, 95]) }),
            ("expected", { $0[name] = part(name, [3, 96]) }),
            ("matrix", { $0[name] = part(name, [4 * 96]) }),
            ("not numbers", { $0[name] = part(name, [4, 96], .nan) }),
            ("not one half", { $0["x"] = part("surprise\u{1B}[2J", [4, 4]) }),
            (
                "no place",
                {
                    let other = name.replacingOccurrences(of: "layers.0", with: "layers.9")
                    $0[other] = part(other, [4, 96])
                }
            ),
            (
                "vision tower",
                {
                    let other = "base_model.model.model.visual.blocks.0.mlp.up_proj.lora_A.weight"
                    $0[other] = part(other, [4, 64])
                }
            ),
            (
                "second time",
                {
                    let other = name.replacingOccurrences(of: "model.language_model", with: "model")
                    $0[other] = part(other, [4, 96])
                }
            ),
            ("empty", { $0 = [:] }),
        ]
        for (mentions, change) in cases {
            let error = try rewrite(change)
            #expect(error?.description.contains(mentions) == true, "\(String(describing: error))")
            #expect(error?.description.contains("\u{1B}") == false)
        }
    }

    @Test func missingFilesAndOtherModelsAreRefused() throws {
        let empty = try TemporaryFolder()
        let missing = #expect(throws: AdapterError.self) {
            try Adapter(folder: empty.url, for: golden.model)
        }
        #expect(missing?.description.contains("adapter_config.json") == true)
        let mini = try VisionLanguageModel.load(
            folder: Golden.folder.deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appendingPathComponent("Samples/mini"))
        #expect(throws: AdapterError.self) {
            try Adapter(folder: TrainingGolden.adapterFolder, for: mini)
        }
        #expect(throws: AdapterError.self) { try mini.adapted(by: golden.adapter) }
    }
}
