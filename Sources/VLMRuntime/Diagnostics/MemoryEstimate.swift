public import Foundation

/// Memory that a model and one caption with it take, in bytes; computed before anything is loaded.
public struct MemoryEstimate: Sendable, Codable, Equatable {
    /// The weights, all of which every token reads.
    public var weights: Int
    /// Keys and values of the prompt and the answer.
    public var keysAndValues: Int
    /// Activations of the vision tower on the largest picture, and the rows of all pictures.
    public var vision: Int
    /// Activations of the language model.
    public var language: Int

    /// Everything together.
    public var total: Int { weights + keysAndValues + vision + language }

    /// What one caption reads and writes.
    public struct Work: Sendable, Equatable {
        /// Tokens read and written.
        public var tokens: Int
        /// Patches of the largest picture.
        public var largestPicture: Int
        /// Tokens that stand for pictures.
        public var pictureTokens: Int

        /// Four references and a query of 448×448 pixels with a long answer.
        public static let usual = Work(tokens: 2_048, largestPicture: 1_024, pictureTokens: 1_280)

        /// Takes the values as they are.
        public init(tokens: Int, largestPicture: Int, pictureTokens: Int) {
            self.tokens = tokens
            self.largestPicture = largestPicture
            self.pictureTokens = pictureTokens
        }
    }

    /// Adds up what the sizes of a network call for.
    ///
    /// - Parameters:
    ///   - weightBytes: bytes of the weights as they are held, quantised or not.
    ///   - storage: how keys and values are kept.
    public init(
        _ configuration: ModelConfiguration, weightBytes: Int, storage: KVStorage,
        work: Work = .usual
    ) {
        let text = configuration.text
        let tower = configuration.vision
        let value = MemoryLayout<Float>.stride
        weights = weightBytes
        keysAndValues = work.tokens * KVShape(text, storage: storage).bytesPerToken
        vision =
            value
            * (work.largestPicture
                * (6 * tower.hiddenSize + 2 * tower.intermediateSize + tower.patchValues)
                + work.pictureTokens * configuration.pictureRowWidth)
        let rows = min(work.tokens, 512)
        language =
            value
            * (rows * (4 * text.hiddenSize + 2 * text.queryWidth + 2 * text.intermediateSize)
                + work.tokens * text.hiddenSize + 4 * text.vocabularySize)
    }

    /// Looks at a checkpoint folder without opening its weights.
    ///
    /// - Throws: `CheckpointError` when `config.json` does not describe a model of a known family.
    public init(
        folder: URL, storage: KVStorage = .float16, work: Work = .usual
    ) throws(CheckpointError) {
        self.init(
            try ModelConfiguration(folder: folder),
            weightBytes: try CheckpointFiles(folder).byteCount,
            storage: storage, work: work)
    }

    /// Refuses a checkpoint that cannot fit; one that cannot be read is left to those who open it.
    ///
    /// - Throws: `GenerationError.notEnoughMemory`.
    public static func check(
        _ folder: URL, memory: MemoryHeadroom = MemoryHeadroom()
    ) throws(GenerationError) {
        guard let estimate = try? MemoryEstimate(folder: folder) else { return }
        try estimate.check(folder: folder, memory: memory)
    }

    /// Refuses what cannot fit.
    ///
    /// - Throws: `GenerationError.notEnoughMemory`.
    public func check(
        folder: URL, memory: MemoryHeadroom = MemoryHeadroom()
    ) throws(GenerationError) {
        guard let available = memory.available(), total > available else { return }
        throw .notEnoughMemory(folder: folder.path, needed: total, available: available)
    }
}

extension VisionLanguageModel {
    /// Memory that this model and one caption take.
    public func memoryEstimate(_ work: MemoryEstimate.Work = .usual) -> MemoryEstimate {
        let stored = weightType.bits
        let files = (try? MemoryEstimate(folder: folder))?.weights ?? 0
        return MemoryEstimate(
            configuration, weightBytes: files / stored * min(weightBits, stored),
            storage: keyValueStorage, work: work)
    }
}
