/// How many colours the program writes.
enum ColourDepth: Int, Comparable, Sendable {
    case none, sixteen, indexed256, trueColour

    static func < (less: ColourDepth, more: ColourDepth) -> Bool { less.rawValue < more.rawValue }

    var label: String {
        switch self {
        case .none: "none"
        case .sixteen: "16 colours"
        case .indexed256: "256 colours"
        case .trueColour: "24-bit colour"
        }
    }
}

/// Decides on colour from facts alone.
enum ColourPolicy {
    /// The depth to use, and the fact that settled it.
    ///
    /// `NO_COLOR` counts when it is set and not empty, as no-color.org defines it.
    static func decide(
        environment: [String: String], isTerminal: Bool, optionOff: Bool
    ) -> (depth: ColourDepth, reason: String) {
        let terminal = environment["TERM"] ?? ""
        if optionOff { return (.none, "--no-color was given") }
        if !(environment["NO_COLOR"] ?? "").isEmpty { return (.none, "NO_COLOR is set") }
        if !isTerminal { return (.none, "the output is not a terminal") }
        if terminal.isEmpty || terminal == "dumb" { return (.none, "TERM is dumb or empty") }
        return capability(environment)
    }

    /// What the terminal can show, whatever the user wants.
    static func capability(
        _ environment: [String: String]
    ) -> (depth: ColourDepth, reason: String) {
        let terminal = environment["TERM"] ?? ""
        let colourTerminal = environment["COLORTERM"] ?? ""
        if ["truecolor", "24bit"].contains(colourTerminal.lowercased()) {
            return (.trueColour, "COLORTERM is \(colourTerminal)")
        }
        if terminal.contains("direct") || terminal.contains("kitty") || terminal.contains("foot") {
            return (.trueColour, "TERM is \(terminal)")
        }
        // Inside tmux and screen the variables of the outer terminal say nothing.
        if !terminal.hasPrefix("tmux"), !terminal.hasPrefix("screen"),
            let name = modernTerminal(environment)
        {
            return (.trueColour, "$\(name) names a terminal that has it")
        }
        if terminal.contains("256") { return (.indexed256, "TERM is \(terminal)") }
        return (.sixteen, "TERM is \(terminal)")
    }

    /// The variable by which a terminal with 24-bit colour makes itself known, although `TERM` is
    /// a plain `xterm`.
    private static func modernTerminal(_ environment: [String: String]) -> String? {
        if let version = environment["XTERM_VERSION"] {
            // xterm has had 24-bit colour since patch 331.
            let digits = version.drop { !$0.isNumber }.prefix { $0.isNumber }
            return (Int(digits) ?? 0) >= 331 ? "XTERM_VERSION" : nil
        }
        return ["VTE_VERSION", "KONSOLE_VERSION", "WT_SESSION", "WEZTERM_PANE"].first {
            !(environment[$0] ?? "").isEmpty
        }
    }
}

/// What a piece of text means, from which its colour follows.
enum TextRole: Sendable, Equatable {
    case plain, strong, faint, good, warning, bad
    /// The n-th concept of a caption, from 0; each has its own colour.
    case concept(Int)
}

/// Writes text in the colours that the policy allows.
struct TextStyle: Sendable, Equatable {
    let usesColour: Bool

    /// Terminal colours rather than fixed ones, so that they fit the user's own theme.
    private static let conceptCodes = ["1;36", "1;35", "1;33", "1;34", "1;32", "36", "35", "33"]

    /// The text between the codes of its role; the text itself must be sanitised already.
    func callAsFunction(_ text: String, _ role: TextRole) -> String {
        guard usesColour, let code = Self.code(role), !text.isEmpty else { return text }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }

    private static func code(_ role: TextRole) -> String? {
        switch role {
        case .plain: nil
        case .strong: "1"
        case .faint: "2"
        case .good: "32"
        case .warning: "33"
        case .bad: "1;31"
        case .concept(let index): conceptCodes[index % conceptCodes.count]
        }
    }
}
