import ConceptDB
import Foundation
import PersonalCaption
import TerminalUI
import Testing
import VLMRuntime

@testable import StudioTUI

/// The screen Train as a function of its state.
@Suite struct AppTrainReducerTests {
    private func press(_ state: inout AppState, _ keys: String...) throws -> [Effect] {
        try keys.flatMap { try TrainFixture.press(&state, $0) }
    }

    @Test func enterThreeTimesBeginsARun() throws {
        var state = TrainFixture.state([])
        _ = try press(&state, "enter")
        #expect(AskFixture.screen(state).contains("Milo"), "a concept is filled in")
        let asked = try press(&state, "enter").training
        guard case .plan(let wish, let seconds, _)? = asked.first else {
            Issue.record("nothing was measured: \(asked)")
            return
        }
        #expect(seconds == 600)
        #expect(!wish.concepts.isEmpty)
        #expect(try press(&state, "enter").training.isEmpty, "it is still being measured")
        _ = Reducer.reduce(&state, .train(.planned(try TrainFixture.plan())))
        let begun = try press(&state, "enter").training
        guard case .train(.new(let settings), _)? = begun.first else {
            Issue.record("nothing began: \(begun)")
            return
        }
        #expect(settings == TrainFixture.settings())
        #expect(state.overlays.isEmpty)
        #expect(TrainCommands.mayTrain(state) == .refused("milo-1 is being trained"))
    }

    @Test func theFormTakesWhatWasChosenElsewhere() throws {
        var state = TrainFixture.state([])
        _ = Reducer.reduce(&state, .ask(.addConcepts([3, 4])))
        #expect(TrainForm.likely(state) == ["Luna", "Otto"])
        _ = Reducer.reduce(&state, .train(.new))
        #expect(AskFixture.screen(state).contains("Luna, Otto"))
    }

    @Test(arguments: [
        ([], "", "name one to"), (["Nobody"], "", "no concept Nobody"),
        (["A", "B", "C", "D", "E"], "", "name one to"),
        (["Bare Branch"], "", "no picture"), (["Milo"], "../x", "cannot name a run"),
        (["Milo"], "milo-1", "already"), (["Milo", "milo"], "", "Milo"),
    ])
    func theFormRefusesWhatCannotBe(_ concepts: [String], _ name: String, _ part: String) throws {
        var state = TrainFixture.state([try TrainFixture.run([], .done, name: "milo-1")])
        state.library.replace(with: AskFixture.snapshot(["Milo", "Luna", "Bare Branch"]))
        let values = TrainForm.Values(concepts: concepts, name: name)
        let problem = try #require(TrainForm.problem(values, state))
        #expect(problem.contains(part), "\(problem)")
    }

    @Test func optionsOfTheCommandAreTaken() {
        var wish = TrainingWish()
        #expect(TrainOptions.apply(" steps=3  rank=8 learning-rate=0.001 ", to: &wish) == nil)
        #expect(wish.steps == 3 && wish.rank == 8 && wish.learningRate == 0.001)
        for line in ["rank", "rank=0", "rank=2.5", "nothing=1", "seed=-1", "rank=nan"] {
            #expect(TrainOptions.apply(line, to: &wish) != nil, "\(line)")
        }
        #expect(wish.rank == 8)
    }

    @Test func whatCannotFitIsSaidAndTheFormComesBack() throws {
        var state = TrainFixture.state([])
        _ = try press(&state, "n", "enter")
        _ = Reducer.reduce(&state, .train(.refused("8 GB are needed and 2 GB are free")))
        #expect(AskFixture.screen(state).contains("It cannot be: 8 GB are needed"))
        #expect(try press(&state, "enter").training.isEmpty)
        #expect(state.overlays.last is FormOverlay)
    }

    @Test func escapeGivesTheEstimateUp() throws {
        var state = TrainFixture.state([])
        let asked = try press(&state, "n", "enter").training
        guard case .plan(_, _, let flag)? = asked.first else {
            Issue.record("nothing was measured")
            return
        }
        _ = try press(&state, "esc")
        #expect(flag.isCancelled)
        #expect(state.train.planning == nil && state.overlays.isEmpty)
        // What comes late changes nothing.
        _ = Reducer.reduce(&state, .train(.planned(try TrainFixture.plan())))
        #expect(state.train.planning == nil)
    }

    @Test func aRunIsPausedAndStoppedWhoeverTrainsIt() throws {
        var state = TrainFixture.state([try TrainFixture.run(TrainFixture.events(3))])
        guard case .ask("milo-1", .pause)? = try press(&state, "space").training.first else {
            Issue.record("it was not paused")
            return
        }
        guard case .ask("milo-1", .stop)? = try press(&state, "x").training.first else {
            Issue.record("it was not stopped")
            return
        }
        _ = Reducer.reduce(
            &state, .train(.seen([try TrainFixture.run(TrainFixture.events(3), .paused)])))
        guard case .ask("milo-1", nil)? = try press(&state, "space").training.first else {
            Issue.record("it did not go on")
            return
        }
    }

    @Test func ownRunsStopAtOnce() throws {
        var state = TrainFixture.state([])
        _ = try press(&state, "n", "enter")
        _ = Reducer.reduce(&state, .train(.planned(try TrainFixture.plan())))
        guard case .train(_, let flag)? = try press(&state, "enter").training.first else {
            Issue.record("nothing began")
            return
        }
        _ = Reducer.reduce(
            &state, .train(.seen([try TrainFixture.run(TrainFixture.events(3))])))
        #expect(try press(&state, "x").training.isEmpty)
        #expect(flag.isCancelled)
        _ = Reducer.reduce(&state, .train(.ended(name: "milo-1", .stopped)))
        #expect(state.train.own == nil)
    }

    @Test func commandsSayWhyNot() throws {
        var state = TrainFixture.state([
            try TrainFixture.run(
                TrainFixture.events(20) + [
                    TrainFixture.event(.end, 20, reason: "done")
                ], .done)
        ])
        for (key, reason) in [
            ("space", "it does not run"), ("x", "it does not run"), ("r", "all its updates"),
        ] {
            #expect(try press(&state, key).training.isEmpty)
            #expect(state.toasts.shown.last?.text.contains(reason) == true, "\(key)")
        }
        guard case .keep("milo-1")? = try press(&state, "b").training.first else {
            Issue.record("it was not kept")
            return
        }
        // Where nothing was better than the model itself there is nothing to keep.
        let worse = [
            TrainFixture.judging(0, score: 0.6), TrainFixture.update(1),
            TrainFixture.judging(1, score: 0.5), TrainFixture.event(.checkpoint, 1),
        ]
        _ = Reducer.reduce(&state, .train(.seen([try TrainFixture.run(worse, .done)])))
        #expect(try press(&state, "b").training.isEmpty)
        #expect(state.toasts.shown.last?.text.contains("nothing was better") == true)
    }

    @Test func discardingAsksFirst() throws {
        var state = TrainFixture.state([
            try TrainFixture.run(TrainFixture.events(5), .stopped, isKept: true)
        ])
        #expect(try press(&state, "D", "enter").training.isEmpty, "No is the default")
        _ = try press(&state, "D")
        #expect(AskFixture.screen(state).contains("with the adapter"))
        guard case .discard("milo-1")? = try press(&state, "y").training.first else {
            Issue.record("it was not discarded")
            return
        }
    }

    @Test func theCursorStaysOnItsRun() throws {
        let runs = try ["a", "b", "c"].map { try TrainFixture.run([], .done, name: $0) }
        var state = TrainFixture.state(runs)
        _ = try press(&state, "j")
        _ = Reducer.reduce(
            &state, .train(.seen([try TrainFixture.run([], .done, name: "new")] + runs)))
        #expect(state.train.current?.name == "b")
    }
}

/// A run's events, made into curves and groups.
@Suite struct RunCourseTests {
    @Test func aResumedRunForgetsWhatCameAfterItsCheckpoint() {
        var course = RunCourse(TrainFixture.events(8))
        #expect(course.updates.count == 8)
        course.add(TrainFixture.event(.end, 8, reason: "stopped"))
        #expect(course.end == "stopped")
        course.add(TrainFixture.event(.start, 5))
        #expect(course.end == nil)
        #expect(course.updates.map(\.step) == [1, 2, 3, 4, 5])
        #expect(course.groups.allSatisfy { $0.step <= 5 })
        #expect(course.judgings.map(\.step) == [0, 5])
    }

    @Test func theBestIsTheFirstOfEqualOnes() {
        let course = RunCourse([
            TrainFixture.judging(0, score: 0.2), TrainFixture.judging(5, score: 0.7),
            TrainFixture.judging(10, score: 0.7), TrainFixture.judging(15, score: 0.6),
        ])
        #expect(course.best?.step == 5)
        #expect(course.before?.score == 0.2)
    }

    @Test func theTimeLeftCountsJudging() throws {
        let course = RunCourse(TrainFixture.events(7))
        // 13 updates of 2 s and judging after 10, 15 and 20 of 4 s each.
        #expect(course.remaining(TrainFixture.settings()) == 38.0)
        #expect(RunCourse().remaining(TrainFixture.settings()) == nil)
    }

    @Test func phasesFollowFromEventsAndLock() {
        let open = RunCourse(TrainFixture.events(3))
        let ended = RunCourse(
            TrainFixture.events(3) + [TrainFixture.event(.end, 3, reason: "no space left")])
        #expect(TrainedRun.phase(open, isHeld: true, request: nil) == .running)
        #expect(TrainedRun.phase(open, isHeld: true, request: .pause) == .paused)
        #expect(TrainedRun.phase(open, isHeld: true, request: .stop) == .stopping)
        #expect(TrainedRun.phase(open, isHeld: false, request: nil) == .stopped)
        #expect(TrainedRun.phase(ended, isHeld: false, request: nil) == .failed("no space left"))
    }
}

/// How long a run is made.
@Suite struct TrainBudgetTests {
    private func fit(_ seconds: Double, each: Double) throws -> RunSettings {
        var settings = TrainFixture.settings(steps: 60)
        settings.checkpointEvery = 10
        settings.heldOutScenes = 24
        return try TrainBudget.fit(
            settings, TrainFixture.plan(settings, each: each).estimate, seconds: seconds)
    }

    @Test(arguments: [60.0, 300, 600, 3600], [0.2, 3, 20])
    func aRunFitsIntoItsTime(_ seconds: Double, _ each: Double) throws {
        let settings = try fit(seconds, each: each)
        let estimate = try TrainFixture.plan(settings, each: each).estimate
        let total = estimate.total(settings, measured: 24)
        #expect(total <= seconds)
        #expect(total > seconds * 0.55 || each == 20, "most of the time is used")
        #expect(settings.steps >= 1 && settings.checkpointEvery >= 1)
    }

    @Test func whatCannotFitNamesTheTimeItTakes() throws {
        let failure = try #require(throws: StudioFailure.self) { try fit(60, each: 200) }
        #expect(failure.description.contains("choose 4 minutes or more"), "\(failure)")
    }
}
