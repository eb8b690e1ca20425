import TerminalUI
import VLMRuntime

/// Decides who gets a key: the overlay on top, a text field, a command, the screen.
enum InputReducer {
    static func reduce(_ state: inout AppState, _ event: InputEvent) -> [Effect] {
        switch event {
        case .key(let key):
            state.announcer.heard()
            return reduce(&state, key)
        case .paste(let text):
            guard state.overlays.isEmpty else {
                return OverlayReducer.send(.paste(text), &state)
            }
            return Screens.screen(state.screen).receive(.paste(text), &state)
        case .focus(let hasFocus):
            return Reducer.reduce(&state, .terminal(.focus(hasFocus)))
        // The loop knows what was drawn where and turns clicks into actions itself.
        case .mouse, .reply: return []
        }
    }

    private static func reduce(_ state: inout AppState, _ key: Key) -> [Effect] {
        if let effects = always(key, &state) { return effects }
        if !state.overlays.isEmpty { return OverlayReducer.reduce(&state, key) }
        let screen = Screens.screen(state.screen)
        if screen.wantsText(state), state.pendingKeys.isEmpty, isText(key) {
            return screen.receive(.key(key), &state)
        }
        if key.code == .escape, !state.pendingKeys.isEmpty {
            clearPending(&state)
            return [.cancelTimer(.whichKey)]
        }
        return command(for: key, &state)
    }

    /// Keys that work whatever is open.
    private static func always(_ key: Key, _ state: inout AppState) -> [Effect]? {
        switch key {
        case .control("c"): return interrupt(&state)
        case .control("z"): return [.suspend]
        case .control("l"): return [.repaint]
        default: return nil
        }
    }

    /// Ctrl-C cancels what is going on; with nothing going on it offers to leave.
    private static func interrupt(_ state: inout AppState) -> [Effect] {
        if !state.overlays.isEmpty {
            state.overlays.removeLast()
            return []
        }
        let cancellable = state.tasks.running.filter { $0.cancellation?.isCancelled == false }
        if let task = cancellable.last {
            task.cancellation?.cancel()
            return Reducer.toast(.info, "cancelling: \(task.title)", &state)
        }
        return Reducer.reduce(&state, .quit)
    }

    /// Whether a text field should see the key before commands do.
    ///
    /// The field returns what it does not want through `command(for:)`.
    private static func isText(_ key: Key) -> Bool {
        if key.typed != nil { return true }
        switch key.code {
        case .function, .pageUp, .pageDown: return false
        // These stay with the commands while typing.
        case .character(let letter) where key.modifiers.contains(.control):
            return !"prt".contains(letter)
        default: return true
        }
    }

    /// Looks the key up, together with those of an unfinished sequence.
    static func command(for key: Key, _ state: inout AppState) -> [Effect] {
        let keys = state.pendingKeys + [key]
        switch state.keymap.match(keys, scopes: state.scopes) {
        // Escape steps out of whatever there is; it does not complain that there is nothing.
        case .command(let command)
        where key.code != .escape || command.availability(state).isReady:
            clearPending(&state)
            return [.cancelTimer(.whichKey)] + Reducer.run(command.id, &state)
        case .prefix:
            state.pendingKeys = keys
            if state.showsWhichKey { return [] }
            return [
                .timer(.whichKey, at: state.now.advanced(by: state.settings.whichKeyDelay))
            ]
        case .none, .command:
            let wasPending = !state.pendingKeys.isEmpty
            clearPending(&state)
            if wasPending { return [.cancelTimer(.whichKey)] }
            if key.code == .escape, state.toasts.dismiss() { return [] }
            return unknown(key, &state)
        }
    }

    /// Movement keys that no keymap changes: arrows and their kin always work.
    private static func unknown(_ key: Key, _ state: inout AppState) -> [Effect] {
        guard let movement = movement(key) else { return [] }
        return Screens.screen(state.screen).receive(.navigate(movement), &state)
    }

    /// What a key that types nothing means in lists and forms.
    static func movement(_ key: Key) -> Navigation? {
        guard key.modifiers.subtracting(.shift).isEmpty else { return nil }
        switch key.code {
        case .up: return .up
        case .down: return .down
        case .left: return .left
        case .right: return .right
        case .home: return .first
        case .end: return .last
        case .pageUp: return .pageUp
        case .pageDown: return .pageDown
        case .enter: return .activate
        case .escape: return .back
        case .tab: return key.modifiers.contains(.shift) ? .previousFocus : .nextFocus
        default: return nil
        }
    }

    private static func clearPending(_ state: inout AppState) {
        state.pendingKeys = []
        state.showsWhichKey = false
    }
}
