import ConceptDB
import Foundation
import PersonalCaption
import Testing

@testable import StudioTUI

/// The screen Train with the real model, library and disk.
@Suite struct AppTrainRobotTests {
    private func fill(_ folder: TemporaryFolder) throws -> StudioHome {
        let home = StudioHome(directory: folder.url)
        let store = try ConceptStore(directory: home.library, thumbnails: home.thumbnails)
        for name in ["Milo", "Bruna", "Pico"] {
            let picture = TestStudio.samples + "/concepts/\(name.lowercased()).png"
            _ = try store.add(
                NewConcept(name: name, category: "animal"),
                images: [.file(URL(fileURLWithPath: picture))])
        }
        return home
    }

    private static let small = "steps=2 answers=2 prompts=1 max-tokens=6 held-out=2 rank=2"

    private func robot(_ folder: TemporaryFolder) throws -> AppRobot {
        let robot = AppRobot(home: folder.url)
        try robot.wait(for: "the library") { $0.core.state.library.phase == .ready }
        try robot.press("6")
        try robot.wait(for: "the runs") { $0.core.state.train.isRead }
        return robot
    }

    /// Fills the form in and starts.
    private func begin(_ robot: AppRobot, _ options: String = small) throws {
        try robot.press("n", "up")
        robot.type(options)
        try robot.press("enter")
        try robot.wait(forText: "[ Start ]")
        try robot.press("enter")
    }

    @Test func aRunIsTrainedWatchedAndKept() throws {
        let folder = try TemporaryFolder()
        let home = try fill(folder)
        let robot = try robot(folder)
        #expect(robot.screen.contains("Nothing trained yet"))
        try begin(robot)
        try robot.wait(for: "the end") { $0.core.state.train.current?.phase == .done }
        let run = try #require(robot.core.state.train.current)
        // It is an ordinary run: the command line reads the same figures.
        let events = run.folder.events()
        #expect(run.course == RunCourse(events))
        #expect(run.course.updates.count == 2 && run.course.judgings.count == 2)
        #expect(events.last?.reason == "done")
        try robot.wait(for: "the end of the task") {
            $0.core.state.tasks.all.last?.outcome == .done
        }
        try robot.wait(for: "before and after") { $0.screen.contains("scene 1 of 2") }
        #expect(FileManager.default.fileExists(atPath: run.folder.heldOutPicture(0).path))
        try robot.press("enter", "[")
        try robot.wait(forText: "advantage")
        // Two updates rarely help; what training left is kept either way.
        let shelf = AdapterShelf(home)
        robot.core.dispatch(.train(.keep))
        try robot.wait(forText: "the adapter \(run.name) is kept")
        #expect(shelf.keeps(run.name))
        #expect(try shelf.existing(run.name).path.hasPrefix(home.adapters.path))
        try robot.wait(for: "the list") { $0.core.state.train.current?.isKept == true }
        try robot.press("D", "y")
        try robot.wait(forText: "is discarded")
        #expect(!run.folder.exists && shelf.names().isEmpty)
    }

    @Test func aStoppedRunGoesOnFromItsCheckpoint() throws {
        let folder = try TemporaryFolder()
        _ = try fill(folder)
        let robot = try robot(folder)
        try begin(
            robot, "steps=400 answers=2 prompts=1 max-tokens=6 held-out=1 rank=2")
        try robot.wait(for: "an update") { ($0.core.state.train.current?.course.step ?? 0) > 0 }
        #expect(robot.core.state.train.current?.phase == .running)
        // Nobody else may train meanwhile.
        #expect(TrainingLock.isHeld(runs: robot.home.runs))
        try robot.press("n")
        try robot.wait(forText: "is being trained")
        try robot.press("space")
        try robot.wait(for: "the pause") { $0.core.state.train.current?.phase == .paused }
        try robot.press("x")
        try robot.wait(for: "the stop") {
            $0.core.state.train.current?.phase == .stopped && $0.core.state.train.own == nil
        }
        let step = try #require(robot.core.state.train.current?.course.step)
        try robot.press("r")
        try robot.wait(for: "more updates") {
            ($0.core.state.train.current?.course.step ?? 0) > step
        }
        // The end of the app stops it in good order.
        try robot.press("q", "y")
        robot.core.context.finishWriting()
        let run = try #require(RunFolder.all(in: robot.home.runs).first)
        #expect(run.events().last?.reason == "stopped")
        #expect(!TrainingLock.isHeld(runs: robot.home.runs))
        let again = try self.robot(folder)
        #expect(again.core.state.train.current?.phase == .stopped)
        #expect(again.core.state.train.current?.canResume == true)
    }

    @Test func aRunOfTheCommandLineIsWatched() throws {
        let folder = try TemporaryFolder()
        _ = try fill(folder)
        let robot = try robot(folder)
        let runs = robot.home.runs
        let run = try RunFolder(name: "other", in: runs)
        var settings = TrainFixture.settings("other")
        settings.name = "other"
        try run.create(settings)
        let lock = try TrainingLock(runs: runs)
        lock.announce("other")
        let file = run.url.appendingPathComponent("events.jsonl")
        func write(_ events: [RunEvent], torn: String = "") throws {
            let lines = try events.map { try JSONEncoder().encode($0) + Data("\n".utf8) }
            try (lines.reduce(Data(), +) + Data(torn.utf8)).write(to: file)
        }
        try write(TrainFixture.events(3), torn: "{\"type\":")
        try robot.wait(for: "the run") { $0.core.state.train.current?.course.step == 3 }
        #expect(robot.core.state.train.current?.phase == .running)
        try write(TrainFixture.events(4))
        try robot.wait(for: "its next update") { $0.core.state.train.current?.course.step == 4 }
        try robot.press("space")
        try robot.wait(for: "the request") { _ in run.request() == .pause }
        try robot.press("space")
        try robot.wait(for: "the request to go") { _ in run.request() == nil }
        withExtendedLifetime(lock) {}
    }

    @Test func damagedRunsAreShownAsSuch() throws {
        let folder = try TemporaryFolder()
        _ = try fill(folder)
        let runs = StudioHome(directory: folder.url).runs
        let run = try RunFolder(name: "odd", in: runs)
        try run.create(TrainFixture.settings("odd"))
        try Data("{}".utf8).write(to: run.url.appendingPathComponent("run.json"))
        try Data("no json\n\u{0}\n".utf8).write(
            to: run.url.appendingPathComponent("events.jsonl"))
        let robot = try robot(folder)
        try robot.wait(forText: "damaged")
        #expect(robot.screen.contains("it is not what a run writes"))
    }
}
