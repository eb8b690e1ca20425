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
    /// Letters and signs of different darkness.
    case ascii

    var label: String {
        switch self {
        case .sixel: "sixel"
        case .blocks: "half blocks in 24-bit colour"
        case .indexed256: "half blocks in 256 colours"
        case .sixteen: "half blocks in 16 colours"
        case .card: "no pictures, a line of text instead"
        case .ascii: "plain characters"
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
    /// Whether the app has the whole screen: there even plain characters show a picture's place.
    var isFullScreen = false
    /// The setting of the app; the environment's word counts more.
    var wish: ImageProtocol?
    /// Whether tmux may be passed by.
    var passthrough = TmuxPassthrough.Setting.off
    /// What the terminal around tmux answered; `nil` when it was not asked.
    var outerReport: TerminalReport?
    /// What lies behind the text, when the terminal said it.
    var background: PictureColour?

    var isInTmux: Bool { isSet("TMUX") }
    /// Whether the terminal is at the other end of a line.
    var isRemote: Bool { isSet("SSH_CONNECTION") || isSet("SSH_TTY") }

    private func isSet(_ name: String) -> Bool { !(environment[name] ?? "").isEmpty }

    /// Adds an answer of the terminal; `false` when it changes nothing about pictures.
    ///
    /// - Parameter isOuter: whether the question went through tmux.
    mutating func take(_ reply: TerminalReply, isOuter: Bool = false) -> Bool {
        let before = self
        if case .background(let red, let green, let blue) = reply {
            background = PictureColour(red: red, green: green, blue: blue)
        } else {
            var report = (isOuter ? outerReport : report) ?? TerminalReport()
            guard report.take(reply) else { return false }
            if isOuter { outerReport = report } else { self.report = report }
        }
        return self != before
    }
}

/// Chooses the way to draw pictures, once, from facts alone.
struct ImageProtocolChoice: Sendable, Equatable {
    let method: ImageProtocol
    /// Why this one, as a clause for `doctor`.
    let reason: String
    /// What the user can do for a better one.
    var advice: String?
    /// Whether sixels must be wrapped for tmux to hand them on.
    var passesTmux = false

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
        if let wish = facts.wish { return Self(method: wish, reason: "the settings say so") }
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
        if let choice = passingTmux(facts) { return choice }
        let withoutBlocks: ImageProtocol = facts.isFullScreen ? .ascii : .card
        if facts.colourIsOff {
            return Self(
                method: withoutBlocks, reason: "colours are switched off and there is no sixel")
        }
        guard facts.isUTF8 else {
            return Self(
                method: withoutBlocks, reason: "the locale is not UTF-8, which half blocks need",
                advice: "set LANG to a UTF-8 locale, for example C.UTF-8")
        }
        return blocks(facts)
    }

    /// Sixel through a tmux that has none itself: only when the user wants it, because tmux does
    /// not know of such pictures and cannot remove them when it shows another window.
    private static func passingTmux(_ facts: TerminalFacts) -> ImageProtocolChoice? {
        guard facts.isInTmux, facts.passthrough != .off else { return nil }
        guard facts.passthrough == .on || facts.outerReport?.hasSixel == true else { return nil }
        return Self(
            method: .sixel, reason: "tmux hands pictures to a terminal with sixel",
            passesTmux: true)
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
        if facts.isInTmux, facts.isFullScreen, facts.passthrough == .off {
            return
                "tmux draws sixel from version 3.4 when built for it; older ones can hand pictures on "
                + "(allow-passthrough on in tmux, and passthrough in the settings)"
        }
        if facts.isInTmux {
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
