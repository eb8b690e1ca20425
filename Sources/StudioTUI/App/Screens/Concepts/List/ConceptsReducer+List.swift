import ConceptDB
import TerminalUI

/// Moving, picking, sorting, filtering.
extension ConceptsReducer {
    static func navigate(_ movement: Navigation, _ state: inout AppState) -> [Effect] {
        switch movement {
        case .activate: return Reducer.run("concepts.open", &state)
        case .back: return stepOut(&state)
        case .nextFocus, .previousFocus:
            state.concepts.focus = state.concepts.focus == .list ? .shelves : .list
            return []
        default:
            if state.concepts.focus == .shelves { return moveShelf(movement, &state) }
            return moveCursor(movement, &state)
        }
    }

    private static func moveCursor(_ movement: Navigation, _ state: inout AppState) -> [Effect] {
        let count = state.concepts.listing.count
        let layout = ConceptsLayout(state)
        switch (state.concepts.style, movement) {
        case (.list, .left): state.concepts.focus = .shelves
        case (.list, .right): break
        case (.list, _):
            state.concepts.position.move(movement, count: count, page: layout.listRows.rows)
        case (.grid, _): layout.grid.move(&state.concepts.position, movement, count: count)
        }
        return moved(&state)
    }

    /// After the cursor went somewhere else.
    private static func moved(_ state: inout AppState) -> [Effect] {
        settle(&state)
        if state.concepts.marks.isRange {
            state.concepts.marks.extendRange(
                to: state.concepts.position.cursor, rows: state.concepts.listing.ids)
        }
        return []
    }

    private static func moveShelf(_ movement: Navigation, _ state: inout AppState) -> [Effect] {
        let rows = state.concepts.shelves
        let isRow = !ConceptsLayout(state).hasShelfPane
        var movement = movement
        switch movement {
        case .right where !isRow, .down where isRow:
            state.concepts.focus = .list
            return []
        case .left where !isRow, .up where isRow: return []
        case .right: movement = .down
        case .left: movement = .up
        default: break
        }
        var position = ListPosition(
            cursor: rows.firstIndex { $0.shelf == state.concepts.shelf } ?? 0)
        position.move(movement, count: rows.count, page: 10)
        guard rows.indices.contains(position.cursor) else { return [] }
        return show(rows[position.cursor].shelf, &state)
    }

    /// One step out of whatever is going on: range, picks, search, shelf.
    private static func stepOut(_ state: inout AppState) -> [Effect] {
        if state.concepts.marks.isRange {
            state.concepts.marks.cancelRange()
        } else if !state.concepts.marks.isEmpty {
            state.concepts.marks.clear()
        } else if state.concepts.search.isActive {
            endSearch(&state)
        } else if state.concepts.focus == .shelves {
            state.concepts.focus = .list
        } else if state.concepts.shelf != .all {
            return show(.all, &state)
        }
        return []
    }

    // MARK: - Mouse

    static func click(_ row: Int, _ state: inout AppState) -> [Effect] {
        state.concepts.search.isTyping = false
        let isSecond = state.concepts.focus == .list && state.concepts.position.cursor == row
        state.concepts.focus = .list
        state.concepts.position.cursor = row
        let effects = moved(&state)
        return isSecond ? effects + Reducer.run("concepts.open", &state) : effects
    }

    static func clickMark(_ row: Int, _ state: inout AppState) -> [Effect] {
        state.concepts.focus = .list
        state.concepts.position.cursor = row
        settle(&state)
        if let id = currentID(state) { state.concepts.marks.toggle(id) }
        return []
    }

    /// Turns the wheel: the rows move, and the cursor only if it would leave the screen.
    static func scroll(_ rows: Int, _ state: inout AppState) -> [Effect] {
        let layout = ConceptsLayout(state)
        let count = state.concepts.listing.count
        switch state.concepts.style {
        case .grid:
            let step = rows > 0 ? Navigation.down : .up
            layout.grid.move(&state.concepts.position, step, count: count)
        case .list:
            let page = layout.listRows.rows
            let top = min(max(0, state.concepts.position.top + rows), max(0, count - page))
            let margin = min(ListPosition.margin, max(0, (page - 1) / 2))
            state.concepts.position.top = top
            let lowest = top == 0 ? 0 : top + margin
            let highest = top + page >= count ? count - 1 : top + page - 1 - margin
            state.concepts.position.cursor = min(
                max(state.concepts.position.cursor, lowest), max(lowest, highest))
        }
        return moved(&state)
    }

    // MARK: - Shelf and order

    static func show(_ shelf: ConceptShelf, _ state: inout AppState) -> [Effect] {
        guard shelf != state.concepts.shelf else { return [] }
        let id = currentID(state)
        // Picks of the living and of the trash have nothing to do with each other.
        if shelf == .trash || state.concepts.isInTrash { state.concepts.marks.clear() }
        state.concepts.marks.endRange()
        state.concepts.shelf = shelf
        state.concepts.position = ListPosition()
        refresh(&state, keeping: id)
        return []
    }

    static func chooseShelf(_ state: inout AppState) -> [Effect] {
        let rows = state.concepts.shelves
        let items = rows.map { row in
            var kind = ""
            if case .category = row.shelf { kind = "category  " }
            return ListItem(
                text: row.shelf.title, note: "\(kind)\(row.count)",
                help: "Shows \(TextForm.count(row.count, "concept")).",
                action: .concepts(.show(row.shelf)))
        }
        state.overlays.append(
            ListOverlay(
                title: "Show only", prompt: "type a tag or category", items: items,
                cursor: rows.firstIndex { $0.shelf == state.concepts.shelf } ?? 0))
        return []
    }

    /// Sorts by a field; the second time the other way round.
    static func sort(_ field: ConceptSorting.Field, _ state: inout AppState) -> [Effect] {
        let id = currentID(state)
        let isSame = state.concepts.order.field == field
        state.concepts.order = ConceptSorting(
            field: field, isReversed: isSame && !state.concepts.order.isReversed)
        refresh(&state, keeping: id)
        return Reducer.toast(.info, "sorted \(state.concepts.order.title)", &state)
    }

    static func toggleStyle(_ state: inout AppState) -> [Effect] {
        state.concepts.style = state.concepts.style == .list ? .grid : .list
        settle(&state)
        return []
    }

    static func togglePreview(_ state: inout AppState) -> [Effect] {
        let isShown = ConceptsLayout(state).showsPreview
        switch state.concepts.style {
        case .list: state.concepts.listPreview = !isShown
        case .grid: state.concepts.gridPreview = !isShown
        }
        settle(&state)
        return []
    }

    // MARK: - Picking

    static func mark(_ state: inout AppState) -> [Effect] {
        guard let id = currentID(state) else { return [] }
        if state.concepts.marks.isRange {
            state.concepts.marks.endRange()
            return []
        }
        state.concepts.marks.toggle(id)
        state.concepts.position.cursor += 1
        settle(&state)
        return []
    }

    static func markRange(_ state: inout AppState) -> [Effect] {
        guard let id = currentID(state) else { return [] }
        if state.concepts.marks.isRange {
            state.concepts.marks.endRange()
        } else {
            state.concepts.marks.startRange(at: id)
        }
        return []
    }
}
