import ConceptDB
import TerminalUI

/// Into the trash, out of it, and away for good.
extension ConceptsReducer {
    static func trash(_ state: inout AppState) -> [Effect] {
        let ids = state.conceptTargets.map(\.id)
        guard !ids.isEmpty else { return [] }
        // The cursor goes to the neighbour that stays.
        let leaving = Set(ids)
        let rows = state.concepts.listing.ids
        let cursor = state.concepts.position.cursor
        let next = rows.dropFirst(cursor).first { !leaving.contains($0) }
        state.concepts.pendingFocus =
            next ?? rows.prefix(cursor).last { !leaving.contains($0) }
        state.concepts.marks.clear()
        return Reducer.reduce(&state, .edit(.trash(ids)))
    }

    /// Brings concepts back; for those whose names are taken, asks for another.
    static func restore(_ ids: [Int64], _ state: inout AppState) -> [Effect] {
        let wanted = Set(ids)
        let concepts = state.library.trash.filter { wanted.contains($0.id) }
        var taken = Set(state.library.concepts.map(\.name.nameKey))
        var free: [Int64] = []
        var conflicts: [Concept] = []
        for concept in concepts {
            if taken.insert(concept.name.nameKey).inserted {
                free.append(concept.id)
            } else {
                conflicts.append(concept)
            }
        }
        state.concepts.marks.clear()
        var effects: [Effect] = []
        if !free.isEmpty { effects += Reducer.reduce(&state, .edit(.restore(free))) }
        if let first = conflicts.first {
            state.overlays.append(
                EditForm.restore(
                    first, suggestion: ConceptNaming.free(first.name, taken: taken),
                    rest: conflicts.dropFirst().map(\.id)))
        }
        return effects
    }

    static func askPurge(_ state: inout AppState) -> [Effect] {
        let targets = state.conceptTargets
        guard let first = targets.first else { return [] }
        let what = targets.count == 1 ? first.name : TextForm.count(targets.count, "concept")
        let pictures = targets.reduce(0) { $0 + $1.images.count }
        state.overlays.append(
            ConfirmOverlay(
                title: "Delete for good?",
                question: "\(what) and \(TextForm.count(pictures, "picture")) will be gone. "
                    + "This cannot be undone.",
                confirmWord: targets.count == 1 ? "delete it" : "delete them",
                action: .edit(.purge(targets.map(\.id)))))
        return []
    }
}
