/// Why something could not be had from a hub.
public enum HubError: Error, Equatable, CustomStringConvertible {
    /// Not `ORG/NAME`.
    case badName(String)
    /// Not the address of a hub.
    case badEndpoint(String, reason: String)
    /// There is no such model, revision or file.
    case notFound(String, hub: String)
    /// The hub wants to know who asks.
    case notAllowed(String, hub: String, hasToken: Bool)
    /// The hub refuses; trying again would not help.
    case refused(status: Int, message: String, hub: String)
    /// Nobody answered, after several tries.
    case unreachable(hub: String, reason: String)
    /// The answer is not what a hub says.
    case malformed(hub: String, reason: String)
    /// What was asked for is no model that can be run here.
    case notAModel(String, reason: String)
    /// A file is not the one the hub described, twice.
    case wrongContent(file: String, hub: String)
    /// Too little room.
    case diskFull(path: String, needed: Int, free: Int)
    /// Another program pulls the same model.
    case busy(String)
    /// A file cannot be written.
    case system(path: String, reason: String)

    /// Whether there is no such thing.
    public var isMissing: Bool {
        if case .notFound = self { return true }
        return false
    }

    /// Whether what the user wrote is to blame.
    public var isBadInput: Bool {
        switch self {
        case .badName, .badEndpoint, .notAModel: true
        default: false
        }
    }

    /// One sentence.
    public var description: String {
        switch self {
        case .badName(let text):
            "'\(text.prefix(120))' names no model on a hub; write ORG/NAME or ORG/NAME@REVISION."
        case .badEndpoint(let text, let reason):
            "'\(text.prefix(120))' is no address of a hub: \(reason)."
        case .notFound(let what, let hub): "\(what) is not on \(hub); look at its name there."
        case .notAllowed(let what, let hub, false):
            "\(what) is not on \(hub), or may only be read by those it knows; set HF_TOKEN to a "
                + "token of yours."
        case .notAllowed(let what, let hub, true):
            "\(what) may not be read with this token; open its page on \(hub) and accept its "
                + "conditions, or use another token."
        case .refused(let status, let message, let hub):
            "\(hub) refuses the request (\(status)): \(message)"
        case .unreachable(let hub, let reason):
            "\(hub) does not deliver (\(reason)); the same command later goes on from here."
        case .malformed(let hub, let reason): "\(hub) does not answer as a hub does: \(reason)."
        case .notAModel(let what, let reason):
            "\(what) is no model that can be run here: \(reason)."
        case .wrongContent(let file, let hub):
            "'\(file)' from \(hub) is not the file its hash promises, twice; try again later, or "
                + "another hub."
        case .diskFull(let path, let needed, let free):
            "'\(path)' has room for \(free >> 20) MiB, and \(needed >> 20) MiB are needed; give "
                + "another --into, or make room."
        case .busy(let path): "another program is pulling this model into '\(path)'; wait for it."
        case .system(let path, let reason): "'\(path)' cannot be written: \(reason)."
        }
    }
}
