import Foundation

/// Memory that training takes besides the model itself, in bytes.
public struct TrainingMemory: Sendable, Codable, Equatable {
    /// Adapter, its gradient, and two running means: four floats a value.
    public var adapter: Int
    /// Activations kept for the way back, gradients of activations, logits.
    public var activations: Int
    /// Keys and values of the answers of a group.
    public var rollouts: Int

    /// Everything together.
    public var total: Int { adapter + activations + rollouts }

    /// Adds up what the sizes call for.
    ///
    /// - Parameters:
    ///   - promptTokens: tokens of a prompt, pictures included.
    ///   - answerTokens: longest answer.
    ///   - answers: answers to one prompt at a time.
    ///   - tapeBudget: bytes of activations that may be kept.
    public init(
        _ model: VisionLanguageModel, parameters: Int, promptTokens: Int, answerTokens: Int,
        answers: Int, tapeBudget: Int
    ) {
        let text = model.configuration.text
        let rows = promptTokens + answers * answerTokens
        let float = MemoryLayout<Float>.stride
        adapter = 4 * float * parameters
        let values = rows * LayerTape.width(text)
        let tape = frozenProducts(for: model.arithmetic).precision.size * values
        // One layer is always kept, and its way back needs about as much again.
        let kept = max(tape, min(tapeBudget, tape * text.layerCount))
        let inputs = float * rows * text.hiddenSize * text.layerCount
        let scored = min(answers * answerTokens, max(16, (32 << 20) / text.vocabularySize))
        activations = kept + float * values + inputs + 2 * float * scored * text.vocabularySize
        rollouts =
            (promptTokens + answers * answerTokens)
            * KVShape(text, storage: model.keyValueStorage).bytesPerToken
    }

    /// Memory of the model and of training it.
    ///
    /// - Throws: `GenerationError.notEnoughMemory` when more is called for than is free.
    public func check(
        _ model: VisionLanguageModel, memory: MemoryHeadroom = MemoryHeadroom()
    ) throws(GenerationError) {
        guard let available = memory.available(), total > available else { return }
        throw .notEnoughMemory(folder: model.folder.path, needed: total, available: available)
    }
}
