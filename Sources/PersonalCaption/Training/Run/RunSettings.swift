/// How a run teaches.
public enum TrainingRecipe: String, Sendable, Codable, CaseIterable {
    /// RePIC: reinforcement by same object, box and names.
    case repic
    /// Learning from examples.
    case sft
    /// CapRL: reinforcement by questions answered from the caption alone.
    case caprl
}

/// Everything that decides the outcome of a run; written once as `run.json`.
public struct RunSettings: Sendable, Codable, Equatable {
    /// What the run and its adapter are called.
    public var name: String
    /// What the library calls the model.
    public var model: String
    /// The checkpoint's folder.
    public var modelFolder: String
    /// Tells whether the checkpoint is still the same.
    public var modelFingerprint: String
    /// How it teaches.
    public var recipe: TrainingRecipe
    /// Concepts to be taught, by name.
    public var concepts: [String]
    /// A file of examples instead of concepts.
    public var dataFile: String?
    /// Updates of the whole run.
    public var steps: Int
    /// Decides scenes, names, answers, and the adapter's beginning.
    public var seed: UInt64
    /// Width of the adapter's pairs.
    public var rank = 16
    /// Scales what the pairs add.
    public var alpha = 32.0
    /// Learning rate and its course.
    public var optimizer: OptimizerSettings
    /// Groups, answers, divergence.
    public var group = GroupRelativeOptions()
    /// Spread of the answers in training.
    public var temperature: Float = 1
    /// Which reading of the rewards.
    public var form = RewardForm.strict
    /// Shortest caption that earns anything, in code points.
    public var minimumLength = 100
    /// Updates between checkpoints.
    public var checkpointEvery = 10
    /// Scenes kept back to judge by.
    public var heldOutScenes = 24
    /// What is composed how often.
    public var mixture = EpisodeMixture()
    /// Whether right answers are shown where the model finds none (`RightAnswer`); `nil` in runs of
    /// earlier versions, which show none.
    public var showsRightAnswers: Bool?

    /// The course of the learning rate.
    public struct OptimizerSettings: Sendable, Codable, Equatable {
        /// Peak.
        public var learningRate: Double
        /// Updates over which it rises.
        public var warmupSteps = 0

        /// Names the peak.
        public init(learningRate: Double) { self.learningRate = learningRate }
    }

    /// How often the held-out scenes are judged in the whole run, the beginning included.
    public var judgings: Int {
        let every = max(1, checkpointEvery)
        return heldOutScenes > 0 ? 1 + (steps + every - 1) / every : 0
    }

    /// Names what has no usual value.
    public init(
        name: String, model: String, modelFolder: String, modelFingerprint: String,
        recipe: TrainingRecipe, concepts: [String], dataFile: String? = nil, steps: Int,
        seed: UInt64, learningRate: Double = 2e-4
    ) {
        self.name = name
        self.model = model
        self.modelFolder = modelFolder
        self.modelFingerprint = modelFingerprint
        self.recipe = recipe
        self.concepts = concepts
        self.dataFile = dataFile
        self.steps = steps
        self.seed = seed
        optimizer = OptimizerSettings(learningRate: learningRate)
    }
}
