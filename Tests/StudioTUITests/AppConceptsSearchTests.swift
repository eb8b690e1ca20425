import ConceptDB
import TerminalUI
import Testing

@testable import StudioTUI

@Suite struct AppConceptsSearchTests {
    private static let names = ["Alpha", "Beta", "Gamma", "Mochi", "Mocha", "Omega"]

    @Test func lettersFilterWhileTheyAreTyped() throws {
        var app = ConceptsFixture(names: Self.names)
        try app.press("/")
        app.type("m")
        #expect(app.listed.contains("Gamma"))
        app.type("ch")
        #expect(app.listed == ["Mochi", "Mocha"])
        #expect(app.current == "Mochi")
        #expect(app.screen.contains("Concepts (2 of 6)"))
        try app.press("backspace", "backspace", "backspace")
        #expect(app.listed == Self.names)
    }

    @Test func tagsAndCategoriesAreFoundBehindNames() throws {
        var app = ConceptsFixture([
            ConceptsFixture.concept(1, "Anna", category: "person"),
            ConceptsFixture.concept(2, "Bob", category: "dog", tags: ["pets"]),
            ConceptsFixture.concept(3, "Petra", category: "person"),
        ])
        try app.press("/")
        app.type("pet")
        #expect(app.listed == ["Petra", "Bob"])
        app.type(" dog")
        #expect(app.listed == ["Bob"], "words may fit in different places")
    }

    @Test func escapeRestoresThePlace() throws {
        var app = ConceptsFixture(names: (0..<300).map { "Concept \(1000 + $0)" })
        app.state.concepts.position.cursor = 150
        ConceptsReducer.settle(&app.state)
        let before = app.state.concepts.position
        try app.press("/")
        app.type("1007")
        #expect(app.current == "Concept 1007")
        try app.press("esc")
        #expect(app.state.concepts.position == before)
        #expect(app.current == "Concept 1150")
        #expect(!app.state.concepts.search.isTyping)
    }

    @Test func enterKeepsTheResultAndLaterEscapeStaysOnIt() throws {
        var app = ConceptsFixture(names: Self.names)
        try app.press("/")
        app.type("mo")
        try app.press("enter", "j")
        #expect(app.current == "Mocha")
        #expect(!app.state.concepts.search.isTyping)
        try app.press("esc")
        #expect(app.listed.count == 6)
        #expect(app.current == "Mocha")
    }

    @Test func matchesAreVisitedAroundTheEnd() throws {
        var app = ConceptsFixture(names: Self.names)
        try app.press("n")
        #expect(app.state.toasts.shown.last?.text == "Next match: search for something first")
        try app.press("/")
        app.type("moc")
        try app.press("enter", "esc", "g g", "n")
        #expect(app.current == "Mochi")
        try app.press("n", "n")
        #expect(app.current == "Mochi")
        try app.press("N")
        #expect(app.current == "Mocha")
    }

    @Test func arrowsMoveWhileTyping() throws {
        var app = ConceptsFixture(names: Self.names)
        try app.press("/")
        app.type("mo")
        try app.press("down")
        #expect(app.current == "Mocha")
        #expect(app.state.concepts.search.isTyping)
    }

    @Test func pasteGoesIntoTheSearch() throws {
        var app = ConceptsFixture(names: Self.names)
        try app.press("/")
        app.dispatch(.input(.paste("gam\nma")))
        #expect(app.state.concepts.search.query == "gam ma")
        #expect(app.listed == ["Gamma"])
    }

    @Test func nothingFoundSaysHowToGoOn() throws {
        var app = ConceptsFixture(names: Self.names)
        try app.press("/")
        app.type("zzz")
        #expect(app.screen.contains("Nothing fits \"zzz\""))
        #expect(app.screen.contains("Esc ends the search"))
    }

    @Test func theSearchStaysTrueWhenTheLibraryChanges() throws {
        var app = ConceptsFixture(names: Self.names)
        try app.press("/")
        app.type("moc")
        try app.press("enter")
        app.load([ConceptsFixture.concept(50, "Moccasin"), ConceptsFixture.concept(4, "Mochi")])
        #expect(Set(app.listed) == ["Moccasin", "Mochi"])
        #expect(app.current == "Mochi")
    }

    @Test func tenThousandAreSearched() throws {
        var names = (0..<10_000).map { "Concept number \(10_000 + $0)" }
        names[7_123] = "mochi"
        var app = ConceptsFixture(names: names)
        try app.press("/")
        app.type("mch")
        #expect(app.current == "mochi")
        try app.press("esc")
        #expect(app.listed.count == 10_000)
    }

    @Test func matchedLettersStandOut() throws {
        var app = ConceptsFixture(names: Self.names)
        app.state.theme = .dark
        try app.press("/")
        app.type("mch")
        try app.press("enter", "j")
        let scene = app.scene
        let row = try #require(app.rows.firstIndex { $0.contains("Mochi") })
        let line = (0..<scene.frame.size.columns).map { scene.frame[$0, row] }
        let marked = line.filter { $0.style.attributes.contains(.underline) }.map(\.text).joined()
        #expect(marked == "Mch")
    }
}
