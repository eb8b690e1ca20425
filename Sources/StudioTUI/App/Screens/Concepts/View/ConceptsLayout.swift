import TerminalUI

/// Where the parts of the screen lie; the reducer asks it how long a page is.
struct ConceptsLayout: Sendable, Equatable {
    /// Tags and categories as a pane of their own.
    let shelfPane: Rect?
    /// Or as a row of chips.
    let chips: Rect?
    /// The panel of the list or grid.
    let list: Rect
    let preview: Rect?
    /// Inside the list: what is searched for.
    let searchLine: Rect?
    /// Inside the list: its rows.
    let listRows: Rect
    let grid: GridLayout

    /// From this width on there is room for three panes side by side.
    static let wide = 100
    /// From this width on the preview is shown unless the user does not want it.
    static let roomy = 80

    /// The layout on the whole terminal: one row above, two below.
    init(_ state: AppState) {
        let size = state.terminal.size
        self.init(state, area: Rect(x: 0, y: 1, columns: size.columns, rows: size.rows - 3))
    }

    init(_ state: AppState, area: Rect) {
        let isWide = area.columns >= Self.wide
        var rest = area
        if isWide {
            let (left, right) = area.split(left: min(28, max(18, area.columns / 8)))
            (shelfPane, chips, rest) = (left, nil, right)
        } else {
            let (top, below) = area.split(top: 1)
            (shelfPane, chips, rest) = (nil, top, below)
        }
        let isGrid = state.concepts.style == .grid
        let wanted = isGrid ? state.concepts.gridPreview : state.concepts.listPreview
        // Without concepts there is nothing to preview, and the words on how to begin need the room.
        let isEmpty = state.concepts.listing.total == 0
        if !isEmpty, wanted ?? (!isGrid && area.columns >= Self.roomy) {
            // 3 : 4 beside the pane of tags; elsewhere names need more than pictures.
            let share = isWide ? rest.columns * 4 / 7 : rest.columns * 45 / 100
            let (left, right) = rest.split(right: share)
            (list, preview) = (left, right)
        } else {
            (list, preview) = (rest, nil)
        }
        var rows = list.inset(horizontal: 1, vertical: 1)
        if state.concepts.search.isTyping || state.concepts.search.isActive {
            let (line, below) = rows.split(top: 1)
            (searchLine, rows) = (line, below)
        } else {
            searchLine = nil
        }
        listRows = rows
        grid = GridLayout(rows)
    }

    var showsPreview: Bool { preview != nil }
    var hasShelfPane: Bool { shelfPane != nil }
}

/// A grid of cells of equal size.
struct GridLayout: Sendable, Equatable {
    let area: Rect
    let columns: Int
    /// How many rows of cells fit.
    let rows: Int
    let cell: Size

    init(_ area: Rect) {
        // One column stays free for the scroll bar.
        let width = max(1, area.columns - 1)
        self.area = area
        columns = max(1, width / 18)
        let cellWidth = width / columns
        // A picture of 4 : 3 in cells twice as high as wide, with a frame and a name.
        let height = max(4, (cellWidth - 2) * 3 / 8 + 3)
        rows = max(1, (area.rows + height / 3) / height)
        cell = Size(columns: cellWidth, rows: max(1, area.rows / rows))
    }

    /// The cell of the n-th concept, given the first row of cells that is shown.
    func rect(_ index: Int, firstRow: Int) -> Rect {
        Rect(
            x: area.x + index % columns * cell.columns,
            y: area.y + (index / columns - firstRow) * cell.rows, columns: cell.columns,
            rows: cell.rows)
    }

    func rowCount(_ count: Int) -> Int { (count + columns - 1) / columns }

    /// The first row of cells to draw so that the cursor is in sight.
    func firstRow(_ position: ListPosition, count: Int) -> Int {
        let row = ListPosition(cursor: position.cursor / columns, top: position.top)
        return row.firstVisible(count: rowCount(count), page: rows)
    }

    /// Moves in two dimensions; past the end of a row goes on in the next one.
    func move(_ position: inout ListPosition, _ movement: Navigation, count: Int) {
        let step =
            switch movement {
            case .left: -1
            case .right: 1
            case .up: -columns
            case .down: columns
            case .pageUp: -columns * rows
            case .pageDown: columns * rows
            case .halfPageUp: -columns * max(1, rows / 2)
            case .halfPageDown: columns * max(1, rows / 2)
            case .first: -position.cursor
            case .last: count - 1 - position.cursor
            default: 0
            }
        let target = position.cursor + step
        let isVertical = abs(step) >= columns && movement != .first && movement != .last
        if isVertical, target < 0 {
            position.cursor %= columns
        } else if isVertical, target >= count {
            // The last row may be shorter: its last cell, unless the cursor is in it already.
            let isInLastRow = position.cursor / columns == (count - 1) / columns
            if !isInLastRow { position.cursor = count - 1 }
        } else {
            position.cursor = target
        }
        position.clamp(count: count)
    }
}
