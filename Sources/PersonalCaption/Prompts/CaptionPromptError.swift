/// Why a prompt cannot be made.
public enum CaptionPromptError: Error, Equatable, CustomStringConvertible {
    /// More concepts than one picture may have.
    case tooManyConcepts(found: Int, limit: Int)
    /// The concept at this position (from 1) has a name without visible characters.
    case emptyName(position: Int)
    /// Two names that differ only in case, punctuation or form of letters.
    case namesAlike(String, String)
    /// The question says `{name}`, but no concept was chosen.
    case nothingToName
    /// The question has more characters than allowed.
    case questionTooLong(length: Int, limit: Int)

    /// One sentence that says what is wrong and what to do.
    public var description: String {
        switch self {
        case .tooManyConcepts(let found, let limit):
            "\(found) concepts were chosen, but a picture can have at most \(limit); "
                + "leave out \(found - limit)."
        case .emptyName(let position):
            "Concept \(position) has no name a caption could use; give it a visible name."
        case .namesAlike(let first, let second):
            "A caption could not tell \"\(first)\" and \"\(second)\" apart, because they differ "
                + "only in case or punctuation; rename one or leave it out."
        case .nothingToName:
            "The question contains {name}, but no concept was chosen; choose one or reword it."
        case .questionTooLong(let length, let limit):
            "The question has \(length) characters, but at most \(limit) are allowed; shorten it."
        }
    }
}
