/// By which name terminfo describes the terminal.
enum TerminalType {
    /// The names to try, the better one first.
    ///
    /// xterm, and most that imitate it, call themselves `xterm`, and tmux calls itself `screen`:
    /// entries with eight colours from a time when they had no more. Where the environment tells
    /// that it is a program of today, its entry with 256 colours is tried first.
    static func candidates(_ environment: [String: String]) -> [String] {
        let type = environment["TERM"] ?? ""
        func isSet(_ name: String) -> Bool { !(environment[name] ?? "").isEmpty }
        switch type {
        case "xterm" where modern.contains(where: isSet): return ["xterm-256color", type]
        case "screen" where isSet("TMUX"): return ["tmux-256color", "screen-256color", type]
        default: return [type]
        }
    }

    /// Variables that only terminals with 256 colours or more set.
    private static let modern = [
        "COLORTERM", "XTERM_VERSION", "VTE_VERSION", "KONSOLE_VERSION", "TERM_PROGRAM",
        "WT_SESSION",
    ]
}
