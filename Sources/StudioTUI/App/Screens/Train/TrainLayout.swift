import TerminalUI

/// Where the parts of the screen lie.
struct TrainLayout: Sendable {
    /// Whether list and run are beside each other rather than one at a time.
    let isSplit: Bool
    let list: Rect
    let rows: Rect
    let detail: Rect
    /// The names of the parts.
    let tabs: Rect
    /// What is shown of the run.
    let content: Rect

    static let rowsOfEntry = 2

    /// How many runs fit into the list.
    var entries: Int { max(1, rows.rows / Self.rowsOfEntry) }
    /// The cells that lines of answers may take.
    var textColumns: Int { max(1, content.columns - 1) }

    init(_ state: AppState) {
        let size = state.terminal.size
        self.init(area: Rect(x: 0, y: 1, columns: size.columns, rows: size.rows - 3), state)
    }

    init(area: Rect, _ state: AppState) {
        isSplit = area.columns >= 76
        let none = Rect(x: area.x, y: area.y, columns: 0, rows: 0)
        if isSplit {
            (list, detail) = area.split(left: min(46, max(28, area.columns * 30 / 100)))
        } else if state.train.focus == .list {
            (list, detail) = (area, none)
        } else {
            (list, detail) = (none, area)
        }
        rows = list.inset(horizontal: 1, vertical: 1)
        let inside = detail.inset(horizontal: 2, vertical: 1)
        let isTall = inside.rows >= 24
        let (tabs, below) = inside.split(top: isTall ? 2 : 1)
        self.tabs = tabs
        content = below
    }
}
