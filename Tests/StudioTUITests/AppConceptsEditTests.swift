import ConceptDB
import Foundation
import TerminalUI
import Testing

@testable import StudioTUI

@Suite struct AppConceptsEditTests {
    private static let concepts = [
        ConceptsFixture.concept(1, "Ant", category: "insect", info: "small", tags: ["red"]),
        ConceptsFixture.concept(2, "Bee", category: "insect", tags: ["red", "gold"]),
        ConceptsFixture.concept(3, "Cat"),
    ]

    @Test func theFormChangesOnlyWhatWasTyped() throws {
        var app = ConceptsFixture(Self.concepts)
        try app.press("e", "down")
        app.type("s")
        try app.press("enter")
        #expect(
            app.edits == [.edit([ConceptPatch(id: 1, edit: ConceptEdit(category: "insects"))])])
        #expect(app.state.overlays.isEmpty)
        try app.press("e", "enter")
        #expect(app.edits.isEmpty)
        #expect(app.state.toasts.shown.last?.text == "nothing was changed")
    }

    @Test func aTakenNameIsRefusedBeforeTheFormCloses() throws {
        var app = ConceptsFixture(Self.concepts)
        try app.press("r", "ctrl-u")
        app.type("bEE")
        try app.press("enter")
        #expect(app.screen.contains("another concept is called bEE already"))
        try app.press("ctrl-u", "enter")
        #expect(app.screen.contains("a concept needs a name"))
        app.type("Anton")
        try app.press("enter")
        #expect(app.edits == [.rename(id: 1, name: "Anton")])
    }

    @Test func severalAreEditedTogether() throws {
        var app = ConceptsFixture(Self.concepts)
        try app.press("space", "space", "e")
        #expect(app.screen.contains("Edit 2 concepts"))
        #expect(app.screen.contains("All have: red"))
        try app.press("down")
        app.type("New, Six Legs")
        try app.press("down")
        app.type("red")
        try app.press("enter")
        let edit = ConceptEdit(addingTags: ["new", "six legs"], removingTags: ["red"])
        #expect(
            app.edits == [
                .edit([ConceptPatch(id: 1, edit: edit), ConceptPatch(id: 2, edit: edit)])
            ])
    }

    @Test func aMinusRemovesTheCategory() throws {
        var app = ConceptsFixture(Self.concepts)
        try app.press("ctrl-a", "e")
        app.type("-")
        try app.press("enter")
        guard case .edit(let patches)? = app.edits.first else {
            Issue.record("no edit")
            return
        }
        #expect(patches.map(\.edit.category) == ["", "", ""])
    }

    // MARK: - Tags

    @Test func tagsAreOfferedAndTaken() throws {
        var app = ConceptsFixture(Self.concepts)
        try app.press("t")
        #expect(app.screen.contains("[x] red"))
        #expect(app.screen.contains("[ ] gold"))
        app.type("go")
        try app.press("tab")
        app.type("-red")
        #expect(app.screen.contains("[-] red"))
        try app.press("enter")
        let edit = ConceptEdit(addingTags: ["gold"], removingTags: ["red"])
        #expect(app.edits == [.edit([ConceptPatch(id: 1, edit: edit)])])
    }

    @Test func takingATagThatAllHaveRemovesIt() throws {
        var app = ConceptsFixture(Self.concepts)
        try app.press("space", "space", "t")
        #expect(app.screen.contains("[~] gold"))
        try app.press("down", "enter")
        let edit = ConceptEdit(removingTags: ["red"])
        #expect(
            app.edits == [
                .edit([ConceptPatch(id: 1, edit: edit), ConceptPatch(id: 2, edit: edit)])
            ])
    }

    @Test func nothingChangesWithoutAChange() throws {
        var app = ConceptsFixture(Self.concepts)
        try app.press("t")
        app.type("red")
        try app.press("enter")
        #expect(app.edits.isEmpty)
        #expect(app.state.toasts.shown.last?.text == "nothing was changed")
    }

    // MARK: - In the editor

    private static func request(_ effects: [Effect]) -> EditorRequest? {
        effects.lazy.compactMap { effect -> EditorRequest? in
            if case .editor(let request) = effect { return request }
            return nil
        }.first
    }

    @Test func theEditorGetsATextAndItsResultBecomesAnEdit() throws {
        var app = ConceptsFixture(Self.concepts)
        try app.press("E")
        let request = try #require(Self.request(app.effects))
        let changed = request.text.replacingOccurrences(of: "small", with: "tiny")
        app.dispatch(request.then(changed))
        #expect(app.edits == [.edit([ConceptPatch(id: 1, edit: ConceptEdit(info: "tiny"))])])
        app.dispatch(request.then(request.text))
        #expect(app.edits.isEmpty)
    }

    @Test func aSlipInTheEditorLosesNothing() throws {
        var app = ConceptsFixture(Self.concepts)
        try app.press("E")
        let request = try #require(Self.request(app.effects))
        let broken = request.text.replacingOccurrences(of: "name: ", with: "nmae: ")
            .replacingOccurrences(of: "Ant", with: "Anton")
        app.dispatch(request.then(broken))
        #expect(app.screen.contains("The text cannot be used"))
        #expect(app.edits.isEmpty)
        try app.press("y")
        let again = try #require(Self.request(app.effects))
        #expect(again.text.contains("Anton"))
        #expect(again.text.hasPrefix("# PROBLEM: "))
        app.dispatch(again.then(again.text.replacingOccurrences(of: "nmae: ", with: "name: ")))
        #expect(app.edits == [.edit([ConceptPatch(id: 1, edit: ConceptEdit(name: "Anton"))])])
    }

    // MARK: - The trash

    @Test func theCursorGoesToANeighbourThatStays() throws {
        var app = ConceptsFixture(Self.concepts)
        try app.press("space", "space", "k", "d")
        #expect(app.edits == [.trash([1, 2])])
        #expect(app.picked.isEmpty)
        app.load([Self.concepts[2]], trash: [Self.concepts[0], Self.concepts[1]])
        #expect(app.current == "Cat")
    }

    @Test func restoringAsksForANameWhereItIsTaken() throws {
        var app = ConceptsFixture(
            [Self.concepts[0], ConceptsFixture.concept(9, "ant 2")],
            trash: [
                ConceptsFixture.concept(4, "ANT"), ConceptsFixture.concept(5, "Dog"),
                ConceptsFixture.concept(6, "dog"),
            ])
        try app.press("g d", "ctrl-a", "R")
        #expect(app.edits == [.restore([5])], "those without a conflict come back at once")
        #expect(app.screen.contains("Restore ANT"))
        #expect(app.screen.contains("ANT 3"))
        try app.press("enter")
        #expect(app.edits == [.restoreAs(id: 4, name: "ANT 3"), .restore([6])])
    }

    @Test func deletingForGoodAsksAndNoIsTheDefault() throws {
        var app = ConceptsFixture([], trash: [ConceptsFixture.concept(4, "Dog", pictures: 3)])
        try app.press("g d", "D")
        #expect(app.screen.contains("Dog and 3 pictures will be gone."))
        try app.press("enter")
        #expect(app.edits.isEmpty && app.state.overlays.isEmpty)
        try app.press("D", "y")
        #expect(app.edits == [.purge([4])])
    }

    @Test func theTrashRefusesWhatTheLivingCanDo() throws {
        var app = ConceptsFixture([], trash: [ConceptsFixture.concept(4, "Dog")])
        try app.press("g d", "enter")
        #expect(
            app.state.toasts.shown.last?.text == "Open: it is in the trash; restore it first")
        try app.press("d")
        #expect(app.edits.isEmpty)
    }
}
