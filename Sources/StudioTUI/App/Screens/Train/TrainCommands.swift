import PersonalCaption
import TerminalUI

/// What can be done on the screen Train.
enum TrainCommands {
    private static func command(
        _ name: String, _ title: String, _ help: String, keys: [String],
        footer: FooterHint? = nil,
        availability: @escaping @Sendable (AppState) -> Availability = needsRun,
        _ action: @escaping @Sendable (AppState) -> AppAction
    ) -> Command {
        Command(
            CommandID("train.\(name)"), title, help: help, scope: .screen(.train), keys: keys,
            footer: footer, availability: availability, action: action)
    }

    private static let needsRun: @Sendable (AppState) -> Availability = { state in
        state.train.current == nil ? .refused("there is no run yet") : .ready
    }

    private static func needs(
        _ refusal: @escaping @Sendable (TrainedRun, AppState) -> String?
    ) -> @Sendable (AppState) -> Availability {
        { state in
            guard let run = state.train.current else { return .refused("there is no run yet") }
            return refusal(run, state).map { .refused($0) } ?? .ready
        }
    }

    static let all: [Command] = [
        command(
            "open", "Look at the run", "Goes to curves, answers, before and after of the run.",
            keys: ["enter"], footer: FooterHint("look", 11),
            availability: { state in
                // Without a run, Enter begins one.
                state.train.current == nil ? mayTrain(state) : .ready
            },
            { state in .train(state.train.current == nil ? .new : .open) }),
        command(
            "new", "Train on concepts",
            "Asks for one to four concepts, and says what training takes before it starts.",
            keys: ["n"], footer: FooterHint("train", 10), availability: mayTrain,
            { _ in .train(.new) }),
        command(
            "pause", "Pause or go on", "Waits after the update it is at, or goes on.",
            keys: ["space"], footer: FooterHint("pause", 12),
            availability: needs { run, _ in
                switch run.phase {
                case .running, .paused: nil
                case .stopping: "it is stopping"
                default: "it does not run"
                }
            },
            { _ in .train(.pause) }),
        command(
            "stop", "Stop", "Writes a checkpoint and ends; the run can go on later.",
            keys: ["x"], footer: FooterHint("stop", 13),
            availability: needs { run, _ in run.isLive ? nil : "it does not run" },
            { _ in .train(.stop) }),
        command(
            "resume", "Go on with the run", "Goes on from the last checkpoint.", keys: ["r"],
            footer: FooterHint("resume", 14),
            availability: needs { run, state in
                if run.isLive { return "it runs" }
                if let live = state.train.live { return "\(live.name) is being trained" }
                if state.train.own != nil { return "another run is being trained" }
                return run.canResume ? nil : "it has done all its updates"
            },
            { _ in .train(.resume) }),
        command(
            "keep", "Keep the adapter",
            "Keeps the best adapter of the run, so that Ask and the command line can use it.",
            keys: ["b"], footer: FooterHint("keep", 15),
            availability: needs { run, _ in
                if run.isKept, !run.isLive { return "it is kept already" }
                guard let best = run.course.best else {
                    return run.course.checkpoint == nil
                        ? "there is no checkpoint yet" : nil
                }
                return best.step == 0 ? "nothing was better than the model itself" : nil
            },
            { _ in .train(.keep) }),
        command(
            "discard", "Discard the run",
            "Deletes the run and the adapter that was kept from it; asks first.", keys: ["D"],
            footer: FooterHint("discard", 16),
            availability: needs { run, _ in run.isLive ? "stop it first" : nil },
            { _ in .train(.askToDiscard) }),
        command(
            "previous_part", "Previous part", "Shows what is left of the part that is shown.",
            keys: ["["], { part($0, -1) }),
        command(
            "next_part", "Next part",
            "Goes through curves, answers, and before and after.", keys: ["]"],
            footer: FooterHint("other parts", 17), { part($0, 1) }),
    ]

    private static func part(_ state: AppState, _ step: Int) -> AppAction {
        let count = TrainPart.allCases.count
        let next = (state.train.part.rawValue + step + count) % count
        return TrainPart(rawValue: next).map { .train(.showPart($0)) } ?? .none
    }

    /// Whether a new run can begin.
    static let mayTrain: @Sendable (AppState) -> Availability = { state in
        if let own = state.train.own { return .refused("\(own.name) is being trained") }
        if let live = state.train.live { return .refused("\(live.name) is being trained") }
        if state.library.concepts.isEmpty {
            return .refused("add concepts first, on screen 1")
        }
        return .ready
    }
}
