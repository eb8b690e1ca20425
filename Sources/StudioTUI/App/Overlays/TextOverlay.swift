import TerminalUI

/// Text to read: the log, an error in full, a report.
struct TextOverlay: AppOverlay {
    let title: String
    private var lines: [String]
    private var top = 0

    init(title: String, lines: [String], atEnd: Bool = false) {
        self.title = title
        self.lines = lines
        if atEnd { top = max(0, lines.count - 10) }
    }

    func hints(_ state: AppState) -> [(key: String, word: String)] {
        [("↑↓", "scroll"), ("y", "copy"), ("Esc", "close")]
    }

    mutating func receive(_ input: OverlayInput, _ state: AppState) -> OverlayAnswer {
        switch input {
        case .navigate(.back), .navigate(.activate): return .close
        case .navigate(let movement):
            var position = ListPosition(cursor: top, top: top)
            position.move(movement, count: max(1, lines.count), page: 20)
            top = position.cursor
            return .stay
        case .key(.character("y")):
            return .act(.copy(lines.joined(separator: "\n"), what: title))
        case .message(.lines(let more)):
            lines = more
            return .stay
        default: return .stay
        }
    }

    func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        let rect = area.centred(
            Size(columns: min(area.columns - 2, 110), rows: min(area.rows, 34)))
        scene.region(rect)
        let inside = scene.panel(
            rect, title: title, note: "\(lines.count) lines", isFocused: true,
            fill: scene.theme.overlay)
        let wrapped = lines.flatMap {
            TerminalText.wrapped(TerminalText.sanitized($0), to: max(1, inside.columns - 2))
        }
        let first = min(top, max(0, wrapped.count - inside.rows))
        scene.region(rect, scroll: { .navigateOverlay($0 < 0 ? .up : .down) })
        for (row, line) in wrapped.dropFirst(first).prefix(inside.rows).enumerated() {
            scene.frame.write(
                line, x: inside.x + 1, y: inside.y + row,
                style: scene.theme.text.on(scene.theme.overlay.background),
                columns: inside.columns - 2)
        }
        scene.frame.cursor = Point(x: inside.x + 1, y: inside.y)
        scene.scrollBar(inside, first: first, visible: inside.rows, total: wrapped.count)
    }
}
