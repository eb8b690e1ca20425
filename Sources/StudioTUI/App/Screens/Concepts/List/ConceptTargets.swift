import Foundation
import ConceptDB

extension AppState {
    /// The concept under the cursor of the list.
    var conceptUnderCursor: Concept? {
        concepts.listing.concept(at: concepts.position.cursor, in: library)
    }

    /// The concept that is open.
    var openConcept: Concept? { concepts.detail.flatMap { library.concept($0.id) } }

    /// What a command works on: the open concept, else the picked ones, else the one under the
    /// cursor; in the order of the library.
    var conceptTargets: [Concept] {
        if concepts.detail != nil { return openConcept.map { [$0] } ?? [] }
        guard !concepts.marks.isEmpty else { return conceptUnderCursor.map { [$0] } ?? [] }
        let all = concepts.isInTrash ? library.trash : library.concepts
        return all.filter { concepts.marks.contains($0.id) }
    }

    /// How many concepts a command works on, without collecting them.
    var conceptTargetCount: Int {
        if concepts.detail != nil { return openConcept == nil ? 0 : 1 }
        return concepts.marks.isEmpty
            ? (conceptUnderCursor == nil ? 0 : 1) : concepts.marks.count
    }

    /// Whether a living concept has the name; the library decides in the end.
    func isNameTaken(_ name: String, except id: Int64? = nil) -> Bool {
        let wanted = name.nameKey
        return library.concepts.contains { $0.id != id && $0.name.nameKey == wanted }
    }

    /// The file of a picture of the library.
    func file(of image: ReferenceImage) -> PictureSource {
        .stored(
            sha256: image.sha256,
            file: places.home.library.appendingPathComponent(image.path))
    }
}
