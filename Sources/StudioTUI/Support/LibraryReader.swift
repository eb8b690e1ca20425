import ConceptDB
import Foundation
import ImageCodecs
import PersonalCaption
import TerminalUI
import VLMRuntime

/// Reads the pictures of a library for a search.
struct LibraryReader {
    let store: ConceptStore
    let generator: Generator
    let budget: ClosedRange<Int>
    let cancellation: CancellationFlag?
    let listener: LibrarySearch.Listener

    /// References by the place of their concept, and the concepts that have any.
    typealias Found<Reference> = (references: [(concept: Int, Reference)], kept: [Concept])

    /// The rows of all pictures.
    func rows(
        of concepts: [Concept]
    ) throws -> (references: [(concept: Int, picture: PictureRows)], kept: [Concept]) {
        let found = try each(concepts) { image in try rows(image) }
        return (found.references.map { (concept: $0.concept, picture: $0.1) }, found.kept)
    }

    /// The looks of all pictures; those in the file are taken from there, and the file is brought
    /// up to date.
    func looks(
        of concepts: [Concept], by metric: LookMetric, kept folder: URL
    ) throws -> (references: [(concept: Int, look: ReferenceLook)], kept: [Concept]) {
        let file = try? LookStore(
            folder: folder, model: generator.model, metric: metric, budget: budget)
        let known = file?.read() ?? [:]
        var used: [String: ReferenceLook] = [:]
        let found = try each(concepts) { image in
            let path = store.url(of: image).path
            if let look = known[image.sha256], FileManager.default.fileExists(atPath: path) {
                used[image.sha256] = look
                return look
            }
            let look = ReferenceLook(try rows(image), by: metric)
            used[image.sha256] = look
            return look
        }
        if Set(used.keys) != Set(known.keys) { file?.write(used) }
        return (found.references.map { (concept: $0.concept, look: $0.1) }, found.kept)
    }

    private func rows(_ image: ReferenceImage) throws -> PictureRows {
        let picture = try ImageDecoder.decode(fileAt: store.url(of: image)).flattened()
        return try generator.pictureRows(
            ImageInput(picture, pixelBudget: budget, isReference: true),
            cancellation: cancellation)
    }

    private func each<Reference>(
        _ concepts: [Concept], _ read: (ReferenceImage) throws -> Reference
    ) throws -> Found<Reference> {
        let total = concepts.reduce(0) { $0 + $1.images.count }
        var found: Found<Reference> = ([], [])
        var done = 0
        for concept in concepts {
            var references: [Reference] = []
            for image in concept.images {
                if cancellation?.isCancelled == true { throw CancellationError() }
                listener.progress(Double(done) / Double(max(total, 1)))
                done += 1
                do {
                    references.append(try read(image))
                } catch let error as ImageReadError {
                    listener.problem(
                        "a picture of \(TerminalText.sanitized(concept.name)) is left out: "
                            + TerminalText.sanitized(error.description))
                }
            }
            guard !references.isEmpty else { continue }
            found.references += references.map { (found.kept.count, $0) }
            found.kept.append(concept)
        }
        return found
    }
}
