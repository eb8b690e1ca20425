import ConceptDB
import Foundation
import Testing

@Suite struct TrashTests {
    let library: TemporaryLibrary
    var store: ConceptStore { library.store }

    init() throws { library = try TemporaryLibrary() }

    private func add(_ name: String, picture: Int) throws -> Concept {
        try store.add(NewConcept(name: name), images: [.file(try library.picture(picture))])
    }

    @Test func removedConceptIsOnlyInTheTrashAndComesBackWhole() throws {
        let mochi = try add("Mochi", picture: 1)
        try store.remove([mochi.id])
        #expect(try store.concepts().concepts.isEmpty)
        #expect(try store.concepts(ConceptQuery(text: "mochi")).total == 0)
        #expect(try store.concepts(ConceptQuery(inTrash: true)).concepts.map(\.name) == ["Mochi"])
        #expect(throws: ConceptStoreError.noSuchConcept(name: "Mochi", nearest: [])) {
            try store.concept(named: "Mochi")
        }
        #expect(try store.restore([mochi.id]) == [mochi])
        #expect(try store.concepts(ConceptQuery(text: "mochi")).concepts == [mochi])
    }

    @Test func removingSeveralIsAllOrNothing() throws {
        let mochi = try add("Mochi", picture: 1)
        #expect(throws: ConceptStoreError.noSuchConceptID(99)) {
            try store.remove([mochi.id, 99])
        }
        #expect(try store.concepts().concepts == [mochi])
    }

    @Test func trashHoldsOneNameManyTimesAndRestoringChecksIt() throws {
        let first = try add("Mochi", picture: 1)
        try store.remove([first.id])
        let second = try add("MOCHI", picture: 2)
        try store.remove([second.id])
        let third = try add("mochi", picture: 3)
        #expect(try store.counts().trashedConcepts == 2)
        #expect(
            throws: ConceptStoreError.restoreConflict(name: "Mochi", existing: "mochi")
        ) { try store.restore([first.id]) }
        let renamed = try store.restore(first.id, as: "Mochi the First")
        #expect(renamed.images == first.images)
        #expect(try store.concepts(ConceptQuery(text: "first")).concepts == [renamed])
        #expect(throws: ConceptStoreError.notInTrash(third.id)) { try store.restore([third.id]) }
    }

    @Test func purgeDeletesOnlyFilesNothingElseUses() throws {
        let shared = try library.picture(1)
        let gone = try store.add(
            NewConcept(name: "a"), images: [.file(shared), .file(try library.picture(2))])
        let kept = try store.add(NewConcept(name: "b"), images: [.file(shared)])
        _ = try store.thumbnail(of: gone.images[1].sha256)
        #expect(throws: ConceptStoreError.notInTrash(gone.id)) { try store.purge([gone.id]) }
        try store.remove([gone.id])
        let report = try store.purge([gone.id])
        #expect(report.concepts == 1 && report.files == 1)
        #expect(library.imageFiles() == [String(kept.images[0].path.dropFirst(7))])
        #expect(throws: ConceptStoreError.noSuchConceptID(gone.id)) {
            try store.concept(id: gone.id)
        }
        #expect(try store.verify().problems.isEmpty)
        // Numbers are never used again: undo stacks and histories refer to them.
        #expect(try store.add(NewConcept(name: "c")).id > kept.id)
    }

    @Test func purgeByAgeSparesWhatIsYoung() throws {
        let concept = try add("Mochi", picture: 1)
        let image = try store.addImages([.file(try library.picture(2))], to: concept.id).added[0]
        _ = try store.removeImage(image.id, of: concept.id)
        let removed = try add("Bo", picture: 3)
        try store.remove([removed.id])
        #expect(try store.purge(olderThanDays: 1) == PurgeReport())
        #expect(library.imageFiles().count == 3)
        let report = try store.purge(olderThanDays: 0)
        #expect((report.concepts, report.images, report.files) == (1, 1, 2))
        #expect(library.imageFiles().count == 1)
    }

    @Test func purgedPictureCannotBeRestored() throws {
        let concept = try add("Mochi", picture: 1)
        let removal = try store.removeImage(concept.images[0].id, of: concept.id)
        _ = try store.purge(olderThanDays: 0)
        #expect(throws: ConceptStoreError.noSuchImage(concept.images[0].id)) {
            try store.restoreImage(removal)
        }
    }
}
