import TerminalUI

/// The keys that work now, and on the last row where one is.
enum FooterView {
    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        let (keys, status) = area.split(top: 1)
        drawKeys(state, into: &scene, area: keys)
        drawStatus(state, into: &scene, area: status)
    }

    /// What can be done now comes first; what cannot follows, faint and with the reason, as far as
    /// there is room.
    ///
    /// Help and quit keep their place at the right.
    private static func drawKeys(_ state: AppState, into scene: inout Scene, area: Rect) {
        if let hints = state.overlays.last.map({ $0.hints(state) }) ?? typingHints(state) {
            var x = area.x + 1
            for hint in hints {
                let entry = Entry(key: hint.key, word: hint.word)
                x = write(entry, x: x, area, &scene)
            }
            return
        }
        let entries = entries(state, ascii: scene.symbols.isASCII)
        let fixed = entries.filter { $0.order >= Entry.fixedOrder }
        // Each with the gap before it, and the margin of the screen.
        let fixedWidth = fixed.reduce(1) { $0 + $1.width + 2 }
        let (room, corner) = area.split(right: fixedWidth)
        var x = room.x + 1
        for entry in entries where entry.reason == nil && entry.order < Entry.fixedOrder {
            x = write(entry, x: x, room, &scene)
        }
        for entry in entries where entry.reason != nil {
            x = write(entry, x: x, room, &scene)
        }
        x = corner.x + 2
        for entry in fixed { x = write(entry, x: x, corner, &scene) }
    }

    /// The keys of the screen's text field, while that has the focus.
    private static func typingHints(_ state: AppState) -> [(key: String, word: String)]? {
        let screen = Screens.screen(state.screen)
        guard screen.wantsText(state) else { return nil }
        let hints = screen.typingHints(state)
        return hints.isEmpty ? nil : hints
    }

    /// One key of the footer.
    private struct Entry {
        let key: String
        let word: String
        var reason: String?
        var order = 0
        var action: AppAction?

        /// From this order on an entry is always shown.
        static let fixedOrder = 90

        var width: Int { TerminalText.width(key) + 1 + TerminalText.width(word) }
    }

    private static func entries(_ state: AppState, ascii: Bool) -> [Entry] {
        let entries = state.keymap.all.compactMap { command -> Entry? in
            guard let hint = command.footer, state.scopes.contains(command.scope),
                let keys = state.keymap.keys(of: command, in: state.scopes).first
            else { return nil }
            var entry = Entry(
                key: keys.display(ascii: ascii), word: hint.word, order: hint.order,
                action: .command(command.id))
            if case .refused(let reason) = command.availability(state) { entry.reason = reason }
            return entry
        }
        return entries.enumerated().sorted { left, right in
            left.element.order == right.element.order
                ? left.offset < right.offset : left.element.order < right.element.order
        }.map(\.element)
    }

    /// Writes an entry if there is room for all of it; returns where the next one starts.
    private static func write(_ entry: Entry, x: Int, _ area: Rect, _ scene: inout Scene) -> Int {
        let note = entry.reason.map { " (\($0))" } ?? ""
        let isReady = entry.reason == nil
        let width = entry.width + TerminalText.width(note)
        guard x + width <= area.right else { return x }
        let keyStyle = isReady ? scene.theme.key : scene.theme.faint
        let wordStyle = isReady ? scene.theme.text : scene.theme.faint
        var end = x + scene.write(entry.key, x: x, y: area.y, style: keyStyle) + 1
        end += scene.write(entry.word + note, x: end, y: area.y, style: wordStyle)
        if let action = entry.action {
            scene.region(Rect(x: x, y: area.y, columns: end - x, rows: 1), press: action)
        }
        return end + 2
    }

    private static func drawStatus(_ state: AppState, into scene: inout Scene, area: Rect) {
        scene.frame.fill(area, style: scene.theme.bar)
        var left = " "
        if !state.pendingKeys.isEmpty {
            let keys = KeySequence(state.pendingKeys)
            left += (keys.display(ascii: scene.symbols.isASCII)) + "-"
        } else if !state.announcer.text.isEmpty {
            left += state.announcer.text
        } else if case .opening = state.library.phase {
            left += "opening the library"
        } else if case .failed = state.library.phase {
            left += "the library cannot be read"
        } else {
            left += Screens.screen(state.screen).statusLine(state)
        }
        let end = scene.write(left, x: area.x, y: area.y, style: scene.theme.bar)
        let right =
            "\(state.model.label) \(scene.symbols.separator) \(state.terminal.pictures.method.word) "
        let width = TerminalText.width(right)
        if end + width + 2 <= area.columns {
            scene.write(right, x: area.right - width, y: area.y, style: scene.theme.bar)
        }
    }
}
