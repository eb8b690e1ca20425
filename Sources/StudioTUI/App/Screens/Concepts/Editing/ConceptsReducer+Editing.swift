import ConceptDB
import TerminalUI

/// Changing the words of concepts.
extension ConceptsReducer {
    static func edit(_ state: inout AppState) -> [Effect] {
        let targets = state.conceptTargets
        guard let first = targets.first else { return [] }
        state.overlays.append(
            targets.count == 1 ? EditForm.one(first) : EditForm.several(targets))
        return []
    }

    static func rename(_ state: inout AppState) -> [Effect] {
        guard let concept = state.conceptTargets.first else { return [] }
        state.overlays.append(EditForm.rename(concept))
        return []
    }

    static func tags(_ state: inout AppState) -> [Effect] {
        let targets = state.conceptTargets
        guard !targets.isEmpty else { return [] }
        state.overlays.append(TagOverlay(targets, known: state.library.tags))
        return []
    }

    static func applyTags(
        _ changes: TagChanges, _ ids: [Int64], _ state: inout AppState
    ) -> [Effect] {
        let patches = ids.compactMap { state.library.concept($0) }.compactMap(changes.patch)
        guard !patches.isEmpty else {
            return Reducer.toast(.info, "nothing was changed", &state)
        }
        return Reducer.reduce(&state, .edit(.edit(patches)))
    }

    // MARK: - In the user's editor

    static func editExternally(_ state: inout AppState) -> [Effect] {
        guard let concept = state.conceptTargets.first else { return [] }
        return [editor(concept.id, EditorDraft(concept).text())]
    }

    static func editor(_ id: Int64, _ text: String) -> Effect {
        .editor(
            EditorRequest(text: text, fileExtension: "md") {
                .concepts(.drafted(id: id, text: $0))
            })
    }

    static func drafted(_ id: Int64, _ text: String, _ state: inout AppState) -> [Effect] {
        guard let concept = state.library.concept(id) else {
            return Reducer.toast(.error, "the concept is not there any more", &state)
        }
        do {
            guard let edit = try EditorDraft.parse(text)?.edit(of: concept) else {
                return Reducer.toast(.info, "nothing was changed", &state)
            }
            if let name = edit.name, state.isNameTaken(name, except: id) {
                return askAgain(id, text, ["another concept is called \(name) already"], &state)
            }
            return Reducer.reduce(&state, .edit(.edit([ConceptPatch(id: id, edit: edit)])))
        } catch {
            return askAgain(id, text, error.problems.map(\.description), &state)
        }
    }

    /// What was typed must not be lost because of a slip.
    private static func askAgain(
        _ id: Int64, _ text: String, _ problems: [String], _ state: inout AppState
    ) -> [Effect] {
        let marker = "# PROBLEM: "
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.hasPrefix(marker) }
        let marked = problems.map { marker + TerminalText.sanitized($0) } + lines.map(String.init)
        state.overlays.append(
            ConfirmOverlay(
                title: "The text cannot be used", question: problems.joined(separator: "; "),
                confirmWord: "edit again",
                action: .concepts(.editDraft(id: id, text: marked.joined(separator: "\n")))))
        return []
    }
}
