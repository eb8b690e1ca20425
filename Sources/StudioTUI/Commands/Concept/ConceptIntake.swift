import ConceptDB
import Foundation
import ImageCodecs
import PersonalCaption

/// Adds concepts from files of others one by one, and keeps what could not be added.
struct ConceptIntake {
    /// A concept as the file has it.
    struct Item {
        let name, category, info: String
        let pictures: [URL]
    }

    private(set) var document = ConceptImport.Document()
    private let store: ConceptStore
    private let renames: Bool

    /// - Parameter renames: whether a name that is taken gets a number instead of being refused.
    init(store: ConceptStore, renames: Bool) {
        self.store = store
        self.renames = renames
    }

    /// Notes something that could not be used.
    mutating func note(_ item: String, _ reason: String) {
        document.problems.append(.init(item: item, reason: reason))
    }

    /// Adds one concept; what is wrong with it is noted.
    ///
    /// - Throws: only what keeps all others from being added, too.
    mutating func add(_ item: Item) throws {
        do {
            let new = NewConcept(
                name: try freeName(item.name.onOneLine), category: item.category.onOneLine,
                info: item.info.onOneLine)
            let concept = try addWithPictures(new, item.pictures)
            if concept.name != item.name {
                document.renamed.append(.init(from: item.name, to: concept.name))
            }
            document.concepts.append(concept)
        } catch let error as ConceptStoreError {
            if case .diskFull = error { throw error }
            note(item.name, error.description)
        }
    }

    /// The name, or with a number after it (`Mochi 2`) when it is taken and that is wanted.
    private func freeName(_ name: String) throws -> String {
        guard renames else { return name }
        let taken = Set(try store.names().map { $0.lowercased() })
        var free = name
        var number = 2
        while taken.contains(free.lowercased()) {
            free = "\(name) \(number)"
            number += 1
        }
        return free
    }

    /// All at once; when a picture is bad, one by one, so that only that one is left out.
    private mutating func addWithPictures(
        _ new: NewConcept, _ pictures: [URL]
    ) throws -> Concept {
        if let concept = try unlessBadPicture({
            try store.add(new, images: pictures.map { .file($0) })
        }).value {
            return concept
        }
        var concept: Concept?
        for picture in pictures {
            let known = concept
            let (added, reason) = try unlessBadPicture {
                guard let known else { return try store.add(new, images: [.file(picture)]) }
                return try store.addImages([.file(picture)], to: known.id).concept
            }
            concept = added ?? concept
            if let reason { note(new.name, reason) }
        }
        return try concept ?? store.add(new)
    }

    /// What the work yields, or why its picture is no good; anything else is thrown.
    private func unlessBadPicture(
        _ work: () throws -> Concept
    ) throws -> (value: Concept?, reason: String?) {
        do {
            return (try work(), nil)
        } catch {
            guard let failure = error as? ConceptStoreError, case .image(let reason) = failure
            else {
                throw error
            }
            return (nil, reason.description)
        }
    }
}
