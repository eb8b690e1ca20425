import ConceptDB
import TerminalUI

/// Changes the part of the state that belongs to the screen Concepts.
enum ConceptsReducer {
    static func reduce(_ state: inout AppState, _ action: ConceptsAction) -> [Effect] {
        switch action {
        case .click(let row): return click(row, &state)
        case .clickMark(let row): return clickMark(row, &state)
        case .scroll(let rows): return scroll(rows, &state)
        case .focus(let focus):
            state.concepts.focus = focus
            return []
        case .show(let shelf): return show(shelf, &state)
        case .chooseShelf: return chooseShelf(&state)
        case .sort(let field): return sort(field, &state)
        case .toggleStyle: return toggleStyle(&state)
        case .togglePreview: return togglePreview(&state)
        case .mark: return mark(&state)
        case .markRange: return markRange(&state)
        case .markAll:
            state.concepts.marks.add(state.concepts.listing.ids)
            return []
        case .invertMarks:
            state.concepts.marks.invert(state.concepts.listing.ids)
            return []
        case .startSearch: return startSearch(&state)
        case .keepSearch:
            keepSearch(&state)
            return []
        case .endSearch:
            endSearch(&state)
            return []
        case .nextMatch(let step): return nextMatch(step, &state)

        case .add: return add(&state)
        case .addSubmitted(let request): return importPictures(request, &state)
        case .addFailed(let request, let reason): return addFailed(request, reason, &state)
        case .addImages: return addImages(&state)
        case .imported(let report):
            state.concepts.importReport = report
            return []
        case .showImportReport:
            state.overlays.append(
                TextOverlay(title: "Last import", lines: state.concepts.importReport))
            return []

        case .edit: return edit(&state)
        case .editExternally: return editExternally(&state)
        case .drafted(let id, let text): return drafted(id, text, &state)
        case .editDraft(let id, let text): return [editor(id, text)]
        case .rename: return rename(&state)
        case .tags: return tags(&state)
        case .applyTags(let changes, let ids): return applyTags(changes, ids, &state)

        case .trash: return trash(&state)
        case .restore(let ids): return restore(ids, &state)
        case .askPurge: return askPurge(&state)

        case .open: return open(&state)
        case .detail(let action): return reduce(&state, detail: action)
        case .crop(let action): return reduce(&state, crop: action)
        }
    }

    /// The library has fresh rows.
    static func libraryChanged(_ state: inout AppState) -> [Effect] {
        state.concepts.shelves = ShelfRow.all(state.library)
        // The last concept of a tag may have lost it.
        if !state.concepts.shelves.contains(where: { $0.shelf == state.concepts.shelf }) {
            state.concepts.shelf = .all
            state.concepts.focus = .list
        }
        let focus = state.concepts.pendingFocus
        let isTrash = state.concepts.isInTrash
        let library = state.library
        let trashed = isTrash ? Set(library.trash.map(\.id)) : []
        state.concepts.marks.keep {
            isTrash ? trashed.contains($0) : library.indexByID[$0] != nil
        }
        refresh(&state, keeping: focus ?? currentID(state))
        state.concepts.pendingFocus = nil
        return detailChanged(&state)
    }

    /// The number of the concept under the cursor, as the list was before a change of the library.
    static func currentID(_ state: AppState) -> Int64? {
        let ids = state.concepts.listing.ids
        let cursor = state.concepts.position.cursor
        return ids.indices.contains(cursor) ? ids[cursor] : nil
    }

    /// Filters and sorts anew, and puts the cursor where it was.
    static func refresh(_ state: inout AppState, keeping id: Int64? = nil) {
        state.concepts.listing.fill(
            state.library, state.concepts.shelf, state.concepts.order)
        search(&state)
        if let id, let row = state.concepts.listing.row(of: id) {
            state.concepts.position.cursor = row
        }
        settle(&state)
    }

    /// Filters by what is searched for.
    static func search(_ state: inout AppState) {
        var hits: [Int]?
        if state.concepts.search.isActive {
            let isTrash = state.concepts.isInTrash
            hits = state.concepts.search.hits(
                state.concepts.search.query,
                in: isTrash ? state.library.trash : state.library.concepts,
                revision: state.library.revision, isTrash: isTrash)
        }
        state.concepts.listing.show(hits, state.library)
    }

    /// Keeps the cursor inside the list and in sight.
    static func settle(_ state: inout AppState) {
        let count = state.concepts.listing.count
        state.concepts.position.clamp(count: count)
        let layout = ConceptsLayout(state)
        switch state.concepts.style {
        case .list:
            state.concepts.position.top = state.concepts.position.firstVisible(
                count: count, page: layout.listRows.rows)
        case .grid:
            state.concepts.position.top = layout.grid.firstRow(
                state.concepts.position, count: count)
        }
    }
}
