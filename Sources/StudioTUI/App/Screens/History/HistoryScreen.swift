import TerminalUI

/// The captions made so far, newest first, with everything needed to repeat one.
enum HistoryScreen: AppScreen {
    static let id = ScreenID.history
    static let commands = HistoryCommands.all

    static func wantsText(_ state: AppState) -> Bool { state.history.focus == .filter }

    static func typingHints(_ state: AppState) -> [(key: String, word: String)] {
        [("type", "filter"), ("↑↓", "move"), ("⏎", "to the list"), ("Esc", "show all")]
    }

    static func entered(_ state: inout AppState) -> [Effect] {
        guard state.history.phase == .unread else { return HistoryReducer.moved(&state) }
        state.history.phase = .reading
        return [.history(.list)]
    }

    static func libraryChanged(_ state: inout AppState) -> [Effect] {
        HistoryReducer.reload(&state)
    }

    static func statusLine(_ state: AppState) -> String {
        let history = state.history
        let listed = history.listed.count
        guard listed > 0 else { return TextForm.count(history.all.count, "caption") }
        var parts = ["\(history.position.cursor + 1) of \(listed)"]
        if history.found != nil { parts.append("found among \(history.all.count)") }
        if !history.selection.isEmpty { parts.append("\(history.selection.count) selected") }
        return parts.joined(separator: ", ")
    }

    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        HistoryView.draw(state, into: &scene, area: area)
    }

    static func receive(_ input: ScreenInput, _ state: inout AppState) -> [Effect] {
        switch input {
        case .navigate(let movement): return navigate(movement, &state)
        case .key(let key): return type(key, &state)
        case .paste(let text):
            state.history.focus = .filter
            state.history.filter.insert(text)
            return HistoryReducer.search(&state)
        }
    }

    private static func navigate(_ movement: Navigation, _ state: inout AppState) -> [Effect] {
        switch movement {
        case .activate: return Reducer.run("history.restore", &state)
        case .back: return back(&state)
        case .nextFocus, .previousFocus:
            state.history.focus = state.history.focus == .preview ? .list : .preview
            return []
        case .left:
            state.history.focus = .list
            return []
        case .right:
            state.history.focus = .preview
            return []
        default: break
        }
        let layout = HistoryLayout(state)
        guard state.history.focus != .preview else {
            var position = ListPosition(cursor: state.history.previewTop, top: 0)
            let text = HistoryView.previewText(state, columns: layout.textColumns)
            let rows = max(1, layout.text.rows)
            position.move(movement, count: max(1, text.count - rows + 1), page: rows)
            state.history.previewTop = position.cursor
            return []
        }
        state.history.position.move(
            movement, count: state.history.listed.count, page: layout.entries)
        return HistoryReducer.moved(&state)
    }

    /// One step out: of the preview, of the selection, of the filter.
    private static func back(_ state: inout AppState) -> [Effect] {
        if state.history.focus == .preview {
            state.history.focus = .list
        } else if !state.history.selection.isEmpty {
            state.history.selection = []
        } else if state.history.found != nil {
            return HistoryReducer.clearFilter(&state)
        }
        return []
    }

    /// Keys of the filter: text searches, arrows move in the list, Enter stays with what was found.
    private static func type(_ key: Key, _ state: inout AppState) -> [Effect] {
        switch key.code {
        case .escape: return HistoryReducer.clearFilter(&state)
        case .enter, .tab:
            state.history.focus = .list
            if state.history.filter.isEmpty { return HistoryReducer.clearFilter(&state) }
            return []
        case .up, .down:
            state.history.position.move(
                key.code == .up ? .up : .down, count: state.history.listed.count, page: 1)
            return HistoryReducer.moved(&state)
        default: break
        }
        switch state.history.filter.handle(key) {
        case .changed: return HistoryReducer.search(&state)
        case .moved: return []
        case .ignored: return InputReducer.command(for: key, &state)
        }
    }
}
