import Foundation
import PersonalCaption
import TerminalUI
import Testing

@testable import StudioTUI

/// The screen Train as text, at four sizes.
@Suite struct AppTrainViewTests {
    private func state(
        _ size: Size, _ part: TrainPart, phase: TrainedRun.Phase = .running
    ) throws -> AppState {
        var state = TrainFixture.state(
            [
                try TrainFixture.run(TrainFixture.events(12), phase),
                try TrainFixture.run([], .failed("the disk is full"), name: "luna-1"),
            ], size: size)
        state.train.focus = .detail
        state.train.part = part
        return state
    }

    @Test(arguments: AppAskViewTests.sizes)
    func everyPartFits(_ size: Size) throws {
        for part in TrainPart.allCases {
            let rows = AskFixture.rows(try state(size, part))
            #expect(rows.allSatisfy { TerminalText.width($0) == size.columns })
            #expect(rows.joined().contains("[\(part.title)]"))
        }
    }

    @Test(arguments: AppAskViewTests.sizes)
    func theCurvesShowWhereTheRunIs(_ size: Size) throws {
        let screen = AskFixture.screen(try state(size, .curves))
        for text in ["update 12 of 20", "left", "60%", "reward", "0.64"] {
            #expect(screen.contains(text), "\(text) is missing:\n\(screen)")
        }
        let dots = screen.unicodeScalars.contains { (0x2801...0x28FF).contains($0.value) }
        let blocks = screen.contains("▇") || screen.contains("▆")
        #expect(dots || blocks, "no curve:\n\(screen)")
        guard size.columns >= 120 else { return }
        for text in ["KL to the base", "length in tokens", "held out: names F1", "reward: box"] {
            #expect(screen.contains(text), "\(text) is missing:\n\(screen)")
        }
    }

    @Test(arguments: AppAskViewTests.sizes)
    func theAnswersSayWhatEachEarnedAndWhy(_ size: Size) throws {
        var state = try state(size, .answers)
        let flat = AskFixture.screen(state)
        #expect(flat.contains("All rewards are equal"), "\(flat)")
        _ = try TrainFixture.press(&state, "left")
        let screen = AskFixture.screen(state)
        for text in ["prompt 23 of 24", "Who is there?", "reward 0.00, advantage", "a name is mis"]
        {
            #expect(screen.contains(text), "\(text) is missing:\n\(screen)")
        }
    }

    @Test(arguments: AppAskViewTests.sizes)
    func beforeAndAfterAreBesideEachOther(_ size: Size) throws {
        var state = try state(size, .scenes)
        let screen = AskFixture.screen(state)
        for text in [
            "names F1", "0.25", "0.55", "after 10 updates", "scene 1 of 2", "Zorp in it",
            "at step 0", "at step 10", "✗ before", "✓ after",
        ] {
            #expect(screen.contains(text), "\(text) is missing:\n\(screen)")
        }
        _ = try TrainFixture.press(&state, "j")
        #expect(AskFixture.screen(state).contains("scene 2 of 2"))
    }

    @Test(arguments: AppAskViewTests.sizes)
    func theListShowsStateStepsAndScores(_ size: Size) throws {
        var state = try state(size, .curves)
        state.train.focus = .list
        let screen = AskFixture.screen(state)
        for text in ["milo-1", "running", "12/20", "names 0.25", "luna-1", "failed"] {
            #expect(screen.contains(text), "\(text) is missing:\n\(screen)")
        }
    }

    @Test(arguments: AppAskViewTests.sizes)
    func anEmptyScreenSaysWhatToDo(_ size: Size) {
        let screen = AskFixture.screen(TrainFixture.state([], size: size))
        #expect(screen.contains("Nothing trained yet"))
        #expect(screen.contains("opens the form"))
    }

    @Test(arguments: AppAskViewTests.sizes)
    func theEstimateIsShownBeforeTheStart(_ size: Size) throws {
        var state = TrainFixture.state([], size: size)
        _ = try TrainFixture.press(&state, "n", "enter")
        #expect(AskFixture.screen(state).contains("Finding out how long"))
        _ = Reducer.reduce(&state, .train(.planned(try TrainFixture.plan())))
        let screen = AskFixture.screen(state)
        for text in ["20 updates of 3.0 s", "202.0 MB", "one picture each", "[ Start ]"] {
            #expect(screen.contains(text), "\(text) is missing:\n\(screen)")
        }
    }

    @Test func foreignTextReachesNoTerminal() throws {
        var events = TrainFixture.events(1)
        events.append(
            TrainFixture.update(
                2, groups: [TrainFixture.group([1, 0], question: "who\u{1B}[31m\u{7}?")]))
        events.append(TrainFixture.judging(5, score: 0.9, answers: ["a\u{1B}]0;x\u{7}", "b"]))
        for part in TrainPart.allCases {
            var state = TrainFixture.state([
                try TrainFixture.run(events, .failed("broken\u{1B}[2J"))
            ])
            state.train.focus = .detail
            state.train.part = part
            let screen = AskFixture.screen(state)
            #expect(!screen.unicodeScalars.contains { $0.value == 0x1B || $0.value == 7 })
        }
    }

    @Test func asciiTerminalsGetAsciiCurves() throws {
        var state = try state(Size(columns: 120, rows: 36), .curves)
        state.terminal.isUTF8 = false
        let odd = AskFixture.screen(state).unicodeScalars.filter { !$0.isASCII }
        #expect(odd.isEmpty, "\(String(String.UnicodeScalarView(odd)))")
    }
}

/// Curves made of text.
@Suite struct ChartTests {
    private func chart(_ values: [Double]) -> Chart {
        Chart(
            values.enumerated().map { Chart.Point(x: Double($0), y: $1) }, within: 0...1,
            leastSpan: 0.1)
    }

    @Test func risingValuesRise() {
        let line = chart([0, 0.25, 0.5, 0.75, 1]).rows(columns: 5, rows: 1, isASCII: false)
        #expect(line == ["▁▃▅▆█"])
        let stars = chart([0, 0.5, 1]).rows(columns: 3, rows: 3, isASCII: true)
        #expect(stars == ["  *", " * ", "*  "])
        let dots = chart([0, 1]).rows(columns: 4, rows: 2, isASCII: false)
        #expect(dots.allSatisfy { $0.count == 4 })
        #expect(dots[0].first == " " && dots[1].last == " ")
    }

    @Test func manyPointsBecomeMeansAndFewAreJoined() {
        let many = chart((0..<1000).map { $0 < 500 ? 0 : 1 })
        #expect(many.samples(4) == [0, 0, 1, 1])
        let few = chart([0, 1]).samples(10)
        #expect(few == few.sorted() && few.first == 0 && few.last == 1)
    }

    @Test func oneValueAndNoneAreDrawn() {
        #expect(chart([]).rows(columns: 3, rows: 2, isASCII: false) == ["   ", "   "])
        #expect(chart([0.5]).rows(columns: 3, rows: 1, isASCII: true)[0].count == 3)
        let odd = chart([0.5, .nan, 0.6])
        #expect(odd.points.count == 2)
    }
}
