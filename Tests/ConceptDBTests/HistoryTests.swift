import ConceptDB
import Foundation
import Testing

@Suite struct HistoryTests {
    let library: TemporaryLibrary
    var store: ConceptStore { library.store }

    init() throws { library = try TemporaryLibrary() }

    private func caption(_ text: String, of concept: Concept, picture: Int = 9) throws -> NewCaption
    {
        NewCaption(
            image: .file(try library.picture(picture)), concepts: [CaptionConcept(concept)],
            question: "Describe it.", caption: text, model: "mini", modelPath: "/models/mini",
            adapter: "run-1",
            options: .object(["temperature": .number(0.5), "maximumTokens": .integer(64)]),
            seed: .max, finishReason: "endOfTurn", usage: .object(["promptTokens": .integer(12)]),
            timings: .object(["total": .number(1.5)]), named: [concept.name], unnamed: [],
            absent: ["Bo"])
    }

    @Test func recordHoldsEverythingNeededToRepeatIt() throws {
        let mochi = try store.add(
            NewConcept(name: "Mochi", info: "white"), images: [.file(try library.picture(1))])
        let new = try caption("Mochi sleeps.", of: mochi)
        let record = try store.addCaption(new)
        let found = try library.reopened().caption(id: record.id)
        #expect(found == record)
        #expect(found.seed == .max && found.adapter == "run-1" && found.options == new.options)
        #expect(found.image.originalPath == library.folder.path + "/picture-9.png")
        #expect((found.image.width, found.image.height) == (12, 8))
        let file = try #require(store.url(of: found.image))
        #expect(FileManager.default.fileExists(atPath: file.path))
        // Later changes to the concept do not rewrite the past.
        _ = try store.edit(mochi.id, ConceptEdit(name: "Biscuit", info: "grey"))
        #expect(try store.caption(id: record.id).concepts == [CaptionConcept(mochi)])
        let data = try JSONEncoder().encode(found)
        #expect(try JSONDecoder().decode(CaptionRecord.self, from: data) == found)
    }

    @Test func historyIsNewestFirstAndFiltered() throws {
        let mochi = try store.add(NewConcept(name: "Mochi"))
        let bo = try store.add(NewConcept(name: "Bö"))
        let ids = try [
            caption("Mochi sleeps in the café.", of: mochi), caption("Bö runs.", of: bo),
            caption("Mochi eats 100% fish.", of: mochi),
        ].map { try store.addCaption($0).id }
        func listed(_ query: CaptionQuery) throws -> [Int64] {
            try store.captions(query).captions.map(\.id)
        }
        #expect(try listed(CaptionQuery()) == ids.reversed())
        #expect(try listed(CaptionQuery(conceptID: mochi.id)) == [ids[2], ids[0]])
        #expect(try listed(CaptionQuery(text: "CAFE mochi")) == [ids[0]])
        #expect(try listed(CaptionQuery(text: "bo")) == [ids[1]])
        #expect(try listed(CaptionQuery(text: "100%")) == [ids[2]])
        #expect(try listed(CaptionQuery(text: "describe", offset: 1, limit: 1)) == [ids[1]])
        #expect(try store.captions(CaptionQuery(limit: 1)).total == 3)
    }

    @Test func removedCaptionComesBackAndPurgeFreesItsPicture() throws {
        let mochi = try store.add(NewConcept(name: "Mochi"))
        let record = try store.addCaption(try caption("Mochi.", of: mochi))
        #expect(try store.removeCaptions([record.id]) == [record])
        #expect(throws: ConceptStoreError.noSuchCaption(record.id)) {
            try store.caption(id: record.id)
        }
        #expect(try store.captions().total == 0)
        #expect(try store.restoreCaptions([record.id]) == [record])
        try store.removeCaptions([record.id])
        #expect(try store.purge(olderThanDays: 0).captions == 1)
        #expect(library.imageFiles().isEmpty)
        #expect(throws: ConceptStoreError.noSuchCaption(record.id)) {
            try store.restoreCaptions([record.id])
        }
    }

    @Test func purgedConceptLeavesItsCaptions() throws {
        let mochi = try store.add(
            NewConcept(name: "Mochi"), images: [.file(try library.picture(9))])
        // The query is the very picture of the concept: purging must spare its file.
        let record = try store.addCaption(try caption("Mochi.", of: mochi))
        try store.remove([mochi.id])
        _ = try store.purge([mochi.id])
        #expect(try store.caption(id: record.id) == record)
        #expect(library.imageFiles().count == 1)
    }
}
