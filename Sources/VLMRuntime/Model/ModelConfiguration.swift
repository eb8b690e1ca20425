import Foundation

/// What `config.json` says about a network, checked.
///
/// Reads the flat layout (as published) and the nested one (as saved by newer Transformers); see
/// MODEL.md, "Configuration".
public struct ModelConfiguration: Sendable, Equatable {
    /// Which network it is.
    public let family: ModelFamily
    /// Sizes of the language model.
    public let text: TextConfiguration
    /// Sizes of the vision tower.
    public let vision: VisionConfiguration
    /// Stands for one merged cell of a picture.
    public let imageTokenID: Int32
    /// Opens a picture.
    public let visionStartTokenID: Int32
    /// Closes a picture.
    public let visionEndTokenID: Int32

    /// - Parameter folder: the checkpoint folder, or a `.gguf` file with its mmproj beside it.
    /// - Throws: `CheckpointError` naming the key, what was expected and what was found.
    public init(folder: URL) throws(CheckpointError) {
        try self.init(CheckpointSource(folder).configuration())
    }

    init(_ file: JSONFile) throws(CheckpointError) {
        family = try ModelFamily(file)
        if file.value("quantization_config") != nil {
            throw .unsupported(file: file.path, feature: "a quantised checkpoint (AWQ, GPTQ, FP8)")
        }
        text = try TextConfiguration(file, family: family)
        vision = try VisionConfiguration(file, family: family)
        let ids = 0...(text.vocabularySize - 1)
        imageTokenID = Int32(try file.integer("image_token_id", in: ids, or: 151_655))
        visionStartTokenID = Int32(try file.integer("vision_start_token_id", in: ids, or: 151_652))
        visionEndTokenID = Int32(try file.integer("vision_end_token_id", in: ids, or: 151_653))
        guard vision.outputSize == text.hiddenSize else {
            throw file.wrong(
                family == .qwen2VL ? "vision_config.hidden_size" : "vision_config.out_hidden_size",
                "\(text.hiddenSize), the language model's hidden_size")
        }
        guard vision.deepstackBlocks.count <= text.layerCount else {
            throw file.wrong(
                "vision_config.deepstack_visual_indexes",
                "at most as many blocks as the language model's \(text.layerCount) layers")
        }
    }

    /// Values of one row of a picture: what stands for the cell, then what is added behind each of
    /// the first layers.
    var pictureRowWidth: Int { text.hiddenSize * (1 + vision.deepstackBlocks.count) }
}

/// `generation_config.json`: how the makers suggest to sample.
public struct GenerationDefaults: Sendable, Equatable {
    /// Whether to sample at all; greedy otherwise.
    public var doSample = false
    /// Divides the logits.
    public var temperature: Float = 1
    /// Tokens kept by rank.
    public var topK = 50
    /// Share of probability kept.
    public var topP: Float = 1
    /// Divisor for tokens already seen.
    public var repetitionPenalty: Float = 1
    /// Ids that end the model's turn.
    public var endOfTurnTokens: [Int32] = []

    /// Reads the file if there is one; a missing key keeps the reference's default.
    init(_ file: JSONFile?, vocabularySize: Int) throws(CheckpointError) {
        guard let file else { return }
        doSample = try file.bool("do_sample") ?? false
        temperature = Float(try file.number("temperature", in: 0...100, or: 1))
        topK = try file.integer("top_k", in: 0...10_000_000, or: 50)
        topP = Float(try file.number("top_p", in: 0...1, or: 1))
        repetitionPenalty = Float(try file.number("repetition_penalty", in: 0.01...100, or: 1))
        let ids = 0...(vocabularySize - 1)
        if case .integer? = file.value("eos_token_id") {
            endOfTurnTokens = [Int32(try file.integer("eos_token_id", in: ids))]
        } else {
            endOfTurnTokens = (try file.integers("eos_token_id", in: ids) ?? []).map(Int32.init)
        }
    }
}
