import ConceptDB
import TerminalUI

/// Changes the state by one action and says what has to be done outside of it.
enum Reducer {
    static func reduce(_ state: inout AppState, _ action: AppAction) -> [Effect] {
        let effects = perform(action, &state)
        // The tour sees what the user did, whatever it was.
        return state.tour == nil ? effects : effects + TourReducer.observe(&state)
    }

    private static func perform(_ action: AppAction, _ state: inout AppState) -> [Effect] {
        switch action {
        case .none: return []
        case .batch(let actions): return actions.flatMap { reduce(&state, $0) }
        case .input(let event): return InputReducer.reduce(&state, event)
        case .command(let id): return run(id, &state)
        case .navigate(let movement):
            return Screens.screen(state.screen).receive(.navigate(movement), &state)
        case .show(let screen): return show(screen, &state)
        case .goBack:
            return state.visited.back(from: state.screen).map { enter($0, &state) } ?? []
        case .goForward:
            return state.visited.forward(from: state.screen).map { enter($0, &state) } ?? []
        case .open(let overlay):
            state.overlays.append(overlay)
            return []
        case .closeOverlay:
            _ = state.overlays.popLast()
            return []
        case .overlay(let message): return OverlayReducer.send(.message(message), &state)
        case .overlayChoice(let index): return OverlayReducer.send(.choose(index), &state)
        case .navigateOverlay(let movement):
            return OverlayReducer.send(.navigate(movement), &state)
        case .toast(let severity, let text): return toast(severity, text, &state)
        case .dismissToast(let id):
            state.toasts.dismiss(id: id)
            return []
        case .timer(let id): return timer(id, &state)
        case .terminal(let action): return reduce(&state, terminal: action)
        case .library(let action): return LibraryReducer.reduce(&state, action)
        case .edit(let edit): return [.edit(edit, .user)]
        case .model(let action): return reduce(&state, model: action)
        case .task(let action):
            state.tasks.apply(action, now: state.now)
            return []
        case .configuration(let action): return ConfigurationReducer.reduce(&state, action)
        case .concepts(let action): return ConceptsReducer.reduce(&state, action)
        case .ask(let action): return AskReducer.reduce(&state, action)
        case .compose(let action): return ComposeReducer.reduce(&state, action)
        case .compare(let action): return CompareReducer.reduce(&state, action)
        case .history(let action): return HistoryReducer.reduce(&state, action)
        case .train(let action): return TrainReducer.reduce(&state, action)
        case .settings(let action): return SettingsReducer.reduce(&state, action)
        case .tour(let action): return TourReducer.reduce(&state, action)
        case .copy(let text, let what): return [.copy(text, what: what)]
        case .openExternally(let url): return [.openExternally(url)]
        case .showLog: return [.showLog]
        case .suspend: return [.suspend]
        case .repaint: return [.repaint]
        case .quit: return quit(&state)
        case .quitNow:
            state.isQuitting = true
            return [.quit]
        }
    }

    /// Runs a command, or says why it cannot be run.
    static func run(_ id: CommandID, _ state: inout AppState) -> [Effect] {
        guard let command = state.keymap.command(id) else { return [] }
        switch command.availability(state) {
        case .ready: return reduce(&state, command.action(state))
        case .refused(let reason):
            return toast(.warning, "\(command.title): \(reason)", &state)
        }
    }

    static func toast(
        _ severity: Severity, _ text: String, _ state: inout AppState
    ) -> [Effect] {
        let safe = TerminalText.sanitized(text)
        state.toasts.add(severity, safe, now: state.now)
        return toastTimer(state) + announce(safe, &state)
    }

    /// Says something on the status line, when the user listens to it.
    static func announce(_ text: String, _ state: inout AppState) -> [Effect] {
        guard state.settings.isForScreenReader else { return [] }
        let next = state.announcer.say(text, now: state.now)
        return next.map { [.timer(.announcement, at: $0)] } ?? []
    }

    private static func toastTimer(_ state: AppState) -> [Effect] {
        state.toasts.nextExpiry.map { [.timer(.toasts, at: $0)] } ?? []
    }

    private static func show(_ screen: ScreenID, _ state: inout AppState) -> [Effect] {
        guard screen != state.screen else { return [] }
        state.visited.leave(state.screen)
        return enter(screen, &state)
    }

    private static func enter(_ screen: ScreenID, _ state: inout AppState) -> [Effect] {
        state.screen = screen
        state.pendingKeys = []
        state.showsWhichKey = false
        return Screens.screen(screen).entered(&state)
    }

    private static func timer(_ id: TimerID, _ state: inout AppState) -> [Effect] {
        switch id {
        case .whichKey:
            state.showsWhichKey = !state.pendingKeys.isEmpty
            return []
        case .toasts:
            state.toasts.expire(now: state.now)
            return toastTimer(state)
        case .announcement:
            let next = state.announcer.advance(now: state.now)
            return next.map { [.timer(.announcement, at: $0)] } ?? []
        case .screen(let screen, let name): return Screens.screen(screen).timer(name, &state)
        case .overlay(let name):
            return OverlayReducer.send(.message(.custom("timer", name)), &state)
        }
    }

    private static func reduce(
        _ state: inout AppState, terminal action: TerminalAction
    ) -> [Effect] {
        switch action {
        case .changed(let terminal):
            state.terminal = terminal
            state.theme = Theme.resolve(state.settings, terminal)
            return []
        case .focus(let hasFocus):
            state.terminal.hasFocus = hasFocus
            return []
        case .terminate:
            state.isQuitting = true
            return [.quit]
        }
    }

    private static func reduce(_ state: inout AppState, model action: ModelAction) -> [Effect] {
        switch action {
        case .changed(let model):
            state.model = model
            if case .failed(let reason) = model { return toast(.error, reason, &state) }
            return []
        case .load: return [.loadModel(state.settings.keyValues)]
        case .unload: return [.unloadModel]
        }
    }

    private static func quit(_ state: inout AppState) -> [Effect] {
        let running = state.tasks.running
        let asks =
            switch state.settings.confirmsQuit {
            case .automatic: !running.isEmpty
            case .on: true
            case .off: false
            }
        guard asks else {
            state.isQuitting = true
            return [.quit]
        }
        let question =
            switch running.count {
            case 0: "Everything is saved."
            case 1 where state.train.own != nil:
                "A training runs; quitting stops it at a checkpoint, from which it can go on."
            case 1: "A task is still running; quitting cancels it."
            default: "\(running.count) tasks are still running; quitting cancels them."
            }
        state.overlays.append(
            ConfirmOverlay(
                title: "Quit?", question: question, confirmWord: "quit", action: .quitNow))
        return []
    }
}
