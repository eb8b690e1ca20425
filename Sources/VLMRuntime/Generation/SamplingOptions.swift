/// How the next token is chosen.
///
/// The order of operations follows Transformers: repetition penalty, temperature, top-k, top-p.
public struct SamplingOptions: Sendable, Equatable {
    /// Below `0.0001` decoding is greedy.
    public var temperature: Float
    /// Keeps the `topK` likeliest tokens; 0 keeps all.
    public var topK: Int
    /// Keeps the smallest set of tokens whose probability reaches `topP`; 1 keeps all.
    public var topP: Float
    /// Divides (or multiplies, when negative) the logits of tokens already seen; 1 is off.
    public var repetitionPenalty: Float
    /// Seeds the call's own random numbers.
    public var seed: UInt64
    /// Tokens after which generation ends.
    public var maxNewTokens: Int
    /// End-of-turn tokens are suppressed until this many tokens are out.
    public var minNewTokens: Int

    /// Greedy decoding unless told otherwise.
    public init(
        temperature: Float = 0, topK: Int = 0, topP: Float = 1, repetitionPenalty: Float = 1,
        seed: UInt64 = 0, maxNewTokens: Int = 256, minNewTokens: Int = 0
    ) {
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.repetitionPenalty = repetitionPenalty
        self.seed = seed
        self.maxNewTokens = maxNewTokens
        self.minNewTokens = minNewTokens
    }

    /// Whether the likeliest token is always taken.
    public var isGreedy: Bool { temperature < 1e-4 }
}
