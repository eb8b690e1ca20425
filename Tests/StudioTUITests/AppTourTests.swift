import ConceptDB
import Foundation
import PersonalCaption
import TerminalUI
import Testing

@testable import StudioTUI

/// The tour with the real library, samples and model.
@Suite struct AppTourTests {
    let folder: TemporaryFolder
    let robot: AppRobot

    init() throws {
        folder = try TemporaryFolder()
        robot = AppRobot(home: folder.url, size: Size(columns: 80, rows: 24))
        try robot.wait(forText: "No concepts yet")
    }

    private var step: TourStep? { robot.core.state.tour?.step }

    private func start(_ robot: AppRobot) throws {
        try robot.press("T")
        try robot.wait(for: "the samples") { $0.core.state.tour?.samples != nil }
    }

    @Test func oneKeyLeadsThroughTheWholeTourAndLeavesNothingBehind() throws {
        #expect(robot.screen.contains("Press T"))
        try start(robot)
        try robot.press("n")
        try robot.wait(forText: "Tour 2 of 8")
        #expect(robot.core.state.library.concepts.count == 4)
        #expect(robot.core.state.undo.undoable.count == 1)
        try robot.press("n")
        #expect(step == .picture)
        try robot.press("n")
        try robot.wait(forText: "Tour 4 of 8")
        #expect(robot.core.state.screen == .ask)
        try robot.press("n")
        try robot.wait(forText: "Tour 5 of 8")
        #expect(robot.core.state.ask.slots.count == 4)
        try robot.press("n")
        try robot.wait(forText: "Tour 6 of 8")
        #expect(robot.core.state.ask.captions.count == 1)
        try robot.press("n", "n")
        #expect(robot.core.state.screen == .history)
        #expect(step == .leave)
        try robot.press("n")
        try robot.wait(for: "the samples to go") { $0.core.state.library.concepts.isEmpty }
        #expect(robot.core.state.tour == nil)
        #expect(robot.core.state.library.trash.count == 4)
        try robot.press("u")
        try robot.wait(for: "the samples to be back") {
            $0.core.state.library.concepts.count == 4
        }
    }

    @Test func doingItOneselfGoesOnAsWell() throws {
        try start(robot)
        try robot.press("n")
        try robot.wait(forText: "Tour 2 of 8")
        try robot.press("k")
        #expect(step == .picture)
        #expect(robot.screen.contains("that is how lists work"))
        try robot.press("2")
        #expect(step == .picture)
        try robot.press("O")
        try robot.wait(for: "the list of samples") { !$0.core.state.overlays.isEmpty }
        try robot.press("enter")
        try robot.wait(forText: "Tour 4 of 8")
    }

    @Test func conceptsThatWereThereBeforeStay() throws {
        let set = try SampleSet.read(folder: URL(fileURLWithPath: TestStudio.samples))
        let samples = try #require(TourSamples(set))
        #expect(samples.concepts.count == 4)
        let store = try ConceptStore(
            directory: robot.home.library, thumbnails: robot.home.thumbnails)
        let own = try store.add(
            NewConcept(name: samples.names[0].uppercased()),
            images: [.file(samples.concepts[0].file)])
        LibraryEffects.reload(robot.core.context)
        try robot.wait(for: "the concept") { $0.core.state.library.concepts.count == 1 }
        try start(robot)
        try robot.press("n")
        try robot.wait(forText: "Tour 2 of 8")
        #expect(robot.core.state.tour?.added.count == 3)
        // Each step may take one key to do what it asks for and another to go on.
        for _ in 0..<3 * TourStep.allCases.count where step != .leave {
            robot.core.dispatch(.tour(.next))
            try robot.wait(for: "the caption") { $0.core.state.ask.running == nil }
        }
        #expect(step == .leave)
        try robot.press("n")
        try robot.wait(for: "the samples to go") {
            $0.core.state.library.concepts.map(\.id) == [own.id]
        }
    }

    @Test func aTourThatWasLeftGoesOnWhereItStopped() throws {
        try start(robot)
        try robot.press("n")
        try robot.wait(forText: "Tour 2 of 8")
        try robot.press("esc")
        #expect(robot.core.state.tour == nil)
        #expect(robot.screen.contains("the sample concepts stay"))
        try robot.press("T")
        #expect(step == .browse)
        try robot.press("b")
        // What the step asks for is the case, so it goes on at once.
        #expect(step == .browse)
        #expect(robot.core.state.tour?.added.count == 4)
    }

    @Test func withoutSamplesItSaysWhy() throws {
        var state = robot.core.state
        state.places.samples = nil
        #expect(Reducer.reduce(&state, .command("help.tour")).count == 1)
        #expect(state.tour == nil)
        #expect(state.toasts.shown.last?.text.contains("sample pictures") == true)
    }

    @Test func aBrokenSampleSetEndsTheTourWithASentence() throws {
        var state = robot.core.state
        state.tour = TourState()
        _ = Reducer.reduce(&state, .tour(.failed("truth.json cannot be read")))
        #expect(state.tour == nil)
        #expect(state.toasts.lastProblem == "truth.json cannot be read")
        #expect(TourSamples(SampleSet(concepts: [], queries: [])) == nil)
    }

    @Test func itsKeysOnlyWorkWhileItIsShown() throws {
        try robot.press("n")
        #expect(robot.core.state.tour == nil)
        try robot.press("?")
        #expect(!robot.screen.contains("Next step of the tour"))
        try robot.press("esc")
        try start(robot)
        try robot.press("?")
        robot.type("next step")
        #expect(robot.screen.contains("Next step of the tour"))
    }

    @Test(arguments: [
        Size(columns: 60, rows: 16), Size(columns: 80, rows: 24),
        Size(columns: 120, rows: 36), Size(columns: 200, rows: 50),
    ])
    func everyStepFitsWithItsKeys(_ size: Size) throws {
        let robot = AppRobot(home: folder.url, size: size)
        try robot.wait(forText: "No concepts yet")
        try start(robot)
        for step in TourStep.allCases {
            var state = robot.core.state
            state.tour?.step = step
            state.tour?.praise = TourText.praise(step.previous ?? step)
            state.screen = step.rawValue < 2 ? .concepts : .ask
            let scene = AppView.draw(state, pictures: NoPictures())
            let rows = (0..<size.rows).map { scene.frame.text(row: $0) }
            #expect(rows.allSatisfy { TerminalText.width($0) == size.columns })
            let text = rows.joined(separator: " ")
            #expect(text.contains("Tour \(step.rawValue + 1) of 8"))
            #expect(text.contains("n next"))
            // The sentences are there to their last word.
            let tour = try #require(state.tour)
            let words = TourText.text(tour, state).body.split(separator: " ")
            let last = try #require(words.last)
            #expect(text.contains(last), "\(step) at \(size)")
        }
    }

    /// Nothing of the screen lies under the strip where there is room for both.
    @Test func theScreenMakesRoom() throws {
        try start(robot)
        let state = robot.core.state
        let body = Rect(x: 0, y: 1, columns: 80, rows: 21)
        let (screen, strip) = TourView.split(state, body)
        #expect(!screen.overlaps(strip))
        #expect(screen.rows + strip.rows == body.rows)
        let small = Rect(x: 0, y: 1, columns: 60, rows: 13)
        #expect(TourView.split(state, small).screen == small)
    }

    @Test func thoseWhoListenHearEveryStep() throws {
        robot.core.dispatch(.configuration(.set(key: "ui.screen_reader", value: "on")))
        try robot.wait(for: "the setting") { $0.core.state.settings.isForScreenReader }
        try start(robot)
        #expect(robot.core.state.announcer.text.hasPrefix("Tour, step 1: Concepts."))
    }
}
