import ConceptDB
import TerminalUI
import Testing

@testable import StudioTUI

@Suite struct AppConceptsListTests {
    private static let animals = [
        ConceptsFixture.concept(1, "Ant", category: "insect", tags: ["small"], daysAgo: 1),
        ConceptsFixture.concept(2, "Bear", category: "animal", tags: ["big", "zoo"], daysAgo: 9),
        ConceptsFixture.concept(3, "Cat", category: "Animal", tags: ["small"], daysAgo: 2),
        ConceptsFixture.concept(4, "Duck", daysAgo: 0),
    ]

    @Test func theCursorMovesAndStaysInside() throws {
        var app = ConceptsFixture(Self.animals)
        #expect(app.current == "Ant")
        try app.press("j", "j")
        #expect(app.current == "Cat")
        try app.press("G", "j")
        #expect(app.current == "Duck")
        try app.press("g g", "k")
        #expect(app.current == "Ant")
        try app.press("down", "pgdn")
        #expect(app.current == "Duck")
    }

    @Test func theCursorStaysOnItsConceptWhenTheLibraryChanges() throws {
        var app = ConceptsFixture(Self.animals)
        try app.press("j", "j")
        app.load([ConceptsFixture.concept(9, "Aardvark")] + Self.animals)
        #expect(app.current == "Cat")
        app.load(Self.animals.filter { $0.name != "Cat" })
        #expect(app.current == "Duck", "the next one takes the place of one that is gone")
    }

    @Test func whatWasAddedGetsTheCursor() {
        var app = ConceptsFixture(Self.animals)
        let outcome = LibraryOutcome(summary: "added Eel", inverse: .trash([5]), focus: 5)
        app.dispatch(.library(.edited(outcome, .user)))
        app.load(Self.animals + [ConceptsFixture.concept(5, "Eel")])
        #expect(app.current == "Eel")
    }

    @Test func shelvesFilter() throws {
        var app = ConceptsFixture(
            Self.animals, trash: [ConceptsFixture.concept(8, "Gone")])
        app.dispatch(.concepts(.show(.tag("small"))))
        #expect(app.listed == ["Ant", "Cat"])
        app.dispatch(.concepts(.show(.category("animal"))))
        #expect(app.listed == ["Bear", "Cat"], "categories differ in case only by accident")
        app.dispatch(.concepts(.show(.untagged)))
        #expect(app.listed == ["Duck"])
        try app.press("g d")
        #expect(app.listed == ["Gone"])
        try app.press("esc")
        #expect(app.listed.count == 4)
    }

    @Test func thePaneOfShelvesFiltersWhileMoving() throws {
        var app = ConceptsFixture(Self.animals)
        try app.press("tab", "j")
        #expect(app.state.concepts.shelf == .untagged)
        try app.press("j", "j")
        #expect(app.state.concepts.shelf == .tag("big"))
        #expect(app.listed == ["Bear"])
        try app.press("l")
        #expect(app.state.concepts.focus == .list)
    }

    @Test func aTagThatIsGoneIsLeft() {
        var app = ConceptsFixture(Self.animals)
        app.dispatch(.concepts(.show(.tag("zoo"))))
        app.load(Self.animals.filter { $0.name != "Bear" })
        #expect(app.state.concepts.shelf == .all)
        #expect(app.listed == ["Ant", "Cat", "Duck"])
    }

    @Test func sortingTurnsRoundTheSecondTime() throws {
        var app = ConceptsFixture(Self.animals)
        try app.press("j", "S u")
        #expect(app.listed == ["Duck", "Ant", "Cat", "Bear"])
        #expect(app.current == "Bear", "the cursor stays on its concept")
        try app.press("S u")
        #expect(app.listed == ["Bear", "Cat", "Ant", "Duck"])
        try app.press("S n")
        #expect(app.listed == ["Ant", "Bear", "Cat", "Duck"])
    }

    // MARK: - Picking

    @Test func spacePicksAndMovesOn() throws {
        var app = ConceptsFixture(Self.animals)
        try app.press("space", "space", "k", "space")
        #expect(app.picked == [1])
        #expect(app.current == "Cat")
    }

    @Test func aRangeFollowsTheCursorBothWays() throws {
        var app = ConceptsFixture(Self.animals)
        try app.press("j", "v", "j", "j")
        #expect(app.picked == [2, 3, 4])
        try app.press("g g")
        #expect(app.picked == [1, 2])
        try app.press("v", "G")
        #expect(app.picked == [1, 2], "the range has ended")
    }

    @Test func allAndInverted() throws {
        var app = ConceptsFixture(Self.animals)
        try app.press("ctrl-a")
        #expect(app.picked == [1, 2, 3, 4])
        try app.press("space", "i")
        #expect(app.picked == [1])
    }

    @Test func escapeTakesOneStepAfterTheOther() throws {
        var app = ConceptsFixture(Self.animals)
        app.dispatch(.concepts(.show(.tag("small"))))
        try app.press("space", "/")
        app.type("a")
        try app.press("enter", "v")
        try app.press("esc")
        #expect(!app.state.concepts.marks.isRange)
        #expect(app.picked == [1])
        try app.press("esc")
        #expect(app.picked.isEmpty)
        try app.press("esc")
        #expect(!app.state.concepts.search.isActive)
        #expect(app.state.concepts.shelf == .tag("small"))
        try app.press("esc")
        #expect(app.state.concepts.shelf == .all)
    }

    @Test func picksSurviveFiltersButNotTheTrash() throws {
        var app = ConceptsFixture(Self.animals, trash: [ConceptsFixture.concept(8, "Gone")])
        try app.press("space")
        app.dispatch(.concepts(.show(.untagged)))
        #expect(app.picked == [1])
        #expect(app.screen.contains("1 selected, 1 hidden"))
        try app.press("g d")
        #expect(app.picked.isEmpty)
    }

    @Test func whatIsGoneIsNotPickedAnyMore() throws {
        var app = ConceptsFixture(Self.animals)
        try app.press("ctrl-a")
        app.load(Array(Self.animals.prefix(2)))
        #expect(app.picked == [1, 2])
    }

    // MARK: - Mouse

    @Test func aClickGoesThereAndTheSecondOneOpens() {
        var app = ConceptsFixture(Self.animals)
        app.dispatch(.concepts(.click(row: 2)))
        #expect(app.current == "Cat")
        #expect(app.state.concepts.detail == nil)
        app.dispatch(.concepts(.click(row: 2)))
        #expect(app.state.concepts.detail?.id == 3)
    }

    @Test func theWheelMovesTheRowsAndTheCursorOnlyAtTheEdge() {
        var app = ConceptsFixture(names: (1...200).map { "Concept \(1000 + $0)" })
        let page = ConceptsLayout(app.state).listRows.rows
        app.dispatch(.concepts(.scroll(3)))
        #expect(app.state.concepts.position.top == 3)
        #expect(app.state.concepts.position.cursor == 3 + ListPosition.margin)
        app.dispatch(.concepts(.scroll(1000)))
        #expect(app.state.concepts.position.top == 200 - page)
        app.dispatch(.concepts(.scroll(-1000)))
        #expect(app.state.concepts.position.top == 0)
    }

    // MARK: - Grid

    @Test func theGridIsMovedThroughInTwoDimensions() throws {
        var app = ConceptsFixture(names: (1...23).map { "C\(100 + $0)" })
        try app.press("g t")
        let columns = ConceptsLayout(app.state).grid.columns
        #expect(columns == 5)
        try app.press("l", "l", "j")
        #expect(app.state.concepts.position.cursor == columns + 2)
        try app.press("h", "k")
        #expect(app.state.concepts.position.cursor == 1)
        try app.press("k")
        #expect(app.state.concepts.position.cursor == 1, "nothing lies above")
        try app.press("G")
        #expect(app.state.concepts.position.cursor == 22)
        try app.press("k", "l", "j")
        #expect(app.state.concepts.position.cursor == 22, "a shorter last row ends where it ends")
    }

    // MARK: - Asking

    @Test func conceptsGoIntoTheQueryUntilItIsFull() throws {
        var app = ConceptsFixture(names: ["A", "B", "C", "D", "E"])
        try app.press("c", "v", "j", "j", "j", "c")
        #expect(app.state.ask.slots.map(\.name) == ["A", "B", "C", "D"])
        try app.press("esc", "G", "c")
        #expect(
            app.state.toasts.shown.last?.text
                == "Ask about it: all 4 slots are full; take one out on Ask")
    }

    // MARK: - Reasons

    @Test func refusalsSayWhy() throws {
        var app = ConceptsFixture([])
        try app.press("e")
        #expect(app.state.toasts.shown.last?.text == "Edit: there is no concept here")
        app = ConceptsFixture(names: ["A", "B", "C", "D", "E"])
        try app.press("ctrl-a", "r")
        #expect(app.state.toasts.shown.last?.text == "Rename: one concept at a time")
        try app.press("c")
        #expect(
            app.state.toasts.shown.last?.text
                == "Ask about it: a query has 4 slots, and 5 are selected")
        try app.press("D")
        #expect(app.state.toasts.shown.last?.text == "Delete forever: only in the trash")
    }
}
