import ArgumentParser

/// `studio model …`: the checkpoints that captions can be made with.
struct ModelCommand: StudioCommandGroup {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "Register, choose, inspect and measure models.",
        discussion: """
            A model is the folder of a Qwen2.5-VL, Qwen2-VL or (dense) Qwen3-VL checkpoint as people \
            download it: config.json, tokenizer.json, *.safetensors. Or a .gguf file with its mmproj \
            beside it. The small embedded model is called mini.
            """,
        subcommands: [
            ModelList.self, ModelAdd.self, ModelPullCommand.self, ModelUse.self, ModelInspect.self,
            ModelTokenize.self, ModelAssemble.self, ModelQuantize.self, ModelBench.self,
            ModelRemove.self,
        ])
}
