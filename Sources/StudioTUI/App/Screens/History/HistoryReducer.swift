import ConceptDB
import Foundation
import TerminalUI

/// Follows the history: list, filter, selection, export.
enum HistoryReducer {
    static func reduce(_ state: inout AppState, _ action: HistoryAction) -> [Effect] {
        switch action {
        case .listed(let ids):
            state.history.replace(with: ids, keeping: state.history.currentID)
            state.history.search = nil
            return readAround(&state)
                + (state.history.found == nil ? [] : startSearch(&state))
        case .failed(let reason):
            state.history.phase = .failed(reason)
            return []
        case .entriesRead(let entries, let asked):
            state.history.insert(entries, asked: asked)
            return []
        case .found(let text, let ids, let search): return found(text, ids, search, &state)
        case .searchFailed(let reason):
            state.history.searched = nil
            return Reducer.toast(.error, reason, &state)
        case .moveTo(let index):
            let isSame = index == state.history.position.cursor
            state.history.position.cursor = index
            state.history.position.clamp(count: state.history.listed.count)
            // A second click opens.
            if isSame, state.history.focus == .list {
                return Reducer.run("history.restore", &state)
            }
            state.history.focus = .list
            return moved(&state)
        case .focus(let focus):
            if focus == .filter { state.history.placeBeforeFilter = state.history.currentID }
            state.history.focus = focus
            return []
        case .scrollPreview(let step):
            state.history.previewTop = max(0, state.history.previewTop + step)
            return []
        case .scrollList(let step):
            state.history.position.move(
                step < 0 ? .up : .down, count: state.history.listed.count, page: 1, step: 3)
            return moved(&state)
        case .select: return select(&state)
        case .selectAll:
            let listed = Set(state.history.listed)
            let hasAll = listed.isSubset(of: state.history.selection)
            state.history.selection = hasAll ? [] : listed
            return []
        case .clearFilter: return clearFilter(&state)
        case .trash:
            let chosen = state.history.chosen
            state.history.selection = []
            return chosen.isEmpty ? [] : [.edit(.trashCaptions(chosen), .user)]
        case .chooseExport:
            state.overlays.append(HistoryForms.export(state))
            return []
        case .export(let request): return [.history(.export(request))]
        case .exportExists(let request):
            var agreed = request
            agreed.replaces = true
            state.overlays.append(
                ConfirmOverlay(
                    title: "Replace the file?",
                    question: "\(request.path) is there already.", confirmWord: "replace it",
                    action: .history(.export(agreed))))
            return []
        case .exported(let file, let count):
            state.history.selection = []
            return Reducer.toast(
                .good, "wrote \(TextForm.count(count, "caption")) to \(file)", &state)
        }
    }

    /// Reads the list again, once somebody has looked at it.
    static func reload(_ state: inout AppState) -> [Effect] {
        guard state.history.phase != .unread else { return [] }
        state.history.forget()
        return [.history(.list)]
    }

    /// After the cursor has moved: the preview starts anew, and what comes into sight is read.
    static func moved(_ state: inout AppState) -> [Effect] {
        state.history.previewTop = 0
        let layout = HistoryLayout(state)
        state.history.position.top = state.history.position.firstVisible(
            count: state.history.listed.count, page: layout.entries)
        return readAround(&state)
    }

    private static func readAround(_ state: inout AppState) -> [Effect] {
        let missing = state.history.take(missingAround: HistoryLayout(state).entries)
        return missing.isEmpty ? [] : [.history(.read(missing))]
    }

    /// Selects the caption under the cursor, or not, and goes on to the next.
    private static func select(_ state: inout AppState) -> [Effect] {
        guard let id = state.history.currentID else { return [] }
        if state.history.selection.remove(id) == nil { state.history.selection.insert(id) }
        state.history.position.move(.down, count: state.history.listed.count, page: 1)
        return moved(&state)
    }

    // MARK: - Filter

    /// Searches for what the filter says now.
    static func search(_ state: inout AppState) -> [Effect] {
        guard wanted(state) != nil else {
            state.history.found = nil
            state.history.stay(on: state.history.placeBeforeFilter)
            return moved(&state)
        }
        state.history.position = ListPosition()
        state.history.previewTop = 0
        // The one that runs is followed by one for the text as it is then.
        return state.history.searched == nil ? startSearch(&state) : []
    }

    private static func wanted(_ state: AppState) -> String? {
        let text = state.history.filter.text
        return text.allSatisfy(\.isWhitespace) ? nil : text
    }

    private static func startSearch(_ state: inout AppState) -> [Effect] {
        guard let text = wanted(state) else { return [] }
        state.history.searched = text
        return [.history(.search(text, state.history.search))]
    }

    private static func found(
        _ text: String, _ ids: [Int64], _ search: HistorySearch, _ state: inout AppState
    ) -> [Effect] {
        state.history.searched = nil
        guard let wanted = wanted(state) else { return [] }
        state.history.search = search
        let present = Set(state.history.all)
        state.history.found = ids.filter { present.contains($0) }
        state.history.position.clamp(count: state.history.listed.count)
        return readAround(&state) + (wanted == text ? [] : startSearch(&state))
    }

    /// Shows everything again, at the place where the list stood before.
    static func clearFilter(_ state: inout AppState) -> [Effect] {
        state.history.filter.clear()
        state.history.found = nil
        state.history.search = nil
        state.history.focus = .list
        state.history.stay(on: state.history.placeBeforeFilter)
        return moved(&state)
    }
}
