import Foundation
import Testing

@testable import StudioTUI

/// The whole program in a pseudo-terminal.
@Suite(.serialized) struct AppTerminalTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A library with a few of the sample concepts.
    private func fill(_ count: Int = 3) throws {
        let samples = URL(fileURLWithPath: TestStudio.samples).appendingPathComponent("concepts")
        let files = try FileManager.default.contentsOfDirectory(atPath: samples.path)
            .filter { $0.hasSuffix(".png") || $0.hasSuffix(".jpg") || $0.hasSuffix(".webp") }
            .sorted().prefix(count)
        var studio = try TestStudio()
        studio.environment["STUDIO_HOME"] = folder.url.path
        for (index, file) in files.enumerated() {
            let path = samples.appendingPathComponent(file).path
            #expect(studio.run("concept", "add", "Thing \(index + 1)", path).exit == .done)
        }
    }

    @Test func leavesTheTerminalAsItWas() throws {
        let app = try TerminalProcess(home: folder.url)
        let before = app.settingsBefore
        try app.wait(forText: "1 Concepts")
        #expect(app.lineSettings != before)
        #expect(app.screen.modes.isSuperset(of: [1049, 2004, 1006]))
        app.send("q")
        #expect(try app.end() == 0)
        #expect(app.lineSettings == before)
        #expect(app.screen.modes == [25])
        #expect(app.screen.scrolls == 0)
    }

    @Test(arguments: [SIGTERM, SIGHUP, SIGINT])
    func givesTheTerminalBackWhenAskedToEnd(_ number: Int32) throws {
        let app = try TerminalProcess(home: folder.url)
        let before = app.settingsBefore
        try app.wait(forText: "1 Concepts")
        app.signal(number)
        _ = try app.end()
        #expect(app.lineSettings == before)
        #expect(app.screen.modes == [25])
    }

    /// What a crash of ours, a Swift trap or a broken library would do.
    @Test(arguments: [SIGSEGV, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE])
    func givesTheTerminalBackWhenItCrashes(_ number: Int32) throws {
        let app = try TerminalProcess(home: folder.url)
        let before = app.settingsBefore
        try app.wait(forText: "1 Concepts")
        app.signal(number)
        #expect(try app.end() == -number)
        #expect(app.lineSettings == before)
        #expect(app.screen.modes == [25])
    }

    @Test func aTerminalWithoutAnswersIsGoodEnough() throws {
        let app = try TerminalProcess(home: folder.url, answers: .silent)
        try app.wait(forText: "1 Concepts")
        app.send("5")
        try app.wait(forText: "[5 History]")
        app.send("q")
        #expect(try app.end() == 0)
    }

    @Test func sixelIsFoundAndUsed() throws {
        try fill()
        let app = try TerminalProcess(home: folder.url, answers: .sixel)
        try app.wait(for: "a picture") { !$0.screen.placements.isEmpty }
        try app.wait(forText: "sixel")
        for placement in app.screen.placements {
            #expect(placement.row < app.screen.rows - 1 && placement.column < app.screen.columns)
        }
        #expect(app.screen.scrolls == 0)
        app.send("q")
        #expect(try app.end() == 0)
    }

    /// An answer that comes when everything is drawn already still brings pictures, and no keys.
    @Test func lateAnswersBringPicturesAndNoKeys() throws {
        try fill()
        let app = try TerminalProcess(home: folder.url, answers: .late(1.2))
        try app.wait(forText: "Thing 1")
        try app.wait(for: "a picture") { !$0.screen.placements.isEmpty }
        #expect(app.screen.text.contains("[1 Concepts]"))
        app.send("q")
        #expect(try app.end() == 0)
    }

    @Test func answersMixedWithKeysAreToldApart() throws {
        try fill()
        let app = try TerminalProcess(home: folder.url, answers: .mixed("7"))
        try app.wait(forText: "[7 Settings]")
        app.send("1")
        try app.wait(for: "a picture") { !$0.screen.placements.isEmpty }
        app.send("q")
        #expect(try app.end() == 0)
    }

    @Test func aPlainTerminalGetsNoSixel() throws {
        try fill()
        let app = try TerminalProcess(home: folder.url, answers: .plain)
        try app.wait(forText: "Thing 1")
        app.settle()
        #expect(app.screen.placements.isEmpty)
        app.send("q")
        #expect(try app.end() == 0)
    }

    @Test func resizingWildlyIsSurvived() throws {
        try fill()
        let app = try TerminalProcess(home: folder.url, answers: .sixel)
        try app.wait(forText: "Thing 1")
        var random = SystemRandomNumberGenerator()
        for _ in 0..<40 {
            app.resize(
                columns: Int.random(in: 5...210, using: &random),
                rows: Int.random(in: 2...60, using: &random))
            app.pump(0.01)
        }
        app.resize(columns: 52, rows: 14)
        try app.wait(forText: "have 52x14")
        app.resize(columns: 100, rows: 30)
        try app.wait(forText: "[1 Concepts]")
        try app.wait(forText: "Thing 1")
        app.send("q")
        #expect(try app.end() == 0)
    }

    @Test func aPasteIsNotTyped() throws {
        let app = try TerminalProcess(home: folder.url)
        try app.wait(forText: "1 Concepts")
        app.send("\u{1B}[200~qqq6\u{1B}[201~")
        app.settle()
        #expect(app.screen.text.contains("[1 Concepts]"))
        app.send("\u{1B}")
        app.settle()
        app.send("\u{1B}")
        app.settle()
        app.send("q")
        #expect(try app.end() == 0)
    }

    @Test func suspendsAndComesBack() throws {
        let app = try TerminalProcess(home: folder.url)
        let before = app.settingsBefore
        try app.wait(forText: "1 Concepts")
        app.send([0x1A])
        try app.wait(for: "the terminal to be given back") {
            $0.screen.modes == [25] && $0.lineSettings == before
        }
        app.signal(SIGCONT)
        try app.wait(for: "the app to be back") { $0.screen.modes.contains(1049) }
        app.send("5")
        try app.wait(forText: "[5 History]")
        app.send("q")
        #expect(try app.end() == 0)
        #expect(app.lineSettings == before)
    }

    @Test(arguments: [
        ("dumb", "plain"), ("no-such-terminal", "xterm-256color"), ("", "xterm-256color"),
    ])
    func unusableTerminalsAreExplained(_ type: String, _ advice: String) throws {
        let app = try TerminalProcess(home: folder.url, environment: ["TERM": type])
        #expect(try app.end() != 0)
        #expect(String(decoding: app.output, as: UTF8.self).contains(advice))
    }

    @Test(arguments: ["xterm", "linux", "vt100", "screen", "tmux-256color"])
    func otherTerminalsWork(_ type: String) throws {
        let app = try TerminalProcess(
            home: folder.url, environment: ["TERM": type, "NO_COLOR": "1"])
        try app.wait(forText: "1 Concepts")
        app.send("?")
        try app.wait(forText: "Help")
        app.send("\u{1B}")
        app.settle()
        app.send("q")
        #expect(try app.end() == 0)
    }
}
