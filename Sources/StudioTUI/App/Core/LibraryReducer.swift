import ConceptDB

/// Follows the library: fresh rows, edits that worked or did not, undo and redo.
enum LibraryReducer {
    static func reduce(_ state: inout AppState, _ action: LibraryAction) -> [Effect] {
        switch action {
        case .loaded(let snapshot):
            state.library.replace(with: snapshot)
            return Screens.all.flatMap { $0.libraryChanged(&state) }
        case .failed(let reason):
            state.library.phase = .failed(reason)
            return Reducer.toast(.error, reason, &state)
        case .edited(let outcome, let purpose): return edited(outcome, purpose, &state)
        case .editFailed(let reason): return Reducer.toast(.error, reason, &state)
        case .undo:
            guard let step = state.undo.takeUndo() else {
                return Reducer.toast(.info, "nothing to undo", &state)
            }
            return [.edit(step.inverse, .undo)]
        case .redo:
            guard let step = state.undo.takeRedo() else {
                return Reducer.toast(.info, "nothing to redo", &state)
            }
            return [.edit(step.inverse, .redo)]
        }
    }

    private static func edited(
        _ outcome: LibraryOutcome, _ purpose: EditPurpose, _ state: inout AppState
    ) -> [Effect] {
        let step = outcome.inverse.map { UndoStep(title: outcome.summary, inverse: $0) }
        var hint = ""
        switch purpose {
        case .user:
            if let step {
                state.undo.record(step)
                hint = keyHint("edit.undo", "undo", state)
            }
        case .undo:
            if let step { state.undo.recordUndone(step) }
            hint = keyHint("edit.redo", "redo", state)
        case .redo: if let step { state.undo.recordRedone(step) }
        }
        if let focus = outcome.focus { state.concepts.pendingFocus = focus }
        let verb = purpose == .undo ? "undone: " : ""
        var effects = Reducer.toast(.good, verb + outcome.summary + hint, &state)
        if let note = outcome.note { effects += Reducer.toast(.warning, note, &state) }
        return effects + [.reloadLibrary]
    }

    private static func keyHint(_ id: CommandID, _ word: String, _ state: AppState) -> String {
        state.keymap.keys(of: id).first.map { " (\($0.display()) to \(word))" } ?? ""
    }
}
