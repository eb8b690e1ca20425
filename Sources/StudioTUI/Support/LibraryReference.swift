import ConceptDB
import Foundation
import ImageCodecs
import PersonalCaption
import TerminalUI

/// A concept of the library with the picture the model is to see.
struct LibraryReference {
    let concept: Concept
    /// The cover as it is stored, upright.
    let original: RGBAImage
    /// The cover without transparency.
    var image: RGBImage { original.flattened() }

    /// Finds the concept and decodes its cover.
    static func read(_ name: String, from store: ConceptStore) throws -> LibraryReference {
        let concept = try store.concept(named: name)
        let shownName = TerminalText.sanitized(concept.name)
        guard let cover = concept.coverImage else {
            throw StudioFailure(
                .badInput,
                "\(shownName) has no picture; add one with 'studio concept edit NAME --add-image'")
        }
        let file = store.url(of: cover)
        guard FileManager.default.fileExists(atPath: file.path) else {
            throw StudioFailure(
                .notFound,
                "the picture of \(shownName) is missing from the library (\(cover.path)); "
                    + "run 'studio concept verify'")
        }
        return LibraryReference(
            concept: concept, original: try ImageDecoder.decode(fileAt: file))
    }

    var forPrompt: PersonalCaption.CaptionConcept {
        PersonalCaption.CaptionConcept(
            name: concept.name, info: concept.info, category: concept.category, image: image,
            key: concept.id)
    }
}
