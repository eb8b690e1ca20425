import Foundation
import Testing

@testable import VLMRuntime

/// Folders in every layout people have, and the sentences for folders that are wrong.
struct CheckpointTests {
    private let folder = try? TemporaryFolder()

    private func load(_ url: URL) throws {
        let configuration = try ModelConfiguration(folder: url)
        let weights = try Weights(folder: url)
        _ = try VisionTower(weights, configuration, .float32)
        _ = try LanguageModel(weights, configuration.text, .float32)
        try weights.finish()
    }

    private func editConfig(
        _ url: URL, _ change: (inout [String: Any]) -> Void, file: String = "config.json"
    ) throws {
        let path = url.appendingPathComponent(file)
        var object = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: path)) as? [String: Any])
        change(&object)
        try JSONSerialization.data(withJSONObject: object).write(to: path)
    }

    private func expectRefused(
        _ checkpoint: String, because words: [String],
        sourceLocation: SourceLocation = #_sourceLocation, damage: (URL) throws -> Void
    ) throws {
        let url = try #require(folder).copyCheckpoint(checkpoint)
        defer { try? FileManager.default.removeItem(at: url) }
        try damage(url)
        do {
            try load(url)
            Issue.record("accepted", sourceLocation: sourceLocation)
        } catch {
            for word in words {
                #expect(
                    "\(error)".contains(word), "\(error)", sourceLocation: sourceLocation)
            }
        }
    }

    @Test(arguments: ["ckpt-new", "ckpt-old", "ckpt-tied"])
    func everyLayoutLoads(checkpoint: String) throws {
        try load(Golden.folder.appendingPathComponent(checkpoint))
    }

    @Test func bothConfigLayoutsMeanTheSame() throws {
        let new = try ModelConfiguration(folder: Golden.folder.appendingPathComponent("ckpt-new"))
        let old = try ModelConfiguration(folder: Golden.folder.appendingPathComponent("ckpt-old"))
        #expect(new == old)
        #expect(new.text.ropeSections == [2, 3, 3])
    }

    @Test func missingFilesAreNamed() throws {
        try expectRefused("ckpt-new", because: ["model.safetensors"]) {
            try FileManager.default.removeItem(at: $0.appendingPathComponent("model.safetensors"))
        }
        try expectRefused("ckpt-new", because: ["config.json"]) {
            try FileManager.default.removeItem(at: $0.appendingPathComponent("config.json"))
        }
        try expectRefused("ckpt-old", because: ["model-00002-of-00002.safetensors"]) {
            try FileManager.default.removeItem(
                at: $0.appendingPathComponent("model-00002-of-00002.safetensors"))
        }
    }

    @Test func aWrongShapeNamesTensorExpectedAndFound() throws {
        try expectRefused("ckpt-tied", because: ["k_proj", "[48, 96]", "[32, 96]"]) {
            try editConfig($0) { config in
                var text = config["text_config"] as? [String: Any] ?? [:]
                text["num_key_value_heads"] = 3
                config["text_config"] = text
                config["num_key_value_heads"] = 3
            }
        }
    }

    @Test func missingAndExtraTensorsAreNamed() throws {
        try expectRefused("ckpt-tied", because: ["layers.3.input_layernorm.weight"]) {
            try editConfig($0) { config in
                var text = config["text_config"] as? [String: Any] ?? [:]
                text["num_hidden_layers"] = 4
                config["text_config"] = text
            }
        }
        try expectRefused("ckpt-tied", because: ["has no place", "layers.2"]) {
            try editConfig($0) { config in
                var text = config["text_config"] as? [String: Any] ?? [:]
                text["num_hidden_layers"] = 2
                config["text_config"] = text
            }
        }
    }

    @Test(arguments: [
        ("hidden_size", 1e18), ("hidden_size", -1), ("num_hidden_layers", 0),
        ("num_attention_heads", 7), ("vocab_size", 1e15), ("rms_norm_eps", 0),
    ])
    func absurdSizesAreRefused(key: String, value: Double) throws {
        try expectRefused("ckpt-old", because: ["config.json", key]) {
            try editConfig($0) { $0[key] = value == value.rounded() ? Int(value) : value }
        }
    }

    @Test func unsupportedFeaturesAreNamed() throws {
        try expectRefused("ckpt-old", because: ["quantised"]) {
            try editConfig($0) { $0["quantization_config"] = ["bits": 4] }
        }
        try expectRefused("ckpt-old", because: ["rope type 'yarn'"]) {
            try editConfig($0) {
                $0["rope_scaling"] = ["type": "yarn", "mrope_section": [2, 3, 3]]
            }
        }
        try expectRefused("ckpt-old", because: ["model_type", "llama"]) {
            try editConfig($0) { $0["model_type"] = "llama" }
        }
    }

    @Test func shardNamesCannotLeaveTheFolder() throws {
        for name in [
            "../model.safetensors", "/etc/passwd", ".hidden.safetensors", "a/b.safetensors",
        ] {
            try expectRefused("ckpt-old", because: ["weight_map", "same folder"]) {
                try editConfig(
                    $0,
                    { index in
                        var map = index["weight_map"] as? [String: Any] ?? [:]
                        map["lm_head.weight"] = name
                        index["weight_map"] = map
                    }, file: "model.safetensors.index.json")
            }
        }
    }

    @Test func aShardMustHoldWhatTheIndexSays() throws {
        try expectRefused("ckpt-old", because: ["index says", "lm_head.weight"]) {
            try editConfig(
                $0,
                { index in
                    var map = index["weight_map"] as? [String: Any] ?? [:]
                    let files = Set(map.values.compactMap { $0 as? String })
                    let home = map["lm_head.weight"] as? String
                    map["lm_head.weight"] = files.first { $0 != home }
                    index["weight_map"] = map
                }, file: "model.safetensors.index.json")
        }
    }

    @Test func aFIFOInPlaceOfAFileIsRefusedAtOnce() throws {
        try expectRefused("ckpt-new", because: ["not a regular file"]) {
            let path = $0.appendingPathComponent("config.json").path
            try FileManager.default.removeItem(atPath: path)
            #expect(mkfifo(path, 0o600) == 0)
        }
    }

    @Test func namesAreNormalisedFromEveryLayout() {
        #expect(
            Weights.canonical("model.visual.blocks.0.norm1.weight")
                == "visual.blocks.0.norm1.weight")
        #expect(Weights.canonical("visual.blocks.0.norm1.weight") == "visual.blocks.0.norm1.weight")
        #expect(Weights.canonical("model.language_model.layers.1.x") == "layers.1.x")
        #expect(Weights.canonical("model.layers.1.x") == "layers.1.x")
        #expect(Weights.canonical("lm_head.weight") == "lm_head.weight")
    }

    @Test func arithmeticFollowsSizeTypeAndMachine() {
        let choice = automaticArithmetic
        #expect(choice(2048, .bfloat16, true) == .bfloat16)
        #expect(choice(2048, .bfloat16, false) == .float32)
        #expect(choice(2048, .float32, true) == .float32)
        #expect(choice(256, .bfloat16, true) == .float32)
        #expect(choice(2048, .q4K, true) == .bfloat16)
        #expect(asksForSpeed(nil, hiddenSize: 2048) && !asksForSpeed(nil, hiddenSize: 256))
        #expect(asksForSpeed(.bfloat16, hiddenSize: 256))
        #expect(!asksForSpeed(.float32, hiddenSize: 2048))
    }

    @Test func productsTakeTheRouteTheyShould() {
        #expect(
            productRoute(rows: 1, type: .bfloat16, arithmetic: .bfloat16, hasBLAS: true)
                == .bfloat16)
        #expect(
            productRoute(rows: 1, type: .float32, arithmetic: .bfloat16, hasBLAS: true) == .stream)
        #expect(
            productRoute(rows: 99, type: .bfloat16, arithmetic: .float32, hasBLAS: true) == .panels)
        #expect(
            productRoute(rows: 99, type: .bfloat16, arithmetic: .float32, hasBLAS: false) == .stream
        )
    }
}
