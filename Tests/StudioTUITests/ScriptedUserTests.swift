import ConceptDB
import Foundation
import TerminalUI
import Testing

@testable import StudioTUI

/// A user's first quarter of an hour, key by key: real library, real pictures, real model.
@Suite struct ScriptedUserTests {
    /// Registers four concepts, composes a query with them, captions it twice, compares both
    /// captions and finds them again in the history.
    @Test func registersComposesAsksComparesAndFindsAgain() throws {
        let folder = try TemporaryFolder()
        let robot = AppRobot(home: folder.url)
        let names = ["bizzy", "bruna", "dotty", "luna"]

        try robot.wait(forText: "No concepts yet")
        for name in names { try register(name, robot) }
        #expect(robot.core.state.library.concepts.map(\.name) == names)

        try compose(names, robot)
        try robot.wait(for: "Ask to have the picture") {
            $0.core.state.screen == .ask && $0.screen.contains("Ready")
        }
        for (slot, name) in names.enumerated() {
            #expect(robot.screen.contains("\(slot + 1) \(name)"))
        }

        try robot.press("enter")
        try robot.wait(forText: "kept in the history as 1")
        let first = try #require(robot.core.context.library().captions().captions.first)
        #expect(first.concepts.map(\.name) == names)
        #expect(!first.caption.isEmpty)

        try ask("What is in this picture?", robot)
        try robot.wait(forText: "kept in the history as 2")
        try robot.press("C", "2", "[", "C")
        try robot.wait(for: "both captions") {
            $0.core.state.screen == .compare && $0.screen.contains("What is in this picture?")
        }

        try robot.press("5")
        try robot.wait(for: "two captions in the history") {
            $0.screen.contains("1 of 2") || $0.screen.contains("2 of 2")
        }
        try robot.press("/")
        robot.type("bizzy")
        try robot.press("enter")
        try robot.wait(forText: "bizzy")
        try robot.press("enter")
        try robot.wait(for: "the query to be back in Ask") {
            $0.core.state.screen == .ask && $0.screen.contains("1 bizzy")
        }
    }

    /// Adds one of the sample pictures under a name, through the form.
    private func register(_ name: String, _ robot: AppRobot) throws {
        let file = "\(TestStudio.samples)/concepts/\(name.lowercased()).png"
        try robot.press("1", "a")
        robot.paste(file)
        try robot.press("tab", "tab")
        try robot.press("enter")
        try robot.wait(for: "\(name) in the library") {
            $0.core.state.overlays.isEmpty
                && $0.core.state.library.concepts.contains {
                    $0.name.lowercased() == name.lowercased()
                }
        }
    }

    /// Puts the concepts on a background and sends the picture to Ask.
    private func compose(_ names: [String], _ robot: AppRobot) throws {
        try robot.press("3")
        for name in names {
            try robot.press("c")
            robot.type(name)
            try robot.press("enter")
            try robot.wait(for: "\(name) to be placed") { $0.screen.contains(name) }
        }
        try robot.press("a")
    }

    /// Asks something else about the same picture.
    private func ask(_ question: String, _ robot: AppRobot) throws {
        try robot.press("i")
        try robot.press("ctrl-a", "ctrl-k")
        robot.type(question)
        try robot.press("enter")
    }
}
