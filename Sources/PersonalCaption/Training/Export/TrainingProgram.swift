/// A program that trains elsewhere, on machines with accelerators.
public enum TrainingProgram: String, Sendable, Codable, CaseIterable {
    /// VLM-R1 and RePIC's trainer, which was made of it: reinforcement.
    case vlmR1 = "vlm-r1"
    /// Hugging Face TRL: reinforcement by GRPO with the studio's own rewards.
    case trl
    /// LLaMA-Factory: learning from examples.
    case llamaFactory = "llama-factory"
}

/// Everything that decides what is written for such a program.
public struct TrainingExportPlan: Sendable, Equatable {
    /// For which program.
    public var program: TrainingProgram
    /// What configurations name as the model to start from: a folder or a repository of a hub.
    public var baseModel: String
    /// Episodes to train with.
    public var count: Int
    /// Scenes to judge by, of pictures that training does not see.
    public var heldOut: Int
    /// Decides scenes and names.
    public var seed: UInt64
    /// Width of the adapter's pairs.
    public var rank = 16
    /// Scales what the pairs add.
    public var alpha = 32
    /// Peak learning rate.
    public var learningRate = 1e-5
    /// Answers to each prompt.
    public var answers = 8
    /// Longest answer, in tokens.
    public var maximumTokens = 256

    /// Names what has no usual value.
    public init(
        program: TrainingProgram, baseModel: String, count: Int, heldOut: Int, seed: UInt64
    ) {
        self.program = program
        self.baseModel = baseModel
        self.count = count
        self.heldOut = heldOut
        self.seed = seed
        if program == .llamaFactory { learningRate = 1e-4 }
    }
}

/// What was written.
public struct TrainingExportSummary: Sendable, Codable, Equatable {
    /// Examples to train with, by task.
    public var examples: [String: Int] = [:]
    /// Examples to judge by.
    public var heldOut = 0
    /// Pictures.
    public var pictures = 0
    /// Episodes the program has no form for, and why.
    public var leftOut: [String: Int] = [:]
    /// Files but pictures, by name.
    public var files: [String] = []
}
