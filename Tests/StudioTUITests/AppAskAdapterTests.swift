import ConceptDB
import Foundation
import PersonalCaption
import TerminalUI
import Testing
import VLMRuntime

@testable import StudioTUI

/// Choosing what a training made on the screen Ask.
@Suite struct AppAskAdapterTests {
    private static let mini = URL(fileURLWithPath: TestStudio.samples + "/mini", isDirectory: true)

    /// An adapter on the shelf; it changes nothing, because nothing was learned.
    private func put(_ name: String, on home: StudioHome, fingerprint: String? = nil) throws {
        let model = try VisionLanguageModel.load(folder: Self.mini)
        let adapter = Adapter(AdapterPlan(rank: 2, alpha: 4), for: model, seed: 1)
        let folder = home.cache.appendingPathComponent("made-\(name)", isDirectory: true)
        try adapter.write(to: folder)
        let own = try CheckpointFingerprint(folder: Self.mini).description
        try AdapterShelf(home).put(
            folder, as: name,
            note: AdapterShelf.Note(
                model: fingerprint == nil ? "mini" : "other", modelFolder: Self.mini.path,
                modelFingerprint: fingerprint ?? own, run: name, concepts: ["Milo"]))
    }

    private func query(_ robot: AppRobot) throws {
        try robot.wait(for: "the library") { $0.core.state.library.phase == .ready }
        try robot.press("2")
        robot.paste(TestStudio.samples + "/queries/query_00.png")
        try robot.wait(forText: "224x224")
    }

    @Test func anAdapterIsChosenUsedKeptInTheHistoryAndRestored() throws {
        let folder = try TemporaryFolder()
        let home = StudioHome(directory: folder.url)
        try put("milo-1", on: home)
        let robot = AppRobot(home: folder.url)
        try query(robot)
        try robot.press("enter")
        try robot.wait(forText: "kept in the history as 1")
        guard case .ready("mini", let seconds, nil) = robot.core.state.model else {
            Issue.record("\(robot.core.state.model)")
            return
        }
        let plain = try #require(robot.core.state.ask.current?.text)

        try robot.press("A")
        try robot.wait(forText: "Adapter for this query")
        robot.type("milo")
        try robot.press("enter")
        #expect(robot.core.state.ask.adapterWish == "milo-1")
        try robot.press("enter")
        try robot.wait(forText: "kept in the history as 2")
        #expect(
            robot.core.state.model == .ready(name: "mini", seconds: seconds, adapter: "milo-1"),
            "the weights were not read again")
        // The header says it once the task's own line is gone.
        try robot.wait(for: "the adapter's name") { $0.rows[0].contains("mini + milo-1") }
        #expect(robot.core.state.ask.current?.facts?.adapter == "milo-1")
        #expect(robot.core.state.ask.current?.text == plain, "it has learned nothing yet")

        try robot.press("n")
        #expect(robot.core.state.ask.adapterWish == nil)
        try robot.press("5")
        try robot.wait(for: "the newest caption") { $0.core.state.history.currentID == 2 }
        try robot.press("enter")
        try robot.wait(forText: "the query is as it was then")
        #expect(robot.core.state.ask.adapterWish == "milo-1")

        try FileManager.default.removeItem(at: home.adapters)
        try robot.press("5", "enter")
        try robot.wait(forText: "the adapter milo-1 is not there any more")
        #expect(robot.core.state.ask.adapterWish == nil)
    }

    @Test func anotherModelsAdapterIsRefused() throws {
        let folder = try TemporaryFolder()
        let home = StudioHome(directory: folder.url)
        try put("strange", on: home, fingerprint: "0000")
        let robot = AppRobot(home: folder.url)
        try query(robot)
        try robot.press("A")
        try robot.wait(forText: "strange")
        robot.type("strange")
        try robot.press("enter")
        try robot.wait(forText: "it was made for the model other")
        try robot.press("esc")
        // Whoever asks for it all the same is told, and the model stays usable.
        robot.core.dispatch(.ask(.setAdapter("strange")))
        try robot.press("enter")
        try robot.wait(forText: "tries again")
        robot.core.dispatch(.ask(.setAdapter(nil)))
        try robot.press("enter")
        try robot.wait(forText: "kept in the history as 1")
    }

    @Test func withoutAdaptersItIsSaidWhereTheyComeFrom() throws {
        let folder = try TemporaryFolder()
        let robot = AppRobot(home: folder.url)
        try query(robot)
        try robot.press("A")
        try robot.wait(forText: "there are no adapters yet; 6 goes to Train")
    }

    @Test func anotherModelTakesTheAdapterAway() {
        var state = AskFixture.ready()
        state.ask.adapterWish = "milo-1"
        _ = Reducer.reduce(&state, .ask(.setModel(nil)))
        #expect(state.ask.adapterWish == "milo-1", "it is the same model")
        _ = Reducer.reduce(&state, .ask(.setModel("large")))
        #expect(state.ask.adapterWish == nil)
    }
}
