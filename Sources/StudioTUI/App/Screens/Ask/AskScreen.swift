import TerminalUI

/// Asks for captions of one picture with up to four concepts, and shows them being written.
enum AskScreen: AppScreen {
    static let id = ScreenID.ask
    static let commands = AskCommands.all

    static func wantsText(_ state: AppState) -> Bool { state.ask.focus == .question }

    static func typingHints(_ state: AppState) -> [(key: String, word: String)] {
        let start = state.ask.running == nil ? [("⏎", "caption")] : []
        let leave = state.ask.running == nil ? "done" : "cancel the caption"
        return start + [("↑↓", "earlier questions"), ("{name}", "the names"), ("Esc", leave)]
    }

    static func receive(_ input: ScreenInput, _ state: inout AppState) -> [Effect] {
        switch input {
        case .navigate(let movement): return navigate(movement, &state)
        case .key(let key): return type(key, &state)
        case .paste(let text): return AskQuery.paste(text, &state)
        }
    }

    static func entered(_ state: inout AppState) -> [Effect] {
        AskRuns.fit(&state)
        var effects: [Effect] = [.ask(.describeModel(state.ask.modelWish))]
        if !state.ask.hasReadQuestions {
            state.ask.hasReadQuestions = true
            effects.append(.ask(.readQuestions))
        }
        if state.ask.running != nil { effects.append(AskRuns.ticking(state)) }
        return effects
    }

    static func libraryChanged(_ state: inout AppState) -> [Effect] {
        state.ask.refreshSlots(state.library)
        // Another model may be in use now.
        return state.screen == .ask ? [.ask(.describeModel(state.ask.modelWish))] : []
    }

    static func timer(_ name: String, _ state: inout AppState) -> [Effect] {
        state.ask.running == nil || state.screen != .ask ? [] : [AskRuns.ticking(state)]
    }

    static func statusLine(_ state: AppState) -> String {
        let concepts = TextForm.count(state.ask.slots.count, "concept")
        let captions = state.ask.captionsOfPicture.count
        let part =
            switch state.ask.focus {
            case .picture: "picture"
            case .slot(let slot): "concept \(slot + 1) of 4"
            case .question: "question"
            case .caption: "caption"
            }
        return "\(part)  \(concepts)  \(TextForm.count(captions, "caption"))"
    }

    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        AskView.draw(state, into: &scene, area: area)
    }

    // MARK: - Movement

    private static let parts: [AskFocus] = [.picture, .slot(0), .question, .caption]

    private static func navigate(_ movement: Navigation, _ state: inout AppState) -> [Effect] {
        switch movement {
        case .nextFocus, .previousFocus:
            let now = parts.firstIndex { isSamePart($0, state.ask.focus) } ?? 0
            let step = movement == .nextFocus ? 1 : parts.count - 1
            state.ask.focus = parts[(now + step) % parts.count]
            return []
        case .activate: return Reducer.run("ask.run", &state)
        case .back:
            if state.ask.focus != .caption, state.ask.current != nil { state.ask.focus = .caption }
            return []
        default: break
        }
        switch state.ask.focus {
        case .slot(let slot): return moveSlot(movement, slot, &state)
        case .caption: return AskRuns.scroll(movement, &state)
        case .picture: return leave(movement, &state)
        case .question: return []
        }
    }

    private static func isSamePart(_ part: AskFocus, _ focus: AskFocus) -> Bool {
        if case .slot = part, case .slot = focus { return true }
        return part == focus
    }

    private static func moveSlot(
        _ movement: Navigation, _ slot: Int, _ state: inout AppState
    ) -> [Effect] {
        switch movement {
        case .left: state.ask.focus = .slot(max(0, slot - 1))
        case .right: state.ask.focus = .slot(min(3, slot + 1))
        case .first: state.ask.focus = .slot(0)
        case .last: state.ask.focus = .slot(3)
        case .down: state.ask.focus = .question
        default: break
        }
        return []
    }

    /// From the picture the arrows lead to what lies beside it.
    private static func leave(_ movement: Navigation, _ state: inout AppState) -> [Effect] {
        switch movement {
        case .up: state.ask.focus = .question
        case .right: state.ask.focus = .caption
        // Captions are browsed with the picture in focus as well.
        case .pageUp, .pageDown, .halfPageUp, .halfPageDown, .down:
            return AskRuns.scroll(movement, &state)
        default: break
        }
        return []
    }

    // MARK: - Typing the question

    private static func type(_ key: Key, _ state: inout AppState) -> [Effect] {
        switch key.code {
        case .up where key.modifiers.isEmpty: AskQuery.recall(1, &state)
        case .down where key.modifiers.isEmpty: AskQuery.recall(-1, &state)
        case .escape:
            if state.ask.running != nil { return AskRuns.cancel(&state) }
            state.ask.focus = state.ask.picture == nil ? .picture : .caption
        default:
            switch state.ask.question.handle(key) {
            case .changed: state.ask.recalled = nil
            case .moved: break
            case .ignored: return InputReducer.command(for: key, &state)
            }
        }
        return []
    }
}
