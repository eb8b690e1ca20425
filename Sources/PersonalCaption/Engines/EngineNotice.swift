/// What a user may want to know of engines while they are asked.
public enum EngineNotice: Sendable, Equatable, CustomStringConvertible {
    /// It stopped answering and is tried again, for at most so many seconds.
    case silent(engine: String, reason: String, patience: Double)
    /// It answers again.
    case back(engine: String)
    /// It does not take the sizes that small pictures should have.
    case sizesRefused(engine: String)

    /// One sentence without a full stop.
    public var description: String {
        switch self {
        case .silent(let engine, let reason, let patience):
            "the engine \(engine) does not answer (\(reason)); trying again for "
                + "\(Int(patience.rounded())) s"
        case .back(let engine): "the engine \(engine) answers again"
        case .sizesRefused(let engine):
            "the engine \(engine) refuses the sizes of small pictures, so that its captions may "
                + "differ from those made here; vLLM takes them with --trust-request-mm-kwargs"
        }
    }
}
