import Foundation
import ImageCodecs
import Testing

@testable import StudioTUI

@Suite struct AppLogTests {
    let folder: TemporaryFolder
    let url: URL

    init() throws {
        folder = try TemporaryFolder()
        url = StudioLog.url(in: StudioHome(directory: folder.url))
    }

    private var lines: [String] { LogEffects.tail(of: url) }

    @Test func linesHaveATimeAndALevel() throws {
        let log = StudioLog(url)
        log.write(.warning, "first\nsecond\u{1B}[31m")
        let line = try #require(lines.first)
        #expect(lines.count == 1)
        let form = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} warning first second␛\[31m/
        #expect(line.wholeMatch(of: form) != nil, "\(line)")
        let mode = try FileManager.default.attributesOfItem(atPath: url.path)[.posixPermissions]
        #expect(mode as? Int == 0o600)
    }

    @Test func lessThanWantedIsNotWritten() {
        let log = StudioLog(url, level: .warning)
        for level in [LogLevel.debug, .info, .warning, .error] { log.write(level, level.rawValue) }
        #expect(lines.map { String($0.split(separator: " ")[2]) } == ["warning", "error"])
        log.set(level: .off)
        log.write(.error, "never")
        #expect(!lines.contains { $0.contains("never") })
        #expect(!LogLevel.off.isWanted(at: .debug))
    }

    @Test func aFullLogBecomesTheOldOneAndOnlyOneIsKept() throws {
        let log = StudioLog(url, limit: 2000)
        for index in 0..<200 { log.write(.info, "line \(index) of the log") }
        let size = try #require(
            FileManager.default.attributesOfItem(atPath: url.path)[.size] as? Int)
        #expect(size < 2200)
        let files = try FileManager.default.contentsOfDirectory(
            atPath: url.deletingLastPathComponent().path)
        #expect(files.sorted() == ["studio.log", "studio.log.old"])
        #expect(lines.last?.hasSuffix("line 199 of the log") == true)
        // What is shown goes on from the old file into the new one without a gap.
        let numbers = lines.compactMap { Int($0.split(separator: " ")[4]) }
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 + 1 == $1 })
    }

    @Test func aLongTextIsCut() {
        let log = StudioLog(url)
        log.write(.info, String(repeating: "x", count: 100_000))
        #expect((lines.first?.utf8.count ?? 0) < StudioLog.longestText + 100)
    }

    @Test func whatLibrariesPrintGoesToTheLog() throws {
        let log = StudioLog(url)
        let before = (Self.identity(1), Self.identity(2))
        log.capture()
        let during = (Self.identity(1), Self.identity(2))
        let noise = "library noise \(UUID().uuidString)\n"
        _ = noise.withCString { write(2, $0, strlen($0)) }
        _ = noise.withCString { write(1, $0, strlen($0)) }
        log.write(.info, "ours")
        log.release()
        #expect(Self.identity(1) == before.0)
        #expect(Self.identity(2) == before.1)
        #expect(during.0 == during.1)
        #expect(during.0 != before.0)
        let own = lines
        // Other tests run beside this one, and what they said belongs on the screen.
        let isOurs = { (line: String) in line + "\n" == noise || line.contains(" info ") }
        for line in own where !isOurs(line) { print(line) }
        #expect(own.count { $0 + "\n" == noise } == 2)
        #expect(own.contains { $0.hasSuffix("the lines above were printed by a library") })
        #expect(own.last?.hasSuffix("ours") == true)
    }

    private static func identity(_ descriptor: Int32) -> [UInt64] {
        FileFacts(descriptor: descriptor).map { [$0.device, $0.inode] } ?? []
    }

    @Test func theEndOfALongLogIsShownFromAWholeLine() throws {
        let log = StudioLog(url)
        for index in 0..<100 { log.write(.info, "number \(index)") }
        let end = LogEffects.tail(of: url, bytes: 300)
        #expect(end.last?.hasSuffix("number 99") == true)
        #expect(end.allSatisfy { $0.contains("number ") })
        #expect(LogEffects.tail(of: folder.url.appendingPathComponent("none")) == [])
    }

    @Test func whatTheUserIsToldIsWrittenAndShown() throws {
        let robot = AppRobot(home: folder.url)
        let log = StudioLog(url)
        robot.core.recorder = LogRecorder(log)
        robot.core.dispatch(.toast(.error, "the disk is full"))
        robot.core.dispatch(.toast(.info, "nothing special"))
        robot.core.dispatch(.model(.changed(.ready(name: "mini", seconds: 0.5))))
        try robot.press("g l")
        try robot.wait(for: "the log") { $0.core.state.overlays.last is TextOverlay }
        #expect(robot.screen.contains("loaded the model mini in 0.5 s"))
        #expect(lines.count { $0.contains("the disk is full") } == 1)
    }

    @Test func anEmptyLogSaysSo() throws {
        let robot = AppRobot(home: folder.url)
        try robot.press("g l")
        try robot.wait(forText: "Nothing has been written")
    }
}

/// News for people who listen.
@Suite struct AppAnnouncerTests {
    private let start = ContinuousClock.now

    @Test func newsWaitForTheirTurn() {
        var announcer = Announcer()
        #expect(announcer.say("one", now: start) == nil)
        #expect(announcer.text == "one")
        let turn = announcer.say("two", now: start.advanced(by: .milliseconds(500)))
        #expect(turn == start.advanced(by: .seconds(2)))
        #expect(announcer.text == "one")
        #expect(announcer.advance(now: start.advanced(by: .seconds(1))) == turn)
        #expect(announcer.advance(now: start.advanced(by: .seconds(2))) == nil)
        #expect(announcer.text == "two")
    }

    @Test func theLatestNewsAreNotLostInAFlood() {
        var announcer = Announcer()
        for index in 0..<20 { _ = announcer.say("\(index)", now: start) }
        var heard = [announcer.text]
        for second in 1...20 {
            _ = announcer.advance(now: start.advanced(by: .seconds(2 * second)))
            if heard.last != announcer.text { heard.append(announcer.text) }
        }
        #expect(heard == ["0", "16", "17", "18", "19"])
        announcer.heard()
        #expect(announcer.text.isEmpty)
    }

    @Test func theStatusLineSpeaksInsteadOfPopups() throws {
        let folder = try TemporaryFolder()
        let robot = AppRobot(home: folder.url)
        robot.core.dispatch(.configuration(.set(key: "ui.screen_reader", value: "on")))
        try robot.wait(for: "the setting") { $0.core.state.settings.isForScreenReader }
        robot.core.dispatch(.toast(.good, "added Mochi"))
        robot.core.dispatch(.toast(.good, "added Rex"))
        #expect(robot.rows.last?.contains("added Mochi") == true)
        #expect(robot.rows.dropLast().allSatisfy { !$0.contains("added") })
        try robot.wait(for: "the second news") { $0.rows.last?.contains("added Rex") == true }
        try robot.press("j")
        #expect(robot.rows.last?.contains("added Rex") == false)
    }

    @Test func nothingTicksForThoseWhoListen() throws {
        let folder = try TemporaryFolder()
        let robot = AppRobot(home: folder.url)
        robot.core.dispatch(
            .task(
                .started(TaskInfo(id: 1, title: "import", startedAt: .now, cancellation: nil))))
        robot.core.dispatch(.task(.progress(id: 1, fraction: 0.42, detail: "")))
        #expect(robot.rows[0].contains("import 42%"))
        robot.core.dispatch(.configuration(.set(key: "ui.screen_reader", value: "on")))
        try robot.wait(for: "the setting") { $0.core.state.settings.isForScreenReader }
        #expect(robot.rows[0].contains("import"))
        #expect(!robot.rows[0].contains("42%"))
    }
}
