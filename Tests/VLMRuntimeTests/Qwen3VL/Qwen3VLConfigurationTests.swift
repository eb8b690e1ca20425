import Foundation
import Testing

@testable import VLMRuntime

/// Configurations that no sensible Qwen3-VL has are refused in one sentence that names the key.
struct Qwen3VLConfigurationTests {
    private func expectRefused(
        because words: [String], sourceLocation: SourceLocation = #_sourceLocation,
        _ edit: (inout [String: Any]) -> Void
    ) throws {
        let temporary = try TemporaryFolder()
        let copy = temporary.url.appendingPathComponent("checkpoint")
        try FileManager.default.copyItem(at: Qwen3VLGolden.checkpoint, to: copy)
        let file = copy.appendingPathComponent("config.json")
        var config =
            try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any] ?? [:]
        edit(&config)
        try JSONSerialization.data(withJSONObject: config).write(to: file)
        do {
            _ = try VisionLanguageModel.load(folder: copy)
            Issue.record("it was accepted", sourceLocation: sourceLocation)
        } catch {
            let sentence = "\(error)"
            for word in words {
                #expect(
                    sentence.contains(word), "'\(sentence)' lacks '\(word)'",
                    sourceLocation: sourceLocation)
            }
            #expect(!sentence.contains("\n") && (sentence.last == "." || sentence.last == "?"))
        }
    }

    private func edit(
        _ part: String, _ key: String, _ value: Any
    ) -> (inout [String: Any]) -> Void {
        { config in
            var inner = config[part] as? [String: Any] ?? [:]
            inner[key] = value
            config[part] = inner
        }
    }

    private func vision(_ key: String, _ value: Any) -> (inout [String: Any]) -> Void {
        edit("vision_config", key, value)
    }

    private func text(_ key: String, _ value: Any) -> (inout [String: Any]) -> Void {
        edit("text_config", key, value)
    }

    @Test func mixturesOfExpertsAndOthersAreNamed() throws {
        try expectRefused(
            because: ["qwen3_vl_moe", "mixture of experts", "dense Qwen3-VL"]
        ) { $0["model_type"] = "qwen3_vl_moe" }
        try expectRefused(
            because: ["\"qwen3_5\"", "\"qwen2_5_vl\", \"qwen2_vl\" or \"qwen3_vl\""]
        ) { $0["model_type"] = "qwen3_5" }
        try expectRefused(because: ["quantised"]) { $0["quantization_config"] = ["bits": 8] }
    }

    @Test(arguments: [[0, 4], [-1], [2, 0], [1, 1], [1 << 40]])
    func absurdDeepstackBlocksAreRefused(blocks: [Int]) throws {
        try expectRefused(
            because: ["deepstack_visual_indexes"],
            vision("deepstack_visual_indexes", blocks))
    }

    @Test func moreLevelsThanLayersAreRefused() throws {
        try expectRefused(because: ["deepstack_visual_indexes", "at most", "2 layers"]) {
            text("num_hidden_layers", 2)(&$0)
            vision("deepstack_visual_indexes", [0, 1, 2])(&$0)
        }
        try expectRefused(
            because: ["deepstack_visual_indexes"], vision("deepstack_visual_indexes", "all"))
    }

    @Test func levelsMustBeThoseOfTheWeights() throws {
        try expectRefused(
            because: ["deepstack_merger_list.2"], vision("deepstack_visual_indexes", [0, 1, 2]))
        try expectRefused(
            because: ["deepstack_merger_list.1", "no place"],
            vision("deepstack_visual_indexes", [0]))
    }

    @Test(arguments: [48, 50, 0, -9, 1 << 50])
    func aPositionGridIsSquare(count: Int) throws {
        try expectRefused(
            because: ["num_position_embeddings"], vision("num_position_embeddings", count))
    }

    @Test func aGridOfAnotherSizeThanTheWeightsIsRefused() throws {
        try expectRefused(
            because: ["pos_embed", "[64, 32]"], vision("num_position_embeddings", 64))
    }

    @Test(arguments: [[4, 2, 3], [8, 0], [2, 3, 3], [0, 4, 4], [8, 0, 0, 0]])
    func ropeSectionsMustTakeTurns(sections: [Int]) throws {
        try expectRefused(
            because: ["rope_parameters.mrope_section", "sections"],
            text(
                "rope_parameters",
                ["rope_type": "default", "rope_theta": 5e6, "mrope_section": sections]
                    as [String: Any]))
    }

    @Test func otherRopesBiasesAndActivationsAreNamed() throws {
        try expectRefused(
            because: ["contiguous rope sections"],
            text(
                "rope_parameters",
                ["mrope_section": [4, 2, 2], "mrope_interleaved": false] as [String: Any]))
        try expectRefused(
            because: ["rope type 'yarn'"],
            text("rope_parameters", ["rope_type": "yarn", "factor": 4] as [String: Any]))
        try expectRefused(because: ["biases"], text("attention_bias", true))
        try expectRefused(
            because: ["vision activation 'relu'"], vision("hidden_act", "relu"))
        try expectRefused(
            because: ["a vision rope of base 500000"],
            vision("rope_parameters", ["rope_type": "axial", "rope_theta": 5e5] as [String: Any]))
        try expectRefused(because: ["activation 'gelu'"], text("hidden_act", "gelu"))
    }

    @Test(arguments: [15, 0, 1 << 40])
    func headsAreEvenAndNotEndless(size: Int) throws {
        try expectRefused(because: ["head_dim"], text("head_dim", size))
    }

    @Test func sizesMustBeThoseOfTheWeights() throws {
        try expectRefused(because: ["out_hidden_size", "48"], vision("out_hidden_size", 64))
        try expectRefused(because: ["patch_embed", "14, 14"], vision("patch_size", 14))
        try expectRefused(because: ["num_heads"], vision("num_heads", 5))
    }
}
