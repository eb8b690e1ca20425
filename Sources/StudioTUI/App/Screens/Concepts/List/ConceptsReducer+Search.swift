import TerminalUI

/// Searching by letters.
extension ConceptsReducer {
    static func startSearch(_ state: inout AppState) -> [Effect] {
        if state.concepts.search.origin == nil {
            state.concepts.search.origin = .init(
                id: currentID(state), position: state.concepts.position)
        }
        let isTrash = state.concepts.isInTrash
        state.concepts.search.prepare(
            isTrash ? state.library.trash : state.library.concepts,
            revision: state.library.revision, isTrash: isTrash)
        state.concepts.search.isTyping = true
        state.concepts.focus = .list
        settle(&state)
        return []
    }

    /// A key while the search field has the focus.
    static func searchKey(_ key: Key, _ state: inout AppState) -> [Effect] {
        switch key.code {
        case .escape, .enter: return InputReducer.command(for: key, &state)
        case .up, .down, .pageUp, .pageDown:
            return InputReducer.movement(key).map { navigate($0, &state) } ?? []
        case .tab:
            return []
        case .backspace where state.concepts.search.field.isEmpty:
            endSearch(&state)
            return []
        default: break
        }
        switch key {
        case .control("n"): return navigate(.down, &state)
        case .control("p"): return navigate(.up, &state)
        default: break
        }
        switch state.concepts.search.field.handle(key) {
        case .changed: queryChanged(&state)
        case .ignored: return InputReducer.command(for: key, &state)
        default: break
        }
        return []
    }

    static func searchPaste(_ text: String, _ state: inout AppState) -> [Effect] {
        state.concepts.search.field.insert(text)
        queryChanged(&state)
        return []
    }

    /// Goes back to the list, which shows what was found until the search is ended.
    static func keepSearch(_ state: inout AppState) {
        guard state.concepts.search.isActive else { return endSearch(&state) }
        state.concepts.search.isTyping = false
        state.concepts.search.lastQuery = state.concepts.search.query
        settle(&state)
    }

    private static func queryChanged(_ state: inout AppState) {
        search(&state)
        state.concepts.position = ListPosition()
        // Without a query, the list looks as before the search.
        if !state.concepts.search.isActive, let origin = state.concepts.search.origin {
            putCursor(back: origin, &state)
        }
        settle(&state)
    }

    /// Gives up the search; the cursor goes back to where it was, or stays on what was found.
    static func endSearch(_ state: inout AppState) {
        let wasTyping = state.concepts.search.isTyping
        let found = currentID(state)
        let origin = state.concepts.search.origin
        if state.concepts.search.isActive {
            state.concepts.search.lastQuery = state.concepts.search.query
        }
        state.concepts.search.field.clear()
        state.concepts.search.isTyping = false
        state.concepts.search.origin = nil
        search(&state)
        if wasTyping, let origin {
            putCursor(back: origin, &state)
        } else if let found, let row = state.concepts.listing.row(of: found) {
            state.concepts.position.cursor = row
        }
        settle(&state)
    }

    private static func putCursor(back origin: ConceptLetterSearch.Origin, _ state: inout AppState)
    {
        state.concepts.position = origin.position
        if let id = origin.id, let row = state.concepts.listing.row(of: id) {
            state.concepts.position.cursor = row
        }
    }

    /// Goes to the next concept that the last search finds, around the end.
    static func nextMatch(_ step: Int, _ state: inout AppState) -> [Effect] {
        let count = state.concepts.listing.count
        let matcher = FuzzyMatcher(state.concepts.search.lastQuery)
        guard count > 0, !matcher.isEmpty else { return [] }
        var row = state.concepts.position.cursor
        func fits(_ row: Int) -> Bool {
            let concept = state.concepts.listing.concept(at: row, in: state.library)
            return concept.map { matcher.match(ConceptSearchIndex.words($0)) != nil } ?? false
        }
        for _ in 0..<count {
            row = (row + step + count) % count
            if fits(row) {
                state.concepts.position.cursor = row
                settle(&state)
                return []
            }
        }
        return Reducer.toast(
            .info, "nothing here fits \"\(state.concepts.search.lastQuery)\"", &state)
    }
}
