import CKernels
import COpenBLAS
public import Foundation

/// A Qwen2.5-VL, Qwen2-VL or Qwen3-VL checkpoint, ready to read pictures and write text.
///
/// The model is an immutable value: weights stay in their mapped files, and everything a call
/// changes (caches, random numbers, scratch) belongs to that call, so one model may serve several
/// calls at once.
public struct VisionLanguageModel: Sendable {
    /// Where the checkpoint lies.
    public let folder: URL
    /// Sizes and ids from `config.json`.
    public let configuration: ModelConfiguration
    /// Text to ids and back.
    public let tokenizer: Tokenizer
    /// How pictures are resized and normalised.
    public let imageConfiguration: ImagePreprocessorConfiguration
    /// How the makers suggest to sample.
    public let generationDefaults: GenerationDefaults
    /// Number of weights.
    public let parameterCount: Int
    /// The type most weights are stored in.
    public let weightType: TensorType
    /// Bits of most weights as they are used: 32, 16, 8 or 4.
    public let weightBits: Int
    /// What products of activations and weights are computed in.
    public let arithmetic: Arithmetic
    /// How keys and values are kept: float32 in float32 arithmetic, otherwise 16 bits, unless
    /// chosen before the first session.
    public var keyValueStorage: KVStorage
    let vision: VisionTower
    var language: LanguageModel

    /// Opens a checkpoint.
    ///
    /// - Parameters:
    ///   - folder: holds `config.json`, tokenizer and safetensors files, or a pair of GGUF files;
    ///     or a `.gguf` file with its mmproj beside it.
    ///   - arithmetic: of products that `packed` does not hold; `nil` chooses: bfloat16 for large
    ///     bfloat16 checkpoints on a CPU that has the instruction, float32 otherwise. With weights
    ///     in blocks anything but float32 rounds activations to 8 bits, as ggml does.
    ///   - packed: the same weights in fewer bits.
    /// - Throws: `CheckpointError`, `TokenizerError` or `ImagePreprocessingError`, each one
    ///   sentence naming file, thing, expected and found.
    public static func load(
        folder: URL, arithmetic: Arithmetic? = nil, packed: PackedWeights? = nil
    ) throws -> VisionLanguageModel {
        try VisionLanguageModel(folder, arithmetic, packed)
    }

    private init(_ folder: URL, _ wanted: Arithmetic?, _ packed: PackedWeights?) throws {
        ck_keep_freed_memory()
        cob_set_thread_count(ck_thread_count())
        self.folder = folder
        let source = try CheckpointSource(folder)
        let description = try source.configuration()
        configuration = try ModelConfiguration(description)
        tokenizer = try Tokenizer(source.tokenizer())
        imageConfiguration = try source.imagePreprocessor()
        var defaults = try GenerationDefaults(
            source.generation(), vocabularySize: configuration.text.vocabularySize)
        if defaults.endOfTurnTokens.isEmpty,
            let end = tokenizer.id(ofAddedToken: ChatTemplate.turnEnd)
        {
            defaults.endOfTurnTokens = [end]
        }
        generationDefaults = defaults
        let weights = try Weights(source, packed: packed)
        (parameterCount, weightType) = weights.summary()
        weightBits = packed?.bits.rawValue ?? weightType.bits
        let unpacked =
            wanted
            ?? automaticArithmetic(
                hiddenSize: configuration.text.hiddenSize, type: weightType,
                hasDotProduct: ck_current_level() == CK_LEVEL_AVX512_BF16)
        weights.usesTiles =
            packed == nil && weightType.isBlocked && ck_tiles_are_fast()
            && asksForSpeed(wanted, hiddenSize: configuration.text.hiddenSize)
        arithmetic = packed == nil && !weights.usesTiles ? unpacked : .int8
        keyValueStorage = KVStorage.automatic(arithmetic)
        vision = try VisionTower(weights, configuration, unpacked)
        language = try LanguageModel(weights, configuration.text, unpacked)
        try weights.finish()
        try checkAgreement(description.path)
    }

    /// Parts that come from different files must describe the same model.
    private func checkAgreement(_ path: String) throws {
        let vision = configuration.vision
        guard imageConfiguration.patchSize == vision.patchSize,
            imageConfiguration.mergeSize == vision.mergeSize,
            imageConfiguration.temporalPatchSize == vision.temporalPatchSize
        else {
            throw CheckpointError.value(
                file: path, key: "vision_config.patch_size",
                expected: "the patch and merge sizes of the image processor's file",
                found: "\(vision.patchSize) and \(vision.mergeSize)")
        }
        guard tokenizer.vocabularySize <= configuration.text.vocabularySize else {
            throw CheckpointError.value(
                file: path, key: "vocab_size",
                expected: "at least \(tokenizer.vocabularySize), the tokenizer's size",
                found: "\(configuration.text.vocabularySize)")
        }
    }
}

/// Large bfloat16 checkpoints run in bfloat16 where that is fast; small ones can afford exactness.
///
/// So do large ones with weights in blocks: the vision tower that goes with them has bfloat16
/// weights.
func automaticArithmetic(hiddenSize: Int, type: TensorType, hasDotProduct: Bool) -> Arithmetic {
    let isSuited = type == .bfloat16 || type.isBlocked
    return asksForSpeed(nil, hiddenSize: hiddenSize) && hasDotProduct && isSuited
        ? .bfloat16 : .float32
}

/// Whether products may round what goes into them: where that was said, otherwise in large models.
func asksForSpeed(_ wanted: Arithmetic?, hiddenSize: Int) -> Bool {
    wanted.map { $0 != .float32 } ?? (hiddenSize >= 1024)
}
