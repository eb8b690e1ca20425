import Foundation
import PersonalCaption
import TerminalUI
import VLMRuntime

/// Follows the runs: list, form, start and end, keep and discard.
enum TrainReducer {
    /// How often folders are looked at while the screen is shown and something trains, and while
    /// nothing does, so that a run begun on the command line appears.
    static let liveLook = Duration.milliseconds(700)
    static let idleLook = Duration.seconds(3)

    static func reduce(_ state: inout AppState, _ action: TrainAction) -> [Effect] {
        switch action {
        case .seen(let runs): return seen(runs, &state)
        case .changed: return state.screen == .train ? [.train(.look)] : []
        case .moveTo(let index):
            let isSame = index == state.train.position.cursor
            state.train.position.cursor = index
            state.train.position.clamp(count: state.train.runs.count)
            if isSame, state.train.focus == .list { state.train.focus = .detail; return [] }
            state.train.focus = .list
            return moved(&state)
        case .focus(let focus):
            state.train.focus = focus
            return []
        case .showPart(let part):
            state.train.part = part
            return []
        case .scroll(let step): return TrainScreen.step(step < 0 ? .up : .down, &state)
        case .open:
            state.train.focus = .detail
            return []

        case .new:
            state.train.planning = nil
            state.overlays.append(TrainForm.form(state))
            return []
        case .plan(let values): return plan(values, &state)
        case .stage(let stage):
            if case .measuring? = state.train.planning?.outcome {
                state.train.planning?.outcome = .measuring(stage)
            }
            return []
        case .planned(let plan):
            guard state.train.planning?.cancellation.isCancelled == false else { return [] }
            state.train.planning?.outcome = .ready(plan)
            return Reducer.announce(
                "it takes about \(TextForm.seconds(plan.seconds)); Enter starts", &state)
        case .refused(let reason):
            guard state.train.planning != nil else {
                return Reducer.toast(.error, reason, &state)
            }
            state.train.planning?.outcome = .refused(reason)
            return Reducer.announce(reason, &state)
        case .cancelPlan:
            state.train.planning?.cancellation.cancel()
            state.train.planning = nil
            return []
        case .start:
            guard case .ready(let plan)? = state.train.planning?.outcome else { return [] }
            state.train.planning = nil
            return begin(.new(plan.settings), &state)
        case .resume:
            return state.train.current.map { begin(.resume(name: $0.name), &state) } ?? []
        case .pause: return pause(&state)
        case .stop: return stop(&state)
        case .ended(let name, let outcome): return ended(name, outcome, &state)

        case .keep:
            return state.train.current.map { [.train(.keep(name: $0.name))] } ?? []
        case .kept(let name): return kept(name, &state)
        case .askToDiscard: return askToDiscard(&state)
        case .discard(let name): return [.train(.discard(name: name))]
        case .discarded(let name): return discarded(name, &state)
        }
    }

    // MARK: - Looking

    private static func seen(_ runs: [TrainedRun], _ state: inout AppState) -> [Effect] {
        state.train.replace(with: runs)
        return []
    }

    /// The next look, while the screen is shown.
    static func ticking(_ state: AppState) -> Effect {
        let isBusy = state.train.own != nil || state.train.live != nil
        let wait = isBusy && !state.settings.isForScreenReader ? liveLook : idleLook
        return .timer(.screen(.train, "look"), at: state.now.advanced(by: wait))
    }

    /// After the cursor has moved to another run.
    static func moved(_ state: inout AppState) -> [Effect] {
        state.train.group = 0
        state.train.answersTop = 0
        state.train.scene = ListPosition()
        return []
    }

    // MARK: - Starting

    private static func plan(_ values: TrainForm.Values, _ state: inout AppState) -> [Effect] {
        let flag = CancellationFlag()
        state.train.form = values
        state.train.planning = TrainPlanning(cancellation: flag)
        state.overlays.append(TrainStartOverlay())
        return [
            .train(
                .plan(
                    TrainForm.wish(values, state), seconds: Double(values.minutes) * 60, flag))
        ]
    }

    private static func begin(_ order: TrainOrder, _ state: inout AppState) -> [Effect] {
        let flag = CancellationFlag()
        state.train.own = TrainOwn(name: order.name, cancellation: flag)
        state.train.pendingFocus = order.name
        state.train.part = .curves
        _ = moved(&state)
        // The name is chosen anew for the next run.
        state.train.form?.name = ""
        return [.train(.train(order, flag)), ticking(state)]
            + Reducer.announce("training \(order.name)", &state)
    }

    /// Waits after the update it is at, or goes on; by a file, so that it works for every process.
    private static func pause(_ state: inout AppState) -> [Effect] {
        guard let run = state.train.current else { return [] }
        let request: RunFolder.Request? = run.phase == .running ? .pause : nil
        return [.train(.ask(name: run.name, request))]
    }

    /// A run of this app stops at once, one of another process after the update it is at.
    private static func stop(_ state: inout AppState) -> [Effect] {
        guard let run = state.train.current else { return [] }
        if let own = state.train.own, own.name == run.name {
            own.cancellation.cancel()
            return []
        }
        return [.train(.ask(name: run.name, .stop))]
    }

    private static func ended(
        _ name: String, _ outcome: TrainingRun.Outcome, _ state: inout AppState
    ) -> [Effect] {
        if state.train.own?.name == name { state.train.own = nil }
        let effects: [Effect] = [.train(.look)]
        guard outcome == .done else { return effects }
        if state.screen == .train { state.train.part = .scenes }
        let digit = ScreenID.train.rawValue
        let hint = state.screen == .train ? "" : " (\(digit) shows before and after)"
        return effects + Reducer.toast(.good, "\(name) is trained\(hint)", &state)
    }

    // MARK: - Keeping

    private static func kept(_ name: String, _ state: inout AppState) -> [Effect] {
        state.ask.adapterWish = name
        var effects: [Effect] = []
        let model = state.train.runs.first { $0.name == name }?.settings?.model
        if let model, let asked = state.ask.model, asked.name != model {
            state.ask.modelWish = model
            effects.append(.ask(.describeModel(model)))
        }
        return effects
            + Reducer.toast(.good, "the adapter \(name) is kept, and chosen on Ask", &state)
    }

    private static func askToDiscard(_ state: inout AppState) -> [Effect] {
        guard let run = state.train.current else { return [] }
        let adapter = run.isKept ? ", with the adapter that was kept from it" : ""
        state.overlays.append(
            ConfirmOverlay(
                title: "Discard the run?",
                question: "\(run.name) goes for good\(adapter). There is no undo.",
                confirmWord: "discard it", action: .train(.discard(run.name))))
        return []
    }

    private static func discarded(_ name: String, _ state: inout AppState) -> [Effect] {
        if state.ask.adapterWish == name { state.ask.adapterWish = nil }
        return Reducer.toast(.good, "\(name) is discarded", &state)
    }
}
