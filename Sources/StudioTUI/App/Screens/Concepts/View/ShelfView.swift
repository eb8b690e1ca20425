import TerminalUI

/// Draws what there is to choose from: tags, categories, the trash.
enum ShelfView {
    /// A row of the pane: a shelf, or a heading above some.
    private enum Row {
        case shelf(Int)
        case heading(String)
        case gap
    }

    // MARK: - The pane

    static func drawPane(_ state: AppState, into scene: inout Scene, rect: Rect) {
        let isFocused = state.concepts.focus == .shelves
        let inside = scene.panel(rect, title: "Show", isFocused: isFocused)
        let shelves = state.concepts.shelves
        let rows = rows(shelves)
        let current = shelves.firstIndex { $0.shelf == state.concepts.shelf } ?? 0
        let cursor =
            rows.firstIndex { row in
                if case .shelf(current) = row { return true }
                return false
            } ?? 0
        let position = ListPosition(cursor: cursor, top: 0)
        let first = position.firstVisible(count: rows.count, page: inside.rows)
        for (line, row) in rows.dropFirst(first).prefix(inside.rows).enumerated() {
            let place = Rect(
                x: inside.x, y: inside.y + line, columns: inside.columns, rows: 1)
            switch row {
            case .gap: break
            case .heading(let text):
                scene.write(
                    text, x: place.x + 1, y: place.y, style: scene.theme.faint,
                    columns: place.columns - 1)
            case .shelf(let index):
                draw(
                    shelves[index], isCurrent: index == current, isFocused: isFocused, place,
                    &scene)
            }
        }
        scene.region(inside, scroll: { _ in .none })
        scene.scrollBar(inside, first: first, visible: inside.rows, total: rows.count)
    }

    private static func rows(_ shelves: [ShelfRow]) -> [Row] {
        var rows: [Row] = []
        var heading: String?
        for (index, row) in shelves.enumerated() {
            let kind: String? =
                switch row.shelf {
                case .all, .untagged, .trash: nil
                case .tag: "tags"
                case .category: "categories"
                }
            if let kind, kind != heading {
                rows += [.gap, .heading(kind)]
                heading = kind
            }
            rows.append(.shelf(index))
        }
        return rows
    }

    private static func draw(
        _ row: ShelfRow, isCurrent: Bool, isFocused: Bool, _ rect: Rect, _ scene: inout Scene
    ) {
        var style = row.count == 0 ? scene.theme.faint : scene.theme.text
        if isCurrent {
            style = isFocused ? scene.theme.cursor : scene.theme.restingCursor
            scene.frame.fill(rect, style: style)
            if isFocused { scene.frame.cursor = rect.origin }
        }
        let count = "\(row.count)"
        let width = TerminalText.width(count)
        scene.write(
            isCurrent ? scene.symbols.pointer : " ", x: rect.x, y: rect.y, style: style)
        scene.write(
            row.shelf.title, x: rect.x + 2, y: rect.y, style: style,
            columns: rect.columns - 4 - width)
        scene.write(
            count, x: rect.right - 1 - width, y: rect.y,
            style: isCurrent ? style : scene.theme.faint)
        scene.region(
            rect, press: .batch([.concepts(.focus(.shelves)), .concepts(.show(row.shelf))]))
    }

    // MARK: - The chips

    static func drawChips(_ state: AppState, into scene: inout Scene, rect: Rect) {
        let isFocused = state.concepts.focus == .shelves
        let current = state.concepts.shelf
        let chips = state.concepts.shelves.map { row in
            let label = "\(row.shelf.title) \(row.count)"
            return (row: row, label: row.shelf == current ? "[\(label)]" : " \(label) ")
        }
        let chosen = chips.firstIndex { $0.row.shelf == current } ?? 0
        let first = firstChip(chips.map { min(30, TerminalText.width($0.label)) }, chosen, rect)
        var x = rect.x + 1
        if first > 0 {
            scene.write(scene.symbols.arrow.left, x: rect.x, y: rect.y, style: scene.theme.faint)
        }
        for chip in chips.dropFirst(first) {
            guard x + 6 < rect.right else {
                scene.write(
                    scene.symbols.arrow.right, x: rect.right - 1, y: rect.y,
                    style: scene.theme.faint)
                break
            }
            var style = chip.row.count == 0 ? scene.theme.faint : scene.theme.text
            if chip.row.shelf == current {
                style = isFocused ? scene.theme.cursor : scene.theme.accent
                if isFocused { scene.frame.cursor = Point(x: x + 1, y: rect.y) }
            }
            let width = scene.write(
                chip.label, x: x, y: rect.y, style: style, columns: min(30, rect.right - 1 - x))
            scene.region(
                Rect(x: x, y: rect.y, columns: width, rows: 1),
                press: .concepts(.show(chip.row.shelf)))
            x += width
        }
    }

    /// The first chip to draw so that the chosen one is in sight.
    private static func firstChip(_ widths: [Int], _ chosen: Int, _ rect: Rect) -> Int {
        var first = 0
        while first < chosen,
            widths[first...chosen].reduce(0, +) > rect.columns - 4
        {
            first += 1
        }
        return first
    }
}
