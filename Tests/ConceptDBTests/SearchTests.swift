import ConceptDB
import Foundation
import Testing

@Suite struct SearchTests {
    let library: TemporaryLibrary
    var store: ConceptStore { library.store }

    init() throws {
        library = try TemporaryLibrary()
        for concept in [
            NewConcept(name: "Mochi", category: "cat", info: "white with a café au lait tail"),
            NewConcept(name: "Mug 10", category: "mug", info: "red", tags: ["kitchen"]),
            NewConcept(name: "mug 2", category: "Mug", info: "blue, a gift of Zoë", tags: ["gift"]),
            NewConcept(name: "Élodie", category: "human", info: "my sister", tags: ["family"]),
            NewConcept(name: "红色杯子", category: "杯子", info: "爷爷送的"),
            NewConcept(name: "C++ \"book\"", info: "50% off_price"),
        ] {
            _ = try library.store.add(concept)
        }
    }

    private func names(_ query: ConceptQuery) throws -> [String] {
        try store.concepts(query).concepts.map(\.name)
    }

    @Test(arguments: [
        ("mochi", ["Mochi"]), ("MOC", ["Mochi"]), ("cafe", ["Mochi"]), ("zoe", ["mug 2"]),
        ("elodie", ["Élodie"]), ("ÉLO", ["Élodie"]), ("mug red", ["Mug 10"]),
        ("kitchen", ["Mug 10"]), ("杯", ["红色杯子"]), ("色杯", ["红色杯子"]), ("爷", ["红色杯子"]),
        ("ochi", ["Mochi"]), ("c++", ["C++ \"book\""]), ("\"book\"", ["C++ \"book\""]),
        ("50%", ["C++ \"book\""]), ("off_price", ["C++ \"book\""]), ("nothing like it", []),
    ])
    func wordsAreFound(text: String, expected: [String]) throws {
        #expect(try names(ConceptQuery(text: text)) == expected)
    }

    @Test(arguments: [
        "\"", "''", "*", "a*b", "NEAR(", "AND OR NOT", "name:mochi", "-mochi", "^", "(", "\u{0}",
        "%", "_", "\\", "mochi\" OR \"1", "'; DROP TABLE concept; --", "{a b} : c", "+",
        String(repeating: "word ", count: 10_000), "\u{1F600}", "\u{301}",
    ])
    func noTextBreaksTheSearch(text: String) throws {
        #expect(try store.concepts(ConceptQuery(text: text)).total <= 6)
        #expect(try store.counts().concepts == 6)
    }

    @Test func emptyTextListsAllInNaturalOrder() throws {
        let expected = ["C++ \"book\"", "Élodie", "Mochi", "mug 2", "Mug 10", "红色杯子"]
        #expect(try names(ConceptQuery()) == expected)
        #expect(try names(ConceptQuery(text: " \n ")) == expected)
        #expect(try names(ConceptQuery(descending: true)) == expected.reversed())
    }

    @Test func filtersPagesAndOrdersCombine() throws {
        #expect(try names(ConceptQuery(category: "MUG")) == ["mug 2", "Mug 10"])
        #expect(try names(ConceptQuery(tags: ["#Gift"], category: "mug")) == ["mug 2"])
        #expect(try names(ConceptQuery(text: "mug", tags: ["kitchen"])) == ["Mug 10"])
        #expect(try names(ConceptQuery(tags: ["\u{1B}"])).isEmpty)
        let page = try store.concepts(ConceptQuery(order: .created, offset: 1, limit: 2))
        #expect(page.concepts.map(\.name) == ["Mug 10", "mug 2"] && page.total == 6)
        let mochi = try store.concept(named: "mochi")
        _ = try store.edit(mochi.id, ConceptEdit(info: "now grey"))
        #expect(try names(ConceptQuery(order: .updated, descending: true, limit: 1)) == ["Mochi"])
    }

    @Test func nameMatchesComeBeforeInfoMatches() throws {
        _ = try store.add(NewConcept(name: "Aardvark", info: "sleeps beside mochi, mochi, mochi"))
        _ = try store.add(NewConcept(name: "Big Mochi"))
        _ = try store.add(NewConcept(name: "Mochi junior"))
        #expect(
            try names(ConceptQuery(text: "mochi"))
                == ["Mochi", "Mochi junior", "Big Mochi", "Aardvark"])
    }

    @Test func searchFollowsEveryChange() throws {
        let mochi = try store.concept(named: "mochi")
        _ = try store.edit(
            mochi.id, ConceptEdit(name: "Biscuit", info: "sleepy", tags: ["tabby"]))
        #expect(try names(ConceptQuery(text: "mochi")).isEmpty)
        for word in ["biscuit", "sleepy", "tabby"] {
            #expect(try names(ConceptQuery(text: word)) == ["Biscuit"])
        }
    }
}
