/// Why a generation ended.
public enum FinishReason: String, Sendable, Codable {
    /// The model ended its turn.
    case stop
    /// `maxNewTokens` or the context window was reached.
    case length
    /// The caller asked for it.
    case cancelled
}

/// Tokens read and written by one call.
public struct TokenUsage: Sendable, Codable, Equatable {
    /// Tokens read, pictures included.
    public var promptTokens: Int
    /// How many of the prompt tokens stand for pictures.
    public var imageTokens: Int
    /// Tokens written.
    public var generatedTokens: Int

    /// Takes the values as they are.
    public init(promptTokens: Int, imageTokens: Int, generatedTokens: Int) {
        self.promptTokens = promptTokens
        self.imageTokens = imageTokens
        self.generatedTokens = generatedTokens
    }
}

/// Where the time of one call went, in seconds.
public struct GenerationTimings: Sendable, Codable, Equatable {
    /// Time to open the model; 0 when it was open already.
    public var load = 0.0
    /// Resizing, normalising and tokenizing.
    public var preprocess = 0.0
    /// The vision tower.
    public var vision = 0.0
    /// Reading the prompt.
    public var prefill = 0.0
    /// From the start of the call to the first token.
    public var firstToken = 0.0
    /// From the first token to the last.
    public var decode = 0.0
    /// The whole call.
    public var total = 0.0
    /// Decoding speed, without the first token.
    public var tokensPerSecond = 0.0

    /// Takes the values as they are.
    public init() {}
}

/// Pixels of a picture before and after `smart_resize`, to map boxes between the two.
public struct ImageGeometry: Sendable, Codable, Equatable {
    /// Width as given.
    public var originalWidth: Int
    /// Height as given.
    public var originalHeight: Int
    /// Width the model saw.
    public var resizedWidth: Int
    /// Height the model saw.
    public var resizedHeight: Int

    /// Takes the values as they are.
    public init(originalWidth: Int, originalHeight: Int, resizedWidth: Int, resizedHeight: Int) {
        self.originalWidth = originalWidth
        self.originalHeight = originalHeight
        self.resizedWidth = resizedWidth
        self.resizedHeight = resizedHeight
    }
}

/// Everything one generation produced.
public struct GenerationResult: Sendable {
    /// The answer.
    public var text: String
    /// Generated ids without the final end-of-turn token.
    public var tokenIDs: [Int32]
    /// Log-probability of each id under the model's own distribution (before sampling changes).
    public var logProbabilities: [Float]
    /// Ids the model read.
    public var promptTokenIDs: [Int32]
    /// Why it ended.
    public var finishReason: FinishReason
    /// Token counts.
    public var usage: TokenUsage
    /// Where the time went.
    public var timings: GenerationTimings
    /// One per picture, in prompt order.
    public var images: [ImageGeometry]
    /// What did not have to be computed again.
    public var cache = CacheUse()

    /// Names every part; for models that run elsewhere, which do not tell ids.
    public init(
        text: String, tokenIDs: [Int32], logProbabilities: [Float], promptTokenIDs: [Int32],
        finishReason: FinishReason, usage: TokenUsage, timings: GenerationTimings,
        images: [ImageGeometry], cache: CacheUse = CacheUse()
    ) {
        self.text = text
        self.tokenIDs = tokenIDs
        self.logProbabilities = logProbabilities
        self.promptTokenIDs = promptTokenIDs
        self.finishReason = finishReason
        self.usage = usage
        self.timings = timings
        self.images = images
        self.cache = cache
    }
}

/// What happens while a caption is made, in order.
public enum GenerationEvent: Sendable {
    /// A stage began or moved on; `fraction` is 0…1 of that stage.
    case progress(Stage, fraction: Double)
    /// Newly complete text; may be empty while a character is still incomplete.
    case token(id: Int32, text: String)

    /// The stages before the first token.
    public enum Stage: String, Sendable {
        case preprocess, vision, prefill
    }
}
