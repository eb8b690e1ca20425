import Foundation

/// What can be done on the screen Compare.
enum CompareCommands {
    static let all = captions + voting + results

    private static func command(
        _ name: String, _ title: String, _ help: String, keys: [String],
        footer: FooterHint? = nil,
        availability: @escaping @Sendable (AppState) -> Availability = { _ in .ready },
        action: @escaping @Sendable (AppState) -> AppAction
    ) -> Command {
        Command(
            CommandID("compare.\(name)"), title, help: help, scope: .screen(.compare), keys: keys,
            footer: footer, availability: availability, action: action)
    }

    @Sendable private static func needsPair(_ state: AppState) -> Availability {
        state.compare.pair == nil ? .refused("choose two captions first") : .ready
    }

    @Sendable private static func needsOpenPair(_ state: AppState) -> Availability {
        if case .refused(let reason) = needsPair(state) { return .refused(reason) }
        return notHidden(state)
    }

    @Sendable private static func notHidden(_ state: AppState) -> Availability {
        state.compare.isHidden ? .refused("vote first, or press Esc to stop") : .ready
    }

    @Sendable private static func needsRound(_ state: AppState) -> Availability {
        if case .refused(let reason) = needsPair(state) { return .refused(reason) }
        return state.compare.isHidden ? .ready : .refused("begin a blind round first")
    }

    private static let captions: [Command] = [
        command(
            "choose", "Choose a caption", "Puts a caption of the history on the side in focus.",
            keys: ["c", "enter"], footer: FooterHint("choose", 10), availability: notHidden,
            action: { .compare(.choose($0.compare.focus)) }),
        command(
            "swap", "Swap sides", "Puts the left caption on the right.", keys: ["s"],
            footer: FooterHint("swap", 30),
            availability: { state in
                if state.compare.isEmpty { return .refused("choose two captions first") }
                return state.compare.blind == nil ? .ready : .refused("end the blind round first")
            },
            action: { _ in .compare(.swap) }),
        command(
            "differences", "Mark differences", "Shows or hides what only one caption says.",
            keys: ["v"], footer: FooterHint("differences", 40), availability: needsPair,
            action: { _ in .compare(.toggleDifferences) }),
        command(
            "clear", "Start over", "Empties both sides; the captions stay in the history.",
            keys: ["n"],
            availability: { state in
                state.compare.isEmpty ? .refused("both sides are empty") : .ready
            },
            action: { _ in .compare(.clear) }),
        command(
            "open", "Open the picture", "Shows the query picture in another program.",
            keys: ["o"],
            availability: { state in
                picture(state) == nil ? .refused("there is no picture") : .ready
            },
            action: { state in picture(state).map { .openExternally($0) } ?? .none }),
    ]

    @Sendable private static func picture(_ state: AppState) -> URL? {
        let side = state.compare.side(in: state.compare.focus)
        return state.compare[side].caption?.picture
    }

    private static let voting: [Command] = [
        command(
            "blind", "Blind vote",
            "Hides which caption is which until you have said which one is better.", keys: ["B"],
            footer: FooterHint("blind vote", 20), availability: needsPair,
            action: { _ in .compare(.toggleBlind) }),
        command(
            "vote_left", "Vote for A", "Says that the caption on the left is better; so does ←.",
            keys: [], availability: needsRound, action: { _ in .compare(.vote(.left)) }),
        command(
            "vote_right", "Vote for B", "Says that the caption on the right is better; so does →.",
            keys: [], availability: needsRound, action: { _ in .compare(.vote(.right)) }),
        command(
            "vote_neither", "Vote for neither", "Says that neither caption is better.",
            keys: ["0"], availability: needsRound, action: { _ in .compare(.vote(nil)) }),
        command(
            "undo", "Take the vote back",
            "Takes back the vote of this round, or the last change of the library.",
            keys: ["u", "z"], footer: FooterHint("undo", 80),
            availability: { state in
                state.compare.blind?.verdict != nil || !state.undo.undoable.isEmpty
                    ? .ready : .refused("nothing to undo")
            },
            action: { state in
                state.compare.blind?.verdict != nil
                    ? .compare(.takeVoteBack) : .library(.undo)
            }),
        command(
            "votes", "All votes", "Shows how often each model was found better.", keys: ["V"],
            availability: { state in
                state.compare.votes.votes.isEmpty ? .refused("there are no votes yet") : .ready
            },
            action: { _ in .compare(.showVotes) }),
    ]

    private static let results: [Command] = [
        command(
            "export", "Export", "Writes captions, differences and figures as Markdown.",
            keys: ["x"], footer: FooterHint("export", 50), availability: needsOpenPair,
            action: { _ in .compare(.askForPath) }),
        command(
            "copy", "Copy", "Copies the comparison as Markdown.", keys: ["y"],
            footer: FooterHint("copy", 60), availability: needsOpenPair,
            action: { _ in .compare(.copy) }),
    ]
}
