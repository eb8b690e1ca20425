public import VLMRuntime

/// How the tokens of a caption were chosen; with the seed, enough to repeat it.
public struct CaptionSampling: Sendable, Codable, Equatable {
    /// Spread of the choice; 0 always took the likeliest token.
    public var temperature: Float
    /// Number of likeliest tokens kept; 0 kept all.
    public var topK: Int
    /// Probability kept; 1 kept all.
    public var topP: Float
    /// 1 was off.
    public var repetitionPenalty: Float
    /// Longest caption allowed, in tokens.
    public var maxTokens: Int

    /// The part of the options that belongs in a record.
    public init(_ options: SamplingOptions) {
        temperature = options.temperature
        topK = options.topK
        topP = options.topP
        repetitionPenalty = options.repetitionPenalty
        maxTokens = options.maxNewTokens
    }
}

/// A caption with everything needed to judge and repeat it.
///
/// Its JSON has the keys of `studio caption --json`; `adapter`, `evidence` and
/// `original` are written as null when there is none.
public struct CaptionRecord: Sendable, Codable, Equatable {
    /// The text as the model wrote it, brackets included.
    public var caption: String
    /// Names of the supplied concepts, in prompt order.
    public var concepts: [String]
    /// Supplied names the caption uses.
    public var named: [String]
    /// Supplied names it does not use.
    public var unnamed: [String]
    /// Names it uses of nobody supplied: invented in brackets, or of others in the library.
    public var absent: [String]
    /// The question as the model read it.
    public var question: String
    /// What the library calls the model.
    public var model: String
    /// The adapter in use, if any.
    public var adapter: String?
    /// Decided the random choices.
    public var seed: UInt64
    /// How tokens were chosen.
    public var sampling: CaptionSampling
    /// Why the caption ended.
    public var finishReason: FinishReason
    /// Tokens read and written.
    public var usage: TokenUsage
    /// Where the time went, in seconds.
    public var timings: GenerationTimings
    /// What did not have to be computed again.
    public var cache: CacheUse
    /// What speaks for each name that was used; `nil` when names were not checked.
    public var evidence: [NameEvidence]?
    /// The first caption, when its names did not stand the check and another was written.
    public var original: String?

    /// Names every part; the check comes later.
    public init(
        caption: String, concepts: [String], named: [String], unnamed: [String], absent: [String],
        question: String, model: String, adapter: String? = nil, seed: UInt64,
        sampling: CaptionSampling, finishReason: FinishReason, usage: TokenUsage,
        timings: GenerationTimings, cache: CacheUse = CacheUse()
    ) {
        self.caption = caption
        self.concepts = concepts
        self.named = named
        self.unnamed = unnamed
        self.absent = absent
        self.question = question
        self.model = model
        self.adapter = adapter
        self.seed = seed
        self.sampling = sampling
        self.finishReason = finishReason
        self.usage = usage
        self.timings = timings
        self.cache = cache
    }

    /// Writes every key, also what is absent, as null.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(caption, forKey: .caption)
        try values.encode(concepts, forKey: .concepts)
        try values.encode(named, forKey: .named)
        try values.encode(unnamed, forKey: .unnamed)
        try values.encode(absent, forKey: .absent)
        try values.encode(question, forKey: .question)
        try values.encode(model, forKey: .model)
        try values.encode(adapter, forKey: .adapter)
        try values.encode(seed, forKey: .seed)
        try values.encode(sampling, forKey: .sampling)
        try values.encode(finishReason, forKey: .finishReason)
        try values.encode(usage, forKey: .usage)
        try values.encode(timings, forKey: .timings)
        try values.encode(cache, forKey: .cache)
        try values.encode(evidence, forKey: .evidence)
        try values.encode(original, forKey: .original)
    }

    /// The check behind `named`, `unnamed` and `absent`, repeated for its ranges in `caption`.
    ///
    /// - Parameter library: further known names, as given to the captioner.
    public func names(library: [String] = []) -> NameReport {
        NameCheck(supplied: concepts, library: library).report(on: caption)
    }
}
