import ConceptDB
import PersonalCaption
import TerminalUI

/// What the tour says.
enum TourText {
    /// The title and the sentences of a step; keys are those of the user's keymap.
    static func text(_ tour: TourState, _ state: AppState) -> (title: String, body: String) {
        guard let samples = tour.samples else { return ("One moment", "reading the samples") }
        func key(_ command: CommandID) -> String {
            state.keymap.keys(of: command).first?.display(ascii: state.settings.isASCII) ?? ":"
        }
        let next = key("tour.next")
        switch tour.step {
        case .samples:
            return (
                "Concepts",
                "A concept is a name with pictures: somebody or something you know. "
                    + "\(next) adds \(list(samples.names)) from the samples; "
                    + "\(key("edit.undo")) would take them back."
            )
        case .browse:
            return (
                "Look around",
                "\(key("move.down")) and \(key("move.up")) walk through the list, and the picture "
                    + "follows. Enter opens one, / finds one, ? shows every key."
            )
        case .picture:
            return (
                "A question",
                "\(key("show.ask")) shows Ask, where captions are made. Choose a picture there "
                    + "(\(key("ask.samples"))), or \(next) takes one of the samples."
            )
        case .slots:
            return (
                "Who may be in it?",
                "Up to four concepts go along with the picture (\(key("ask.add_concept")) adds one). "
                    + "\(next) puts the four samples in; not all of them are in the picture."
            )
        case .caption:
            return (
                "The caption",
                "\(key("ask.run")) asks. The model runs on this computer, and the text appears "
                    + "while it is written."
            )
        case .colours:
            return (
                "Names and colours",
                "Each name has the colour of its slot, and is underlined too. Below the text stands "
                    + "who was named and who was not."
            )
        case .history:
            return (
                "Nothing is lost",
                "\(key("show.history")) shows History: every caption with all that is needed to "
                    + "repeat it."
            )
        case .leave: return ("The end", farewell(tour, state, next))
        }
    }

    private static func farewell(_ tour: TourState, _ state: AppState, _ next: String) -> String {
        let undo = state.keymap.keys(of: "edit.undo").first?.display() ?? ":"
        let living = state.library.concepts.filter { tour.added.contains($0.id) }
        let rest = "Every change can be taken back with \(undo)."
        guard !living.isEmpty else { return "\(rest) \(next) ends the tour." }
        return
            "\(rest) Try it: \(next) moves the sample concepts to the trash, \(undo) brings them "
            + "back. Esc keeps them."
    }

    /// What a finished step achieved.
    static func praise(_ step: TourStep) -> String {
        switch step {
        case .samples: "the samples are in the library"
        case .browse: "that is how lists work"
        case .picture: "the picture is there"
        case .slots: "the slots are filled"
        case .caption: "the caption is written"
        case .history: "there it is"
        case .colours, .leave: ""
        }
    }

    /// The step for people who listen.
    static func announcement(_ tour: TourState, _ state: AppState) -> String {
        let (title, body) = text(tour, state)
        let praise = tour.praise.isEmpty ? "" : "\(tour.praise). "
        return "\(praise)Tour, step \(tour.step.rawValue + 1): \(title). \(body)"
    }

    private static func list(_ names: [String]) -> String {
        guard let last = names.last, names.count > 1 else { return names.first ?? "" }
        return names.dropLast().joined(separator: ", ") + " and " + last
    }
}
