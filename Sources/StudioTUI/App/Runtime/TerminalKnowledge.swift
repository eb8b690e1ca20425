import TerminalUI

/// What the terminal told about itself so far, and what follows from it.
struct TerminalKnowledge {
    private var facts: TerminalFacts
    private let terminal: Terminal
    private var hasLightBackground: Bool?
    private var version = ""
    /// Whether the terminal outside of tmux was asked too; its answers come last.
    private var hasAskedOuter = false

    init(environment: [String: String], terminal: Terminal) {
        facts = TerminalFacts(
            outputIsTerminal: true, environment: environment, isUTF8: terminal.isUTF8,
            colourIsOff: !(environment["NO_COLOR"] ?? "").isEmpty)
        self.terminal = terminal
        measure()
    }

    var cell: CellSize { facts.cell }

    /// Looks at the sizes of screen and cells again.
    mutating func measure() { TerminalMeasure.fill(&facts) }

    /// Takes an answer; returns whether it changes how anything is drawn.
    mutating func learn(_ reply: TerminalReply) -> Bool {
        switch reply {
        case .background(let red, let green, let blue):
            _ = facts.take(reply)
            hasLightBackground = 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.6
            return true
        case .version(let text):
            version = text
            return true
        default:
            guard facts.take(reply, isOuter: hasAskedOuter) else { return false }
            measure()
            return true
        }
    }

    /// The terminal as the app's state knows it.
    func state(_ settings: Settings) -> TerminalState {
        var state = TerminalState()
        state.size = terminal.size
        state.pictures = choice(settings)
        let depth = ColourPolicy.decide(
            environment: facts.environment, isTerminal: true, optionOff: false
        ).depth
        state.depth = min(depth, possibleDepth)
        state.isUTF8 = facts.isUTF8
        state.hasLightBackground = hasLightBackground
        state.version = version
        state.cell = facts.cell
        state.cellSource = facts.cellSource
        return state
    }

    func pictureTerminal(_ settings: Settings) -> PictureTerminal {
        var terminal = PictureTerminal(facts, choice(settings))
        switch settings.dither {
        case .automatic: terminal.dithers = nil
        case .on: terminal.dithers = true
        case .off: terminal.dithers = false
        }
        return terminal
    }

    /// Whether it is time to ask the terminal outside of tmux: once, when tmux itself has answered
    /// without sixel and the user lets pictures through.
    mutating func shouldAskOuter(_ settings: Settings) -> Bool {
        guard !hasAskedOuter, facts.isInTmux, settings.tmuxPassthrough != .off,
            let report = facts.report, !report.attributes.isEmpty, !report.hasSixel
        else { return false }
        hasAskedOuter = true
        return true
    }

    /// As many colours as ncurses knows of.
    private var possibleDepth: ColourDepth {
        switch terminal.colours {
        case 256...: .trueColour
        case 8...: .sixteen
        default: .none
        }
    }

    private func choice(_ settings: Settings) -> ImageProtocolChoice {
        var wished = facts
        switch settings.tmuxPassthrough {
        case .off: wished.passthrough = .off
        case .on: wished.passthrough = .on
        case .automatic: wished.passthrough = .auto
        }
        let isSet = !(facts.environment[ImageProtocolChoice.variable] ?? "").isEmpty
        if let method = settings.imageProtocol, !isSet {
            wished.environment[ImageProtocolChoice.variable] = method.rawValue
        }
        return ImageProtocolChoice.decide(wished)
    }
}
