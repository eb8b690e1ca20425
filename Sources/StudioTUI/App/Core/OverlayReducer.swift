import TerminalUI

/// Hands input to the overlay on top and does what it answers.
enum OverlayReducer {
    static func reduce(_ state: inout AppState, _ key: Key) -> [Effect] {
        guard let top = state.overlays.last else { return [] }
        if !top.wantsText(state), let movement = movement(key, state) {
            return send(.navigate(movement), &state)
        }
        return send(.key(key), &state)
    }

    /// Sends an input to the overlay on top; nothing happens without one.
    static func send(_ input: OverlayInput, _ state: inout AppState) -> [Effect] {
        guard var top = state.overlays.popLast() else { return [] }
        let answer = top.receive(input, state)
        switch answer {
        case .stay:
            state.overlays.append(top)
            return []
        case .close: return []
        case .act(let action):
            state.overlays.append(top)
            return Reducer.reduce(&state, action)
        case .finish(let action): return Reducer.reduce(&state, action)
        case .effects(let effects):
            state.overlays.append(top)
            return effects
        }
    }

    /// Movement in overlays without a text field: arrows, and the letters of vim.
    private static func movement(_ key: Key, _ state: AppState) -> Navigation? {
        if let movement = InputReducer.movement(key) { return movement }
        switch key {
        case .character("j"), .control("n"): return .down
        case .character("k"), .control("p"): return .up
        case .character("g"): return .first
        case .character("G"): return .last
        case .control("d"): return .halfPageDown
        case .control("u"): return .halfPageUp
        case .character("q"): return .back
        default: return nil
        }
    }
}
