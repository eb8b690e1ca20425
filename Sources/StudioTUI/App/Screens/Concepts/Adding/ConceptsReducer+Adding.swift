import ConceptDB
import TerminalUI

/// Adding concepts and pictures.
extension ConceptsReducer {
    /// Paths that were pasted or dropped become a form; other text is not meant for a list.
    static func paste(_ text: String, _ state: inout AppState) -> [Effect] {
        if state.concepts.search.isTyping { return searchPaste(text, &state) }
        guard let paths = PastedPaths.recognise(text, in: state.places.paths) else {
            return Reducer.toast(
                .info, "paste paths of pictures here to add them; this was something else", &state)
        }
        let open = state.openConcept.map { AddRequest.Grouping.existing(id: $0.id, name: $0.name) }
        var request = shelved(AddRequest(source: .paths(paths)), state)
        if let open { request.grouping = open }
        state.overlays.append(AddForm.make(request, extra: open))
        return []
    }

    /// What is added while a tag or category is shown belongs to it, unless the user says otherwise.
    private static func shelved(_ request: AddRequest, _ state: AppState) -> AddRequest {
        var request = request
        switch state.concepts.shelf {
        case .tag(let name): request.tags = [name]
        case .category(let name): request.category = name
        case .all, .untagged, .trash: break
        }
        return request
    }

    static func add(_ state: inout AppState) -> [Effect] {
        state.overlays.append(
            AddForm.make(shelved(AddRequest(source: .typed("")), state)))
        return []
    }

    static func addImages(_ state: inout AppState) -> [Effect] {
        guard let concept = state.conceptTargets.first else { return [] }
        state.overlays.append(AddForm.images(of: concept.id, concept.name))
        return []
    }

    static func importPictures(_ request: AddRequest, _ state: inout AppState) -> [Effect] {
        [.concepts(.importPictures(request))]
    }

    static func addFailed(
        _ request: AddRequest, _ reason: String, _ state: inout AppState
    ) -> [Effect] {
        // Whoever is busy with something else by now is only told.
        guard state.overlays.isEmpty, state.screen == .concepts else {
            return Reducer.toast(.error, reason, &state)
        }
        state.overlays.append(AddForm.again(request, reason))
        return []
    }
}
