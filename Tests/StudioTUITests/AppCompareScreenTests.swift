import ConceptDB
import Foundation
import TerminalUI
import Testing

@testable import StudioTUI

/// The screen Compare with real effects and a real library.
@Suite struct AppCompareScreenTests {
    let fixture: CompareFixture

    init() throws { fixture = try CompareFixture() }

    private var votes: URL { fixture.home.data.appendingPathComponent("votes.json") }

    /// A robot with both captions on the screen.
    private func compare(
        _ left: ConceptDB.CaptionRecord, _ right: ConceptDB.CaptionRecord
    ) throws -> AppRobot {
        let robot = try fixture.robot()
        robot.core.dispatch(.compare(.pair(left.id, right.id)))
        try robot.wait(for: "both captions") {
            $0.core.state.compare.pair != nil && $0.core.state.compare.hasReadVotes
        }
        return robot
    }

    @Test func captionsAreChosenFromTheHistorySamePictureFirst() throws {
        let robot = try fixture.robot()
        try robot.press("4", "c")
        try robot.wait(forText: "no captions to choose from yet")
        try fixture.add("the first of the same picture", red: 10)
        try fixture.add("another picture", red: 20)
        try fixture.add("the second of the same picture", red: 10)
        try robot.press("c")
        try robot.wait(forText: "Caption for the left")
        robot.type("first of")
        try robot.press("enter")
        try robot.wait(forText: "the first of the same picture")
        try robot.press("tab", "c")
        try robot.wait(forText: "Caption for the right")
        let rows = robot.rows.filter { $0.contains("picture") && $0.contains("#") }
        #expect(rows.contains { $0.contains("same picture #3") })
        let second = try #require(rows.firstIndex { $0.contains("the second of") })
        let other = try #require(rows.firstIndex { $0.contains("another picture") })
        #expect(second < other)
        try robot.press("enter")
        try robot.wait(for: "the pair") { $0.core.state.compare.pair != nil }
        #expect(robot.screen.contains("+second"))
    }

    @Test func votesAreKeptAndTakenBack() throws {
        let left = try fixture.add("one", model: "alpha")
        let right = try fixture.add("two", model: "omega", adapter: "pets")
        let robot = try compare(left, right)
        try robot.press("B", "0")
        try robot.wait(for: "the vote") { $0.core.state.compare.votes.votes.count == 1 }
        #expect(robot.screen.contains("Blind votes: alpha 0, omega + pets 0, neither 1"))
        try robot.press("B", "left")
        try robot.wait(for: "the vote") { $0.core.state.compare.votes.votes.count == 2 }
        let kept = try CompareVoteFile(fixture.home).read()
        #expect(kept.votes.map(\.winner).first == .neither)
        #expect(kept.votes.allSatisfy { $0.at != nil })
        try robot.press("u")
        try robot.wait(for: "the vote to go") { $0.core.state.compare.votes.votes.count == 1 }
        #expect(try CompareVoteFile(fixture.home).read().votes.map(\.winner) == [.neither])
        // Another session finds them.
        let again = try compare(left, right)
        #expect(again.core.state.compare.votes.votes.count == 1)
        try again.press("V")
        #expect(again.screen.contains("omega + pets: 0 wins, 0 losses, 1 tie"))
    }

    @Test func aBrokenFileOfVotesIsLeftAlone() throws {
        let left = try fixture.add("one")
        let right = try fixture.add("two")
        let robot = try compare(left, right)
        try Data("not json".utf8).write(to: votes)
        try robot.press("B", "left")
        try robot.wait(forText: "cannot be read")
        #expect(try Data(contentsOf: votes) == Data("not json".utf8))
    }

    @Test func aRemovedCaptionIsMissedAndComesBack() throws {
        let left = try fixture.add("here today")
        let right = try fixture.add("gone tomorrow")
        let robot = try compare(left, right)
        robot.core.dispatch(.edit(.trashCaptions([right.id])))
        try robot.wait(for: "the loss") { $0.core.state.compare.pair == nil }
        try robot.wait(forText: "✗")
        #expect(robot.screen.contains("Press c to choose another one."))
        try robot.press("u")
        try robot.wait(for: "the caption") { $0.core.state.compare.pair != nil }
    }

    @Test func aMissingPictureIsTold() throws {
        let left = try fixture.add("one")
        let right = try fixture.add("two")
        let url = try #require(fixture.store.url(of: left.image))
        try FileManager.default.removeItem(at: url)
        let robot = try compare(left, right)
        try robot.wait(forText: "the picture is missing")
    }

    @Test func exportWritesMarkdownAndAsksBeforeReplacing() throws {
        let left = try fixture.add("<Milo> sits")
        let right = try fixture.add("<Milo> lies")
        let robot = try compare(left, right)
        let file = fixture.folder.url.appendingPathComponent(
            "comparison-\(left.id)-\(right.id).md")
        try robot.press("x")
        try robot.wait(forText: "Export the comparison")
        try robot.press("enter")
        try robot.wait(for: "the file") { _ in
            FileManager.default.fileExists(atPath: file.path)
        }
        try robot.wait(forText: "saved ")
        #expect(try String(contentsOf: file, encoding: .utf8).contains("~~sits~~ **lies**"))
        try Data("mine".utf8).write(to: file)
        try robot.press("x", "enter")
        try robot.wait(forText: "Replace the file?")
        try robot.press("enter")
        #expect(try Data(contentsOf: file) == Data("mine".utf8))
        try robot.press("x", "enter")
        try robot.wait(forText: "Replace the file?")
        try robot.press("y")
        try robot.wait(for: "the new file") { _ in
            (try? Data(contentsOf: file)) != Data("mine".utf8)
        }
        try robot.press("y")
        #expect(robot.host.copied.last?.hasPrefix("# Two captions compared") == true)
    }

    @Test func clicksFocusAndVote() throws {
        let left = try fixture.add("one")
        let right = try fixture.add("two")
        let robot = try compare(left, right)
        try robot.click("Right #")
        #expect(robot.core.state.compare.focus == .right)
        try robot.press("s")
        #expect(robot.core.state.compare[.left].captionID == right.id)
        try robot.press("B")
        try robot.click("neither")
        #expect(robot.core.state.compare.blind?.verdict == .neither)
        try robot.press("n")
        #expect(robot.screen.contains("Nothing to compare yet"))
    }
}
