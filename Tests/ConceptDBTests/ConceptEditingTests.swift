import ConceptDB
import Foundation
import Testing

@Suite struct ConceptEditingTests {
    let library: TemporaryLibrary
    var store: ConceptStore { library.store }

    init() throws { library = try TemporaryLibrary() }

    @Test func addedConceptHasItsWordsInNormalForm() throws {
        let decomposed = "  Cafe\u{301} \n"
        let concept = try store.add(
            NewConcept(
                name: decomposed, category: " mug ", info: "a red mug",
                tags: ["#Kitchen", "red", "kitchen", " deep  red "]))
        #expect(Array(concept.name.unicodeScalars) == Array("Café".unicodeScalars))
        #expect(concept.category == "mug")
        #expect(concept.tags == ["deep red", "kitchen", "red"])
        #expect(concept.images.isEmpty && concept.cover == nil)
        #expect(try store.concept(named: "Café") == concept)
        #expect(try library.reopened().concept(id: concept.id) == concept)
    }

    @Test(arguments: [
        ("Mochi", "MOCHI"), ("Straße", "STRASSE"), ("ὈΔΥΣΣΕΎΣ", "ὀδυσσεύς"), ("Žofka", "žOFKA"),
        ("ẞ", "ss"), ("Cafe\u{301}", "CAFÉ"),
    ])
    func namesDifferingOnlyInCaseAreTheSame(first: String, second: String) throws {
        let concept = try store.add(NewConcept(name: first))
        #expect(throws: ConceptStoreError.duplicateName(name: second, existing: concept.name)) {
            try store.add(NewConcept(name: second))
        }
        #expect(try store.concept(named: second).id == concept.id)
        // Only the case may differ: it is still one concept, and may change its own case.
        #expect(try store.rename(concept.id, to: second).after.name == second)
    }

    @Test(arguments: [
        "犬", "Mochi 🐕‍🦺", "a", String(repeating: "é", count: 200), "O'Brien \"Bo\" <x>",
    ])
    func anyUnicodeNameIsTaken(name: String) throws {
        #expect(try store.add(NewConcept(name: name)).name == name)
    }

    @Test(arguments: ["", "   ", "\n"])
    func emptyNameIsRefused(name: String) {
        #expect(throws: ConceptStoreError.emptyText(field: "name")) {
            try store.add(NewConcept(name: name))
        }
    }

    @Test func longTextsAreRefusedWithTheirLength() {
        #expect(
            throws: ConceptStoreError.textTooLong(field: "name", found: 300, allowed: 200)
        ) {
            try store.add(NewConcept(name: String(repeating: "n", count: 300)))
        }
        #expect(
            throws: ConceptStoreError.textTooLong(field: "info", found: 2001, allowed: 2000)
        ) {
            try store.add(NewConcept(name: "n", info: String(repeating: "i", count: 2001)))
        }
        // One letter with a thousand accents is one character and still no name.
        #expect(throws: ConceptStoreError.self) {
            try store.add(NewConcept(name: "a" + String(repeating: "\u{301}", count: 10_000)))
        }
    }

    @Test(arguments: ["a\u{1B}[31mb", "a\nb", "a\u{0}b", "a\u{85}b", "a\u{202E}b", "a\u{2028}b"])
    func controlCharactersAreRefusedAndNotEchoed(text: String) throws {
        for concept in [NewConcept(name: text), NewConcept(name: "n", info: text)] {
            let error = #expect(throws: ConceptStoreError.self) { try store.add(concept) }
            let message = try #require(error).description
            #expect(message.contains("control characters"))
            #expect(!message.unicodeScalars.contains { $0.value < 32 || $0.value == 0x202E })
        }
        #expect(try store.counts().concepts == 0)
    }

    @Test func editChangesOnlyWhatItNamesAndCanBeUndone() throws {
        let first = try store.add(NewConcept(name: "Mochi", category: "cat", tags: ["a", "b"]))
        let change = try store.edit(
            first.id, ConceptEdit(info: "white", addingTags: ["C"], removingTags: ["a"]))
        #expect(change.before == first)
        #expect(change.after.info == "white" && change.after.category == "cat")
        #expect(change.after.tags == ["b", "c"])
        #expect(change.after.updatedAt >= first.updatedAt)
        let undone = try store.edit(first.id, ConceptEdit(restoring: change.before)).after
        #expect(undone.info.isEmpty && undone.tags == ["a", "b"] && undone.name == "Mochi")
    }

    @Test func renamingToATakenNameChangesNothing() throws {
        let mochi = try store.add(NewConcept(name: "Mochi"))
        _ = try store.add(NewConcept(name: "Bo"))
        #expect(throws: ConceptStoreError.duplicateName(name: "bo", existing: "Bo")) {
            try store.rename(mochi.id, to: "bo")
        }
        #expect(try store.concept(id: mochi.id) == mochi)
    }

    @Test func unknownNameComesWithNearestNames() throws {
        for name in ["Mochi", "Mocha", "Bo", "Captain America"] {
            _ = try store.add(NewConcept(name: name))
        }
        #expect(throws: ConceptStoreError.noSuchConcept(name: "mohci", nearest: ["Mochi"])) {
            try store.concept(named: "mohci")
        }
        let error = ConceptStoreError.noSuchConcept(name: "x", nearest: ["a", "b", "c"])
        #expect(error.description.contains("did you mean \"a\", \"b\" or \"c\"?"))
        #expect(
            throws: ConceptStoreError.noSuchConcept(name: "captain", nearest: ["Captain America"])
        ) { try store.concept(named: "captain") }
    }

    @Test func unknownNumbersAreRefused() throws {
        #expect(throws: ConceptStoreError.noSuchConceptID(7)) { try store.concept(id: 7) }
        #expect(throws: ConceptStoreError.noSuchConceptID(7)) {
            try store.edit(7, ConceptEdit(info: "x"))
        }
        #expect(throws: ConceptStoreError.noSuchConceptID(7)) { try store.remove([7]) }
    }

    @Test func tagsAndCategoriesAreCounted() throws {
        let first = try store.add(NewConcept(name: "a", category: "Dog", tags: ["x", "y"]))
        _ = try store.add(NewConcept(name: "b", category: "dog", tags: ["y"]))
        _ = try store.add(NewConcept(name: "c"))
        #expect(try store.tags().map { "\($0.name) \($0.count)" } == ["x 1", "y 2"])
        #expect(try store.categories().map { "\($0.name) \($0.count)" } == ["Dog 2"])
        try store.remove([first.id])
        #expect(try store.tags().map { "\($0.name) \($0.count)" } == ["y 1"])
        #expect(try store.counts().trashedConcepts == 1)
    }

    @Test func jsonHasTheKeysOfTheContract() throws {
        let concept = try store.add(
            NewConcept(name: "Mochi"), images: [.file(try library.picture(1))])
        let data = try JSONEncoder().encode(concept)
        let object = try #require(
            try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(
            Set(object.keys) == [
                "id", "name", "category", "info", "tags", "images", "cover", "createdAt",
                "updatedAt",
            ])
        let image = try #require((object["images"] as? [[String: Any]])?.first)
        #expect(Set(image.keys) == ["id", "path", "width", "height", "sha256"])
        let created = try #require(object["createdAt"] as? String)
        #expect(created.hasSuffix("Z") && created.contains("T"))
        #expect(try JSONDecoder().decode(Concept.self, from: data) == concept)
        let bare = try JSONEncoder().encode(try store.add(NewConcept(name: "Bo")))
        #expect(String(decoding: bare, as: UTF8.self).contains("\"cover\":null"))
    }
}
