import ConceptDB
import TerminalUI

/// Looking at one concept with all its pictures.
extension ConceptsReducer {
    static func open(_ state: inout AppState) -> [Effect] {
        guard let concept = state.conceptUnderCursor else { return [] }
        return open(concept, &state)
    }

    private static func open(_ concept: Concept, _ state: inout AppState) -> [Effect] {
        var detail = ConceptDetail(id: concept.id)
        detail.image = concept.images.firstIndex { $0.id == concept.cover } ?? 0
        state.concepts.detail = detail
        return [.concepts(.loadCaptions(id: concept.id))]
    }

    static func navigate(detail movement: Navigation, _ state: inout AppState) -> [Effect] {
        switch movement {
        case .back, .activate: return reduce(&state, detail: .close)
        case .left, .previousFocus: return reduce(&state, detail: .step(-1))
        case .right, .nextFocus: return reduce(&state, detail: .step(1))
        case .up: return reduce(&state, detail: .scroll(-1))
        case .down: return reduce(&state, detail: .scroll(1))
        case .pageUp, .halfPageUp: return reduce(&state, detail: .scroll(-8))
        case .pageDown, .halfPageDown: return reduce(&state, detail: .scroll(8))
        case .first: return reduce(&state, detail: .showImage(0))
        case .last: return reduce(&state, detail: .showImage(.max))
        }
    }

    static func reduce(
        _ state: inout AppState, detail action: ConceptDetailAction
    ) -> [Effect] {
        guard let concept = state.openConcept, var detail = state.concepts.detail else {
            state.concepts.detail = nil
            return []
        }
        switch action {
        case .close:
            // Escape answers a message that waits for it first.
            if !state.toasts.dismiss() { state.concepts.detail = nil }
            return []
        case .showImage(let index):
            detail.image = min(max(0, index), max(0, concept.images.count - 1))
        case .step(let step):
            detail.image = min(max(0, detail.image + step), max(0, concept.images.count - 1))
        case .neighbour(let step): return openNeighbour(step, &state)
        case .scroll(let rows):
            let most = ConceptDetailView.mostScroll(state)
            detail.scroll = min(max(0, detail.scroll + rows), most)
        case .cover:
            guard let image = state.openImage else { return [] }
            guard image.id != concept.cover else {
                return Reducer.toast(.info, "this picture is the cover already", &state)
            }
            return Reducer.reduce(&state, .edit(.setCover(id: concept.id, image: image.id)))
        case .removeImage:
            guard let image = state.openImage else { return [] }
            return Reducer.reduce(&state, .edit(.removeImages(id: concept.id, [image.id])))
        case .crop:
            guard let image = state.openImage else { return [] }
            state.concepts.crop = CropBox(conceptID: concept.id, image: image)
            return []
        case .captions(let id, let captions, let total):
            guard id == detail.id else { return [] }
            detail.captions = captions
            detail.captionCount = total
        }
        state.concepts.detail = detail
        return []
    }

    /// Opens the next concept of the list without going back to it.
    private static func openNeighbour(_ step: Int, _ state: inout AppState) -> [Effect] {
        let row = state.concepts.position.cursor + step
        guard state.concepts.listing.rows.indices.contains(row) else {
            return Reducer.toast(
                .info, step > 0 ? "this is the last one" : "this is the first one", &state)
        }
        state.concepts.position.cursor = row
        settle(&state)
        return open(&state)
    }

    /// Follows a change of the library: the open concept may have fewer pictures or be gone.
    static func detailChanged(_ state: inout AppState) -> [Effect] {
        guard let detail = state.concepts.detail else { return [] }
        guard let concept = state.library.concept(detail.id) else {
            state.concepts.detail = nil
            state.concepts.crop = nil
            return []
        }
        state.concepts.detail?.image = min(detail.image, max(0, concept.images.count - 1))
        if let crop = state.concepts.crop, !concept.images.contains(crop.image) {
            state.concepts.crop = nil
        }
        return []
    }
}

extension AppState {
    /// The picture that is shown of the open concept.
    var openImage: ReferenceImage? {
        guard let concept = openConcept, let index = concepts.detail?.image,
            concept.images.indices.contains(index)
        else { return nil }
        return concept.images[index]
    }
}
