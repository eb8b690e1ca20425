import ConceptDB
import Foundation
import PersonalCaption
import TerminalUI
import Testing
import VLMRuntime

@testable import StudioTUI

/// Ask and History with the real library and the embedded model, used like a person would.
@Suite struct AppAskEffectTests {
    private static let samples = URL(fileURLWithPath: TestStudio.samples)

    /// The app with some of the sample concepts.
    private func robot(_ folder: TemporaryFolder, _ names: [String]) throws -> AppRobot {
        let home = StudioHome(directory: folder.url)
        let store = try ConceptStore(directory: home.library, thumbnails: home.thumbnails)
        for name in names {
            let file = Self.samples.appendingPathComponent("concepts/\(name.lowercased()).png")
            _ = try store.add(NewConcept(name: name), images: [.file(file)])
        }
        let robot = AppRobot(home: folder.url)
        try robot.wait(for: "the library") { $0.core.state.library.phase == .ready }
        try robot.press("2")
        return robot
    }

    private func query(_ number: String) -> String {
        Self.samples.appendingPathComponent("queries/query_\(number).png").path
    }

    private func ask(_ robot: AppRobot, _ concepts: String...) throws {
        robot.paste(query("00"))
        try robot.wait(forText: "224x224")
        for name in concepts {
            try robot.press("a")
            robot.type(name)
            try robot.press("enter")
        }
    }

    @Test func aCaptionIsAskedStreamedSavedAndRestored() throws {
        let folder = try TemporaryFolder()
        let robot = try robot(folder, ["Milo", "Bruna"])
        try ask(robot, "Milo", "Bruna")
        #expect(robot.core.state.ask.slots.map(\.name) == ["Milo", "Bruna"])
        try robot.press("enter")
        #expect(robot.core.state.ask.running != nil)
        try robot.wait(forText: "kept in the history as 1")
        let caption = try #require(robot.core.state.ask.current)
        #expect(caption.tokens > 5, "the text was streamed")
        let facts = try #require(caption.facts)
        #expect(facts.named.contains("Milo"), "\(facts.caption)")
        #expect(robot.screen.contains("✓ Milo"))
        // The task ends after its last news.
        try robot.wait(for: "the end of the task") {
            $0.core.state.tasks.all.last?.outcome == .done
        }

        try robot.press("n", "5")
        try robot.wait(for: "the caption in the list") { $0.core.state.history.currentID == 1 }
        try robot.press("enter")
        try robot.wait(forText: "the query is as it was then")
        let state = robot.core.state
        #expect(state.screen == .ask)
        #expect(state.ask.slots.map(\.name) == ["Milo", "Bruna"])
        #expect(state.ask.question.text == facts.question)
        #expect(state.ask.picture?.name == query("00"))
        #expect(state.ask.modelWish == nil)
        #expect(robot.screen.contains("✓ Milo"))

        try robot.press("5", "r")
        try robot.wait(forText: "kept in the history as 2")
        #expect(robot.core.state.ask.current?.text == facts.caption, "greedy, so the same again")
        try robot.press("5")
        try robot.wait(for: "both captions") { $0.core.state.history.all == [2, 1] }
    }

    @Test func escapeCancelsAndTheNextQueryRuns() throws {
        let folder = try TemporaryFolder()
        let robot = try robot(folder, ["Milo"])
        try ask(robot, "Milo")
        try robot.press("enter")
        try robot.wait(for: "the first words") { $0.core.state.ask.current?.isEmpty == false }
        try robot.press("esc")
        #expect(robot.core.state.ask.running == nil)
        #expect(robot.screen.contains("(cancelled)"))
        try robot.press("enter")
        try robot.wait(forText: "kept in the history as 1")
        let cancelled = try #require(robot.core.state.ask.captions.first)
        #expect(cancelled.savedID == nil)
        try robot.wait(for: "the end of the cancelled one") {
            $0.core.state.ask.captions.first?.savable != nil
        }
        try robot.press("[", "s")
        try robot.wait(forText: "kept in the history as 2")
        try robot.wait(for: "the cancelled task's end") {
            $0.core.state.tasks.all.map(\.outcome).contains(.cancelled)
        }
    }

    @Test func aModelThatIsGoneIsSaidWithWhatToTry() throws {
        let folder = try TemporaryFolder()
        let robot = try robot(folder, ["Milo"])
        try ask(robot)
        robot.core.dispatch(.ask(.setModel(folder.path("gone"))))
        try robot.press("enter")
        try robot.wait(forText: "chooses another model")
        #expect(robot.core.state.ask.running == nil)
    }

    @Test func aWrongPathIsSaidAndCorrected() throws {
        let folder = try TemporaryFolder()
        let robot = try robot(folder, [])
        try robot.press("o")
        robot.type(folder.path("nothing.png"))
        try robot.press("enter")
        try robot.wait(for: "the form with the path") { !$0.core.state.overlays.isEmpty }
        #expect(robot.core.state.toasts.lastProblem?.contains("nothing.png") == true)
        try robot.press("esc")
        try robot.press("O")
        try robot.wait(forText: "query_00.png")
        robot.type("query_03")
        try robot.press("enter")
        try robot.wait(for: "the sample") { $0.core.state.ask.picture?.title == "query_03.png" }
    }
}
