public import ImageCodecs
public import VLMRuntime

/// What the user changed about sampling; `nil` leaves the model's habit.
public struct CaptionOptions: Sendable, Equatable {
    /// Spread of the choice; 0 always takes the likeliest token.
    public var temperature: Float?
    /// Keeps the likeliest tokens only; 0 keeps all.
    public var topK: Int?
    /// Keeps the smallest set that reaches this probability; 1 keeps all.
    public var topP: Float?
    /// Makes tokens already seen less likely; 1 is off.
    public var repetitionPenalty: Float?
    /// Longest caption, in tokens.
    public var maxNewTokens: Int?
    /// Shortest caption, in tokens.
    public var minNewTokens: Int?
    /// Decides the random choices.
    public var seed: UInt64

    /// Names what differs from the model's habit.
    public init(
        temperature: Float? = nil, topK: Int? = nil, topP: Float? = nil,
        repetitionPenalty: Float? = nil, maxNewTokens: Int? = nil, minNewTokens: Int? = nil,
        seed: UInt64 = 0
    ) {
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.repetitionPenalty = repetitionPenalty
        self.maxNewTokens = maxNewTokens
        self.minNewTokens = minNewTokens
        self.seed = seed
    }

    /// The complete options for a model; greedy unless a temperature is given, as RePIC evaluates.
    public func resolved(for profile: ModelProfile) -> SamplingOptions {
        SamplingOptions(
            temperature: temperature ?? 0, topK: topK ?? 0, topP: topP ?? 1,
            repetitionPenalty: repetitionPenalty ?? profile.repetitionPenalty, seed: seed,
            maxNewTokens: maxNewTokens ?? profile.maxNewTokens, minNewTokens: minNewTokens ?? 0)
    }
}

/// One picture to caption.
public struct CaptionRequest: Sendable {
    /// Zero to four concepts, in the order the answer lists them.
    public var concepts: [CaptionConcept]
    /// The picture, upright, alpha already on white.
    public var query: RGBImage
    /// `nil` for the model's usual question; `{name}` becomes the names.
    public var question: String?
    /// What the user changed about sampling.
    public var options: CaptionOptions
    /// Whether references or picture come first.
    public var order: CaptionPrompt.Order
    /// Other names of the library, to notice when the caption uses one of them.
    public var libraryNames: [String]

    /// Describes one picture and its concepts.
    public init(
        concepts: [CaptionConcept] = [], query: RGBImage, question: String? = nil,
        options: CaptionOptions = CaptionOptions(),
        order: CaptionPrompt.Order = .referencesFirst, libraryNames: [String] = []
    ) {
        self.concepts = concepts
        self.query = query
        self.question = question
        self.options = options
        self.order = order
        self.libraryNames = libraryNames
    }
}
