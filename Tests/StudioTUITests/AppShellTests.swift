import Foundation
import TerminalUI
import Testing

@testable import StudioTUI

/// The parts of the app that every screen shares, driven by a robot.
@Suite struct AppShellTests {
    let folder: TemporaryFolder
    let robot: AppRobot

    init() throws {
        folder = try TemporaryFolder()
        robot = AppRobot(home: folder.url)
    }

    @Test func digitsShowScreens() throws {
        for screen in ScreenID.allCases {
            try robot.press("\(screen.rawValue)")
            #expect(robot.rows[0].contains("[\(screen.rawValue) \(screen.title)]"))
        }
    }

    @Test func backAndForwardFollowTheWay() throws {
        try robot.press("5", "6", "H", "H")
        #expect(robot.core.state.screen == .concepts)
        try robot.press("L")
        #expect(robot.core.state.screen == .history)
    }

    @Test func helpFindsACommandAndRunsIt() throws {
        try robot.press("?")
        robot.type("go history")
        #expect(robot.screen.contains("Go to History"))
        #expect(!robot.screen.contains("Go to Ask"))
        try robot.press("enter")
        #expect(robot.core.state.screen == .history)
        #expect(robot.core.state.overlays.isEmpty)
    }

    @Test func paletteReachesCommandsOfOtherScreens() throws {
        let commands = CommandCatalogue.all.filter { $0.scope == .screen(.concepts) }
        try #require(!commands.isEmpty)
        try robot.press("6", ":")
        robot.type("concepts:")
        #expect(robot.screen.contains("Concepts: "))
    }

    @Test func unfinishedSequenceIsExplainedAfterAMoment() throws {
        try robot.press("g")
        #expect(!robot.core.state.showsWhichKey)
        try robot.wait(forText: "To the first")
        try robot.press("esc")
        #expect(robot.core.state.pendingKeys.isEmpty)
        #expect(!robot.screen.contains("To the first"))
    }

    @Test func refusedCommandSaysWhy() throws {
        try robot.press("ctrl-r")
        try robot.wait(forText: "Redo: nothing to redo")
    }

    @Test func quitAsksOnlyWhileSomethingRuns() throws {
        robot.core.dispatch(
            .task(
                .started(
                    TaskInfo(id: 1, title: "import", startedAt: .now, cancellation: nil))))
        try robot.press("q")
        #expect(!robot.core.isFinished)
        #expect(robot.screen.contains("still running"))
        try robot.press("n")
        #expect(!robot.core.isFinished)
        try robot.press("q", "y")
        #expect(robot.core.isFinished)
    }

    @Test func smallTerminalSaysWhatItNeeds() throws {
        var terminal = robot.core.state.terminal
        terminal.size = Size(columns: 52, rows: 14)
        robot.core.dispatch(.terminal(.changed(terminal)))
        #expect(robot.screen.contains("need 60x16, have 52x14"))
        terminal.size = Size(columns: 80, rows: 24)
        robot.core.dispatch(.terminal(.changed(terminal)))
        #expect(robot.rows[0].contains("1 Concepts"))
    }

    @Test(arguments: [
        Size(columns: 60, rows: 16), Size(columns: 80, rows: 24),
        Size(columns: 120, rows: 36), Size(columns: 200, rows: 50),
    ])
    func everyScreenAndOverlayFits(_ size: Size) throws {
        let robot = AppRobot(home: folder.url, size: size)
        for screen in ScreenID.allCases {
            try robot.press("\(screen.rawValue)")
            for overlay in ["?", ":", "w"] {
                try robot.press(overlay)
                #expect(robot.rows.allSatisfy { TerminalText.width($0) == size.columns })
                try robot.press("esc")
            }
        }
    }

    /// Whatever is open, the terminal's own cursor stands somewhere for a screen reader.
    @Test func overlaysPlaceTheCursor() throws {
        for key in ["?", ":"] {
            try robot.press(key)
            let scene = robot.core.draw(pictures: NoPictures())
            #expect(scene.frame.cursor != nil)
            try robot.press("esc")
        }
    }

    @Test func everyCommandIsDescribedAndUnique() {
        let all = CommandCatalogue.all
        #expect(Set(all.map(\.id)).count == all.count)
        for command in all {
            #expect(!command.title.isEmpty && !command.help.isEmpty, "\(command.id)")
        }
    }

    /// Two commands of one scope on one key would hide each other.
    @Test func noKeyMeansTwoThings() {
        for scope in Set(CommandCatalogue.all.map(\.scope)) {
            var owner: [KeySequence: CommandID] = [:]
            for command in CommandCatalogue.all where command.scope == scope {
                for keys in command.keys {
                    if let other = owner[keys] {
                        Issue.record("\(keys) runs both \(other) and \(command.id)")
                    }
                    owner[keys] = command.id
                }
            }
        }
    }
}
