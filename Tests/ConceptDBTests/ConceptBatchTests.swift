import ConceptDB
import Foundation
import Testing

@Suite struct ConceptBatchTests {
    let library: TemporaryLibrary
    var store: ConceptStore { library.store }

    init() throws { library = try TemporaryLibrary() }

    @Test func manyEditsAreOneChange() throws {
        let ids = try ["Ant", "Bee", "Cat"].map { try store.add(NewConcept(name: $0)).id }
        let changes = try store.edit(ids.map { ($0, ConceptEdit(addingTags: ["pet"])) })
        #expect(changes.map(\.before.tags) == [[], [], []])
        #expect(changes.map(\.after.tags) == [["pet"], ["pet"], ["pet"]])
        #expect(try store.tags().map(\.count) == [3])
    }

    @Test func oneBadEditMeansNothingIsChanged() throws {
        let ids = try ["Ant", "Bee"].map { try store.add(NewConcept(name: $0)).id }
        #expect(throws: ConceptStoreError.duplicateName(name: "ant", existing: "Ant")) {
            try store.edit([
                (ids[0], ConceptEdit(info: "changed")), (ids[1], ConceptEdit(name: "ant")),
            ])
        }
        #expect(try store.concept(id: ids[0]).info == "")
        #expect(try store.names() == ["Ant", "Bee"])
    }

    /// Names may be exchanged when the order of the edits allows it.
    @Test func editsSeeThoseBeforeThem() throws {
        let ids = try ["Ant", "Bee"].map { try store.add(NewConcept(name: $0)).id }
        _ = try store.edit([
            (ids[0], ConceptEdit(name: "free")), (ids[1], ConceptEdit(name: "Ant")),
            (ids[0], ConceptEdit(name: "Bee")),
        ])
        #expect(try store.concept(id: ids[0]).name == "Bee")
        #expect(try store.concept(id: ids[1]).name == "Ant")
    }

    @Test func theHashIsThatOfTheStoredPicture() throws {
        let photo = try Pictures.jpegWithMetadata(1)
        let sources = [
            ImageSource.file(try library.picture(1)), .data(photo, name: "photo.jpg"),
        ]
        for (number, source) in sources.enumerated() {
            let hash = try store.sha256(of: source)
            let concept = try store.add(NewConcept(name: "C\(number)"), images: [source])
            #expect(concept.images.map(\.sha256) == [hash])
        }
        #expect(throws: ConceptStoreError.self) {
            try store.sha256(of: .data(Data("text".utf8), name: "no picture"))
        }
    }
}
