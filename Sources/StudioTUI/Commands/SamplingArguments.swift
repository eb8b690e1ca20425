import ArgumentParser
import VLMRuntime

/// Options that steer how the next token is chosen, shared by `caption` and `generate`.
struct SamplingArguments: ParsableArguments {
    @Option(help: "Write at most this many tokens.")
    var maxTokens: Int?

    @Option(help: "0 takes the likeliest token; higher is more varied.")
    var temperature: Float?

    @Option(help: "Keep the likeliest tokens up to this probability; 1 keeps all.")
    var topP: Float?

    @Option(help: "Keep this many of the likeliest tokens; 0 keeps all.")
    var topK: Int?

    @Option(help: "Make tokens already seen less likely; 1 is off.")
    var repetitionPenalty: Float?

    @Option(help: "Repeats a sampled answer; default: chosen at random.")
    var seed: UInt64?

    func validate() throws {
        func check(_ isValid: Bool, _ message: String) throws {
            if !isValid { throw ValidationError(message) }
        }
        try check(
            maxTokens.map { (1...1_000_000).contains($0) } ?? true, "--max-tokens takes 1 or more.")
        try check(
            temperature.map { (0...100).contains($0) } ?? true, "--temperature takes 0 to 100.")
        try check(topP.map { $0 > 0 && $0 <= 1 } ?? true, "--top-p takes more than 0, at most 1.")
        try check(topK.map { $0 >= 0 } ?? true, "--top-k takes 0 or more.")
        try check(
            repetitionPenalty.map { (0.01...100).contains($0) } ?? true,
            "--repetition-penalty takes 0.01 to 100.")
    }

    /// The options over defaults; a missing seed is drawn when it matters.
    func options(over defaults: SamplingOptions) -> SamplingOptions {
        var options = defaults
        if let maxTokens { options.maxNewTokens = maxTokens }
        if let temperature { options.temperature = temperature }
        if let topP { options.topP = topP }
        if let topK { options.topK = topK }
        if let repetitionPenalty { options.repetitionPenalty = repetitionPenalty }
        if let seed {
            options.seed = seed
        } else if !options.isGreedy {
            // Below 2⁵³, so that JSON readers that only know doubles keep it exactly.
            options.seed = UInt64.random(in: 0..<(1 << 53))
        }
        return options
    }
}
