import ConceptDB
import TerminalUI

/// The query picture above two captions.
enum CompareView {
    /// How the rows of the screen are shared out.
    struct Layout {
        let top: Rect
        let banner: Rect
        let columns: (Rect, Rect)

        init(_ compare: CompareState, area: Rect) {
            let share = min(22, max(7, area.rows * 36 / 100))
            let (top, rest) = area.split(top: area.rows < 18 ? 4 : share)
            let (banner, below) = rest.split(top: CompareBanner.rows(compare))
            self.top = top
            self.banner = banner
            columns = below.split(left: below.columns / 2)
        }

        /// Rows of text in a column.
        var page: Int { max(0, columns.0.rows - 2) }

        func rect(_ column: CompareSide) -> Rect { column == .left ? columns.0 : columns.1 }
    }

    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        let compare = state.compare
        guard !compare.isEmpty else {
            drawEmpty(state, &scene, area)
            return
        }
        let layout = Layout(compare, area: area)
        CompareHeader.draw(state, into: &scene, area: layout.top)
        CompareBanner.draw(state, into: &scene, area: layout.banner)
        for column in CompareSide.allCases {
            drawColumn(column, state, layout, &scene)
        }
    }

    /// How far the columns can be scrolled on this terminal.
    static func mostScroll(_ state: AppState) -> Int {
        let size = state.terminal.size
        let area = Rect(x: 0, y: 1, columns: size.columns, rows: size.rows - 3)
        let layout = Layout(state.compare, area: area)
        let rows = CompareSide.allCases.map { column in
            CompareRows(
                state, columns: width(layout.rect(column)), theme: .plain,
                symbols: .unicode
            ).count
        }
        return max(0, (rows.max() ?? 0) - layout.page)
    }

    /// Cells of text inside a column: the frame, a margin and the scroll bar are off.
    private static func width(_ rect: Rect) -> Int { max(1, rect.columns - 4) }

    private static func drawEmpty(_ state: AppState, _ scene: inout Scene, _ area: Rect) {
        let inside = scene.panel(area, title: "Compare", isFocused: true)
        let key = KeyHint(state, scene.symbols)
        scene.frame.cursor = inside.origin
        scene.emptyState(
            "Nothing to compare yet",
            [
                "Press C on a caption in Ask or History, twice.",
                "Or press \(key("compare.choose")) to choose captions of the history here.",
                "Then \(key("compare.blind")) hides which is which, for a fair vote.",
            ], in: inside)
    }

    private static func drawColumn(
        _ column: CompareSide, _ state: AppState, _ layout: Layout, _ scene: inout Scene
    ) {
        let compare = state.compare
        let rect = layout.rect(column)
        let inside = scene.panel(
            rect, title: title(column, compare, scene.symbols), note: note(column, compare),
            isFocused: compare.focus == column)
        scene.region(
            rect, press: .compare(.focus(column)),
            scroll: { .compare(.scroll($0 < 0 ? .up : .down)) })
        let text = inside.inset(horizontal: 1, vertical: 0)
        if compare.focus == column { scene.frame.cursor = text.origin }
        let rows = CompareRows(
            state, columns: width(rect), theme: scene.theme, symbols: scene.symbols)
        let first = min(compare.scroll, max(0, rows.count - inside.rows))
        for (index, line) in rows[column].dropFirst(first).prefix(inside.rows).enumerated() {
            var x = text.x
            for piece in line {
                x += scene.frame.write(
                    piece.text, x: x, y: text.y + index, style: piece.style,
                    columns: text.right - x)
            }
        }
        scene.scrollBar(inside, first: first, visible: inside.rows, total: rows.count)
    }

    private static func title(
        _ column: CompareSide, _ compare: CompareState, _ symbols: Symbols
    ) -> String {
        let side = compare.side(in: column)
        if compare.isHidden { return column.letter }
        let number = compare[side].captionID.map { " #\($0)" } ?? ""
        let name = (side == .left ? "Left" : "Right") + number
        guard let verdict = compare.blind?.verdict else { return name }
        let mark = verdict == CompareVerdict(side) ? " \(symbols.check) better" : ""
        return "\(column.letter) was \(side.word)\(number)\(mark)"
    }

    private static func note(_ column: CompareSide, _ compare: CompareState) -> String {
        guard !compare.isHidden,
            let record = compare[compare.side(in: column)].caption?.record
        else { return "" }
        return TerminalText.sanitized(CompareContender(record).label)
    }
}
