import TerminalUI

/// What the terminal told about itself so far, and what follows from it.
struct TerminalKnowledge {
    private var facts: TerminalFacts
    private let terminal: Terminal
    private var hasLightBackground: Bool?
    private var version = ""
    /// Whether pictures may go through tmux to the terminal outside.
    var passthrough = AutomaticChoice.off

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
            guard facts.take(reply) else { return false }
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
        PictureTerminal(facts, choice(settings))
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
        let isSet = !(facts.environment[ImageProtocolChoice.variable] ?? "").isEmpty
        if let method = settings.imageProtocol, !isSet {
            wished.environment[ImageProtocolChoice.variable] = method.rawValue
        }
        return ImageProtocolChoice.decide(wished)
    }
}
