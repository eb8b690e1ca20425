/// Why an engine did not answer.
public enum EngineError: Error, Equatable, CustomStringConvertible {
    /// The address cannot be used.
    case address(String, reason: String)
    /// Nobody answered, after several tries.
    case unreachable(engine: String, reason: String)
    /// The engine refuses this request; trying again would not help.
    case refused(engine: String, status: Int, message: String)
    /// The answer is not what OpenAI's API says.
    case malformed(engine: String, reason: String)
    /// Something that only a model in this process can do.
    case unsupported(String)

    /// Whether the request is to blame, not the engine: others may still be answered.
    public var concernsRequest: Bool {
        if case .refused(_, let status, _) = self { return [400, 413, 422].contains(status) }
        return false
    }

    /// One sentence.
    public var description: String {
        switch self {
        case .address(let text, let reason): "'\(text)' is no address of an engine: \(reason)."
        case .unreachable(let engine, let reason):
            "The engine \(engine) does not answer (\(reason)); start it, or give another --engine."
        case .refused(let engine, let status, let message):
            "The engine \(engine) refuses the request (\(status)): \(message)"
        case .malformed(let engine, let reason):
            "The engine \(engine) does not speak OpenAI's API: \(reason)."
        case .unsupported(let what):
            "\(what) needs a model in this program; leave out --engine."
        }
    }
}
