import VLMRuntime

/// One answer to be written.
struct EngineJob: Sendable {
    /// `nil` for the model alone.
    let adapter: String?
    /// Makes the chat when its turn has come, so that pictures wait in their small form.
    let chat: @Sendable () throws -> [ChatMessage]
    let options: SamplingOptions
    let stops: [String]
    /// Raised when nobody wants the answer any more.
    let cancellation: CancellationFlag
    /// Called on the engine's thread, or on the submitting one before `submit` returns.
    let onEvent: @Sendable (JobEvent) -> Void
}

/// What happens to a job, in order; the last is `finished` or `failed`.
enum JobEvent: Sendable {
    /// It has a place, its pictures have been looked at, and its answer will come.
    case started
    /// Text that is certain.
    case text(String)
    case finished(JobResult)
    case failed(APIError)
}

/// An answer and what it took.
struct JobResult: Sendable {
    let text: String
    /// OpenAI's word: `stop` or `length`.
    let reason: String
    let usage: TokenUsage
    let cache: CacheUse
    let timings: GenerationTimings
}

extension APIError {
    /// The client went away; nobody reads this.
    static let cancelled = APIError(499, "The client closed the request.", code: "cancelled")
}
