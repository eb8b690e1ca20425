import TerminalUI

/// How pictures are drawn on the terminal.
enum ImageProtocol: String, Sendable, CaseIterable {
    case sixel
    /// Half blocks in 24-bit colour.
    case blocks
    /// Half blocks in the 240 palette colours that are alike on all terminals.
    case indexed256 = "256"
    /// Half blocks in the terminal's 16 colours.
    case sixteen = "16"
    /// A line of text about the picture.
    case card = "none"

    var label: String {
        switch self {
        case .sixel: "sixel"
        case .blocks: "half blocks in 24-bit colour"
        case .indexed256: "half blocks in 256 colours"
        case .sixteen: "half blocks in 16 colours"
        case .card: "no pictures, a line of text instead"
        }
    }
}

/// What is known about the terminal before a picture is drawn.
struct TerminalFacts: Sendable, Equatable {
    var outputIsTerminal = false
    /// `TERM`, `COLORTERM` and so on.
    var environment: [String: String] = [:]
    /// Whether the locale says that text is UTF-8.
    var isUTF8 = true
    var size = TerminalSize.assumed
    /// Whether colour was switched off by `--no-color` or `NO_COLOR`.
    var colourIsOff = false
    /// What the terminal answered; `nil` when it was not asked.
    var report: TerminalReport?
    var cell = CellSize.assumed
    /// Where the cell size comes from, for `doctor`.
    var cellSource = "assumed"
}

/// Chooses the way to draw pictures, once, from facts alone.
struct ImageProtocolChoice: Sendable, Equatable {
    let method: ImageProtocol
    /// Why this one, as a clause for `doctor`.
    let reason: String
    /// What the user can do for a better one.
    var advice: String?

    static let variable = "STUDIO_IMAGE_PROTOCOL"

    /// The decision in the order of preference: the user's word, sixel, 24-bit, 256, 16 colours, text.
    static func decide(_ facts: TerminalFacts) -> ImageProtocolChoice {
        if let wish = facts.environment[variable], !wish.isEmpty {
            if let method = ImageProtocol(rawValue: wish.lowercased()) {
                return Self(method: method, reason: "$\(variable) says so")
            }
            var choice = automatic(facts)
            let known = ImageProtocol.allCases.map(\.rawValue).joined(separator: ", ")
            let shown = TerminalText.sanitized(wish)
            choice.advice = "$\(variable) is \"\(shown)\"; it can be \(known)"
            return choice
        }
        return automatic(facts)
    }

    private static func automatic(_ facts: TerminalFacts) -> ImageProtocolChoice {
        guard facts.outputIsTerminal else {
            return Self(method: .card, reason: "the output is not a terminal")
        }
        let terminal = facts.environment["TERM"] ?? ""
        if terminal.isEmpty || terminal == "dumb" {
            return Self(method: .card, reason: "TERM is dumb or empty")
        }
        if facts.report?.hasSixel == true {
            return Self(method: .sixel, reason: "the terminal's device attributes list sixel (4)")
        }
        if facts.colourIsOff {
            return Self(method: .card, reason: "colours are switched off and there is no sixel")
        }
        guard facts.isUTF8 else {
            return Self(
                method: .card, reason: "the locale is not UTF-8, which half blocks need",
                advice: "set LANG to a UTF-8 locale, for example C.UTF-8")
        }
        return blocks(facts)
    }

    private static func blocks(_ facts: TerminalFacts) -> ImageProtocolChoice {
        let colour = ColourPolicy.capability(facts.environment)
        let method: ImageProtocol =
            switch colour.depth {
            case .trueColour: .blocks
            case .indexed256: .indexed256
            default: .sixteen
            }
        let why =
            switch facts.report {
            case nil: "the terminal was not asked for sixel"
            case .some(let report) where report.attributes.isEmpty: "the terminal did not answer"
            default: "the terminal does not list sixel"
            }
        return Self(method: method, reason: "\(why), and \(colour.reason)", advice: advice(facts))
    }

    private static func advice(_ facts: TerminalFacts) -> String? {
        if facts.environment["TMUX"] != nil {
            return
                "tmux draws sixel from version 3.4 when built for it; outside tmux the terminal's "
                + "own sixel is used"
        }
        if facts.environment["XTERM_VERSION"] != nil {
            return "start xterm with -ti vt340 for sharp pictures"
        }
        return
            "a terminal with sixel (foot, Konsole, WezTerm, xterm -ti vt340) shows sharp pictures"
    }
}
