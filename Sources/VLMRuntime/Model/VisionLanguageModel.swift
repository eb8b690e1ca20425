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

    /// Opens a checkpoint folder.
    ///
    /// - Parameters:
    ///   - folder: holds `config.json`, tokenizer and safetensors files.
    ///   - arithmetic: of products that `packed` does not hold; `nil` chooses: bfloat16 for large
    ///     bfloat16 checkpoints on a CPU that has the instruction, float32 otherwise.
    ///   - packed: the same weights in fewer bits.
    /// - Throws: `CheckpointError`, `TokenizerError` or `ImagePreprocessingError`, each one
    ///   sentence naming file, thing, expected and found.
    public static func load(
        folder: URL, arithmetic: Arithmetic? = nil, packed: PackedWeights? = nil
    ) throws -> VisionLanguageModel {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder),
            isFolder.boolValue
        else { throw CheckpointError.notAFolder(path: folder.path) }
        return try VisionLanguageModel(folder, arithmetic, packed)
    }

    private init(_ folder: URL, _ wanted: Arithmetic?, _ packed: PackedWeights?) throws {
        ck_keep_freed_memory()
        cob_set_thread_count(ck_thread_count())
        self.folder = folder
        configuration = try ModelConfiguration(folder: folder)
        tokenizer = try Tokenizer(directory: folder)
        imageConfiguration = try ImagePreprocessorConfiguration(directory: folder)
        var defaults = try GenerationDefaults(
            folder: folder, vocabularySize: configuration.text.vocabularySize)
        if defaults.endOfTurnTokens.isEmpty,
            let end = tokenizer.id(ofAddedToken: ChatTemplate.turnEnd)
        {
            defaults.endOfTurnTokens = [end]
        }
        generationDefaults = defaults
        let weights = try Weights(folder: folder, packed: packed)
        (parameterCount, weightType) = weights.summary()
        weightBits = packed?.bits.rawValue ?? 8 * weightType.size
        let unpacked =
            wanted
            ?? automaticArithmetic(
                hiddenSize: configuration.text.hiddenSize, type: weightType,
                hasDotProduct: ck_current_level() == CK_LEVEL_AVX512_BF16)
        arithmetic = packed == nil ? unpacked : .int8
        keyValueStorage = KVStorage.automatic(arithmetic)
        vision = try VisionTower(weights, configuration, unpacked)
        language = try LanguageModel(weights, configuration.text, unpacked)
        try weights.finish()
        try checkAgreement()
    }

    /// Parts that come from different files must describe the same model.
    private func checkAgreement() throws {
        let vision = configuration.vision
        let path = folder.appendingPathComponent("config.json").path
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
func automaticArithmetic(hiddenSize: Int, type: TensorType, hasDotProduct: Bool) -> Arithmetic {
    hiddenSize >= 1024 && hasDotProduct && type == .bfloat16 ? .bfloat16 : .float32
}
