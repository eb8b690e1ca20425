import TerminalUI

/// One row of a list that can be searched and run.
struct ListItem: Sendable {
    /// What the row says; the search looks at this.
    let text: String
    /// Faint, at the right: keys, counts, values.
    var note = ""
    /// Below the list while the row is under the cursor.
    var help = ""
    var availability = Availability.ready
    let action: AppAction
}

/// A list with a search field: the palette, the help, every "choose one of these".
struct ListOverlay: AppOverlay {
    let title: String
    private let items: [ListItem]
    private let index: FuzzyIndex
    private let prompt: String
    private var field = TextField()
    private var shown: [(item: Int, matched: [Int])]
    private var position = ListPosition()

    init(title: String, prompt: String = "type to search", items: [ListItem], cursor: Int = 0) {
        self.title = title
        self.items = items
        index = FuzzyIndex(items.map(\.text))
        self.prompt = prompt
        shown = items.indices.map { ($0, []) }
        position.cursor = min(max(0, cursor), max(0, items.count - 1))
    }

    func wantsText(_ state: AppState) -> Bool { true }

    func hints(_ state: AppState) -> [(key: String, word: String)] {
        [("type", "search"), ("↑↓", "move"), ("⏎", "choose"), ("Esc", "close")]
    }

    mutating func receive(_ input: OverlayInput, _ state: AppState) -> OverlayAnswer {
        switch input {
        case .key(let key): return receive(key)
        case .navigate(let movement): return move(movement)
        case .paste(let text):
            field.insert(text)
            search()
            return .stay
        case .choose(let index):
            position.cursor = index
            return choose()
        case .message: return .stay
        }
    }

    private mutating func receive(_ key: Key) -> OverlayAnswer {
        switch key {
        case .control("n"): return move(.down)
        case .control("p"): return move(.up)
        default: break
        }
        if let movement = InputReducer.movement(key), movement != .left, movement != .right {
            return move(movement)
        }
        if field.handle(key) == .changed { search() }
        return .stay
    }

    private mutating func move(_ movement: Navigation) -> OverlayAnswer {
        switch movement {
        case .back: return .close
        case .activate: return choose()
        case .nextFocus: position.move(.down, count: shown.count, page: 10)
        case .previousFocus: position.move(.up, count: shown.count, page: 10)
        default: position.move(movement, count: shown.count, page: 10)
        }
        return .stay
    }

    private func choose() -> OverlayAnswer {
        guard shown.indices.contains(position.cursor) else { return .stay }
        let item = items[shown[position.cursor].item]
        if case .refused(let reason) = item.availability {
            return .act(.toast(.warning, "\(item.text): \(reason)"))
        }
        return .finish(item.action)
    }

    private mutating func search() {
        position = ListPosition()
        guard !field.text.isEmpty else {
            shown = items.indices.map { ($0, []) }
            return
        }
        let matcher = FuzzyMatcher(field.text)
        shown = index.hits(matcher).map { hit in
            (hit.index, matcher.match(items[hit.index].text)?.positions ?? [])
        }
    }

    func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        let size = Size(columns: min(area.columns - 2, 78), rows: min(area.rows, 24))
        let rect = area.centred(size)
        scene.region(rect)
        let inside = scene.panel(
            rect, title: title, note: "\(shown.count) of \(items.count)", isFocused: true,
            fill: scene.theme.overlay)
        scene.field(
            field, x: inside.x, y: inside.y, columns: inside.columns, isFocused: true,
            placeholder: prompt)
        let (list, help) = inside.split(top: 1).1.split(bottom: 2)
        let first = position.firstVisible(count: shown.count, page: list.rows)
        scene.region(list, scroll: { .navigateOverlay($0 < 0 ? .up : .down) })
        for row in 0..<list.rows where first + row < shown.count {
            draw(first + row, y: list.y + row, list, &scene)
        }
        scene.scrollBar(list, first: first, visible: list.rows, total: shown.count)
        guard shown.indices.contains(position.cursor) else {
            scene.note("nothing matches", list, scene.theme.faint)
            return
        }
        let item = items[shown[position.cursor].item]
        var text = item.help
        if case .refused(let reason) = item.availability { text = "Not now: \(reason). \(text)" }
        scene.paragraph(
            text, in: help,
            style: scene.theme.faint.on(scene.theme.overlay.background))
    }

    private func draw(_ index: Int, y: Int, _ list: Rect, _ scene: inout Scene) {
        let entry = shown[index]
        let item = items[entry.item]
        let isCursor = index == position.cursor
        let columns = list.columns - 1
        let base =
            isCursor ? scene.theme.cursor : scene.theme.text.on(scene.theme.overlay.background)
        let style = item.availability.isReady ? base : (isCursor ? base : scene.theme.faint)
        if isCursor {
            scene.frame.fill(Rect(x: list.x, y: y, columns: columns, rows: 1), style: base)
        }
        let noteWidth = TerminalText.width(item.note)
        scene.highlighted(
            item.text, matched: entry.matched, x: list.x + 1, y: y,
            columns: columns - noteWidth - 3, style: style)
        if noteWidth > 0 {
            scene.write(
                item.note, x: list.right - noteWidth - 2, y: y,
                style: isCursor ? base : scene.theme.key.on(scene.theme.overlay.background))
        }
        scene.region(
            Rect(x: list.x, y: y, columns: columns, rows: 1), press: .overlayChoice(index))
    }
}

extension Scene {
    /// One line in which the characters that a search matched stand out.
    mutating func highlighted(
        _ text: String, matched: [Int], x: Int, y: Int, columns: Int, style: Style
    ) {
        let safe = TerminalText.sanitized(text)
        let cut = TerminalText.truncated(safe, to: columns, ellipsis: symbols.ellipsis)
        guard !matched.isEmpty else {
            frame.write(cut, x: x, y: y, style: style, columns: columns)
            return
        }
        let wanted = Set(matched)
        var column = x
        for (index, character) in cut.enumerated() {
            var look = style
            if wanted.contains(index) { look = theme.match.on(style.background) }
            column += frame.write(
                String(character), x: column, y: y, style: look, columns: x + columns - column)
        }
    }
}
