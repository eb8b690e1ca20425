/// Why the app cannot use the terminal; one sentence with what to do about it.
public enum TerminalOpenError: Error, Equatable, CustomStringConvertible {
    /// Standard input or output, by its name, is a file or a pipe.
    case notATerminal(String)
    /// `TERM` is not set.
    case noType
    /// The terminal says that it can do nothing.
    case dumb
    /// terminfo has no entry of that name.
    case unknownType(String)
    /// The terminal cannot place its cursor.
    case noCursorAddressing(String)
    /// The system refused something.
    case system(String)

    /// The sentence for the user.
    public var description: String {
        switch self {
        case .notATerminal(let stream):
            "\(stream) is not a terminal; start studio without a pipe or redirection, or use its "
                + "subcommands in scripts."
        case .noType:
            "TERM is not set, so the kind of terminal is unknown; try TERM=xterm-256color."
        case .dumb:
            "TERM=dumb says that this terminal can only print lines; use studio --plain here, or "
                + "set TERM=xterm-256color if it can do more."
        case .unknownType(let type):
            "The system has no description of the terminal TERM=\(TerminalText.sanitized(type)); "
                + "try TERM=xterm-256color, or install ncurses-term."
        case .noCursorAddressing(let type):
            "The terminal TERM=\(TerminalText.sanitized(type)) cannot place its cursor; try "
                + "TERM=xterm-256color if it can do more."
        case .system(let message): "The terminal cannot be used: \(message)."
        }
    }
}
