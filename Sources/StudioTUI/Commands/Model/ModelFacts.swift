import ConceptDB
import Foundation
import PersonalCaption
import TerminalUI
import VLMRuntime

/// Sizes and habits of a checkpoint, as `model inspect` prints them and the library keeps them.
struct ModelFacts: Encodable, Sendable {
    struct Text: Encodable, Sendable {
        let hiddenSize, layers, heads, keyValueHeads, vocabularySize, contextLength: Int
    }

    struct Vision: Encodable, Sendable {
        let hiddenSize, layers, heads, patchSize, mergeSize: Int
        /// Blocks whose rows the language model's first layers get as well; empty but for Qwen3-VL.
        let deepstackBlocks: [Int]
    }

    struct Image: Encodable, Sendable {
        let minPixels, maxPixels: Int
    }

    let family: String
    let parameters: Int
    let weightType: String
    /// Bits of most weights as they are used.
    let weightBits: Int
    let arithmetic: String
    let profile: String
    let text: Text
    let vision: Vision
    let image: Image
    let endOfTurnTokens: [Int32]
    /// What a caption with four references takes, in bytes.
    let memory: MemoryEstimate
    /// What is free now, in bytes.
    let memoryAvailable: Int?

    init(_ model: VisionLanguageModel, name: String) throws {
        let language = model.configuration.text
        let tower = model.configuration.vision
        family = model.configuration.family.rawValue
        parameters = model.parameterCount
        weightType = model.weightType.rawValue
        weightBits = model.weightBits
        arithmetic = model.arithmetic.rawValue
        profile = try ModelProfile.resolve(directory: model.folder, modelName: name).name
        text = Text(
            hiddenSize: language.hiddenSize, layers: language.layerCount,
            heads: language.headCount, keyValueHeads: language.keyValueHeadCount,
            vocabularySize: language.vocabularySize, contextLength: language.contextLength)
        vision = Vision(
            hiddenSize: tower.hiddenSize, layers: tower.depth, heads: tower.headCount,
            patchSize: tower.patchSize, mergeSize: tower.mergeSize,
            deepstackBlocks: tower.deepstackBlocks)
        image = Image(
            minPixels: model.imageConfiguration.minPixels,
            maxPixels: model.imageConfiguration.maxPixels)
        endOfTurnTokens = model.generationDefaults.endOfTurnTokens
        memory = model.memoryEstimate()
        memoryAvailable = MemoryHeadroom().available()
    }

    /// `8.8 million`, `3.75 billion`.
    static func parameterText(_ count: Int) -> String {
        let (value, unit) =
            count >= 1_000_000_000
            ? (Double(count) / 1e9, "billion") : (Double(count) / 1e6, "million")
        return String(format: "%.\(value < 100 ? 1 : 0)f \(unit)", value)
    }

    /// `38 MB`, `7.51 GB`.
    static func sizeText(_ bytes: Int) -> String {
        bytes < 1_000_000_000
            ? "\((bytes + 500_000) / 1_000_000) MB" : String(format: "%.2f GB", Double(bytes) / 1e9)
    }

    /// A line per fact, for people.
    var lines: [String] {
        let blocks = vision.deepstackBlocks.map(String.init).joined(separator: ", ")
        let deepstack = blocks.isEmpty ? "" : ", deepstack behind blocks \(blocks)"
        return [
            "family       \(family)",
            "parameters   \(Self.parameterText(parameters)), stored as \(weightType), "
                + (arithmetic == "int8" ? "used with \(weightBits) bits, " : "")
                + "computed in \(arithmetic)",
            "language     \(text.layers) layers of width \(text.hiddenSize), \(text.heads) heads "
                + "(\(text.keyValueHeads) for keys and values), vocabulary \(text.vocabularySize), "
                + "context \(text.contextLength)",
            "vision       \(vision.layers) blocks of width \(vision.hiddenSize), \(vision.heads) "
                + "heads, patches of \(vision.patchSize) pixels" + deepstack,
            "pictures     \(image.minPixels) to \(image.maxPixels) pixels",
            "memory       \(Self.sizeText(memory.total)) for a caption with four references: "
                + "\(Self.sizeText(memory.weights)) of weights, "
                + "\(Self.sizeText(memory.keysAndValues)) of keys and values"
                + (memoryAvailable.map { "; \(Self.sizeText($0)) free now" } ?? ""),
            "prompts      \(profile)",
        ].map { TerminalText.sanitized($0) }
    }
}

extension Session {
    /// The samples beside the program, if they are there.
    var samples: Samples? {
        Samples.find(environment: context.environment, executable: context.executable)
    }

    /// Opens a model, saying so when it takes long.
    func load(
        _ choice: ModelChoice, _ precision: Precision = .usual
    ) throws -> VisionLanguageModel {
        progress.update("loading \(choice.name)")
        var model = try ModelWeights(home: home).load(
            folder: choice.folder, arithmetic: precision.arithmetic, cancellation: cancellation,
            note: { note($0) },
            progress: { progress.update("packing \(choice.name)", fraction: $0) })
        if let storage = precision.keyValues { model.keyValueStorage = storage }
        progress.update("loading \(choice.name)", fraction: 1)
        try checkCancellation()
        return model
    }
}
