import Foundation
import Testing

@testable import TerminalUI

/// A terminal, played by a pseudo-terminal, with ncurses and signals as they are; one at a time,
/// because a process has only one of each.
@Suite(.serialized) struct TerminalTests {
    static let environment = ["TERM": "xterm-256color", "LANG": "C.UTF-8"]

    /// Opens a terminal of 40 × 12 and closes it again.
    func withTerminal(
        environment: [String: String] = Self.environment, answers: [String: String] = [:],
        _ body: (Terminal, PseudoTerminal) throws -> Void
    ) throws {
        let pseudo = try PseudoTerminal(columns: 40, rows: 12, answers: answers)
        defer { pseudo.close() }
        let slave = pseudo.openSlave()
        defer { close(slave) }
        let terminal = try Terminal(environment: environment, input: slave, output: slave)
        defer { terminal.close() }
        try body(terminal, pseudo)
    }

    /// What is on the screen when all that was presented has arrived.
    func screen(_ terminal: Terminal, _ pseudo: PseudoTerminal) -> FakeScreen {
        #expect(pseudo.waits { $0.count >= terminal.bytesWritten })
        return FakeScreen(size: terminal.size, after: pseudo.output)
    }

    func nextEvent(_ terminal: Terminal) -> [TerminalSignal] {
        terminal.wait(until: .now + .seconds(20))
    }

    @Test func framesAppearAndTheScreenComesBack() throws {
        try withTerminal { terminal, pseudo in
            #expect(terminal.size == Size(columns: 40, rows: 12))
            #expect(terminal.colours == 256 && terminal.isUTF8)
            var frame = Frame(size: terminal.size)
            frame.write("Héllo 你好 🦆 end", x: 2, y: 3, style: Style(foreground: .indexed(200)))
            frame.write("corner", x: 34, y: 11)
            frame.cursor = Point(x: 5, y: 6)
            terminal.present(frame)
            let shown = screen(terminal, pseudo)
            #expect((0..<12).map { shown.text(row: $0) } == (0..<12).map { frame.text(row: $0) })
            #expect(shown.cursor == frame.cursor && !shown.hasMargins)
            #expect(shown.unknown == [])
            #expect(shown.modes.isSuperset(of: [25, 1049, 2004, 1004, 1000, 1002, 1006]))
            terminal.close()
            let after = screen(terminal, pseudo)
            #expect(after.lines == Array(repeating: "", count: 12))
            #expect(after.modes == [7, 25])
        }
    }

    @Test func cursorIsHiddenWithoutAPlace() throws {
        try withTerminal { terminal, pseudo in
            terminal.present(Frame(size: terminal.size))
            #expect(!screen(terminal, pseudo).modes.contains(25))
            let written = terminal.bytesWritten
            terminal.present(Frame(size: terminal.size))
            #expect(terminal.bytesWritten == written && terminal.framesPresented == 1)
        }
    }

    @Test func modesAreRawOnlyWhileTheTerminalIsOurs() throws {
        let pseudo = try PseudoTerminal()
        defer { pseudo.close() }
        let slave = pseudo.openSlave()
        defer { close(slave) }
        let before = pseudo.modes
        let terminal = try Terminal(environment: Self.environment, input: slave, output: slave)
        let raw = pseudo.modes
        #expect(raw != before)
        let inside = terminal.withTerminalGivenBack { pseudo.modes }
        #expect(inside == before)
        #expect(pseudo.modes == raw)
        terminal.close()
        terminal.close()
        #expect(pseudo.modes == before)
    }

    /// The whole way through ncurses: text and pictures of any sequence of frames.
    @Test(arguments: 0..<6) func anySequenceOfFramesIsShown(_ seed: Int) throws {
        try withTerminal { terminal, pseudo in
            var numbers = SplitMix(seed: UInt64(seed))
            func pick(_ range: Range<Int>) -> Int {
                range.lowerBound + Int(numbers.next() % UInt64(range.count))
            }
            for step in 0..<25 {
                var frame = Frame(size: terminal.size)
                for y in 0..<12 where pick(0..<2) == 0 {
                    frame.write(
                        ["plain text", "你好 wide", "  x   y  ", "────"][pick(0..<4)],
                        x: pick(0..<36), y: y,
                        style: Style(foreground: .indexed(UInt8(pick(0..<256)))))
                }
                if pick(0..<3) > 0 {
                    let rect = Rect(
                        x: pick(0..<20), y: pick(0..<5), columns: pick(1..<15), rows: pick(1..<6))
                    frame.place(
                        FramePicture(
                            key: "\(rect)", rect: rect,
                            lines: [
                                Array(
                                    "\u{1B}Pq\"1;1;\(rect.columns * 10);\(rect.rows * 20)#0~\u{1B}\\"
                                        .utf8)
                            ]))
                }
                if pick(0..<2) == 0 {
                    frame.fill(
                        Rect(x: pick(0..<30), y: pick(0..<9), columns: 9, rows: 3),
                        style: Style(background: .indexed(4)))
                }
                terminal.present(frame)
                let shown = screen(terminal, pseudo)
                #expect(shown.unknown == [])
                #expect(!shown.movedPictures)
                for y in 0..<12 {
                    try #require(shown.text(row: y) == frame.text(row: y), "step \(step) row \(y)")
                    for x in 0..<40 where frame[x, y].picture < 0 {
                        try #require(shown.picture(x: x, y: y) == nil, "ghost, step \(step)")
                    }
                }
                guard let rect = frame.pictures.first?.rect else { continue }
                let isWhole = (rect.y..<rect.bottom).allSatisfy { y in
                    (rect.x..<rect.right).allSatisfy { frame[$0, y].picture == 0 }
                }
                for y in rect.y..<rect.bottom where isWhole {
                    for x in rect.x..<rect.right {
                        try #require(shown.picture(x: x, y: y) != nil, "hole, step \(step)")
                    }
                }
            }
        }
    }

    @Test func questionsAreAnsweredByEvents() throws {
        let answers = PseudoTerminal.sixelAnswers(columns: 40, rows: 12)
        try withTerminal(answers: answers) { terminal, pseudo in
            terminal.ask(Terminal.probe)
            var signals: [TerminalSignal] = []
            while !signals.contains(where: { $0.isAttributes }) {
                let more = nextEvent(terminal)
                try #require(!more.isEmpty)
                signals += more
            }
            #expect(signals.count == 8)
            #expect(signals.allSatisfy { if case .input(.reply) = $0 { true } else { false } })
            #expect(terminal.synchronizedOutput)
            var frame = Frame(size: terminal.size)
            frame.write("together", x: 0, y: 0)
            terminal.present(frame)
            #expect(pseudo.waits(for: TerminalCommands.endUpdate))
            #expect(pseudo.text.contains(TerminalCommands.beginUpdate))
        }
    }

    @Test func keysTypedWhileATerminalThinksAreKept() throws {
        try withTerminal { terminal, pseudo in
            terminal.ask(Terminal.probe)
            pseudo.type("j\u{1B}[?63;4c")
            pseudo.type("k")
            var events: [TerminalSignal] = []
            while events.count < 3 {
                let more = nextEvent(terminal)
                try #require(!more.isEmpty)
                events += more
            }
            #expect(
                events == [
                    .input(.key(.character("j"))), .input(.reply(.attributes([63, 4]))),
                    .input(.key(.character("k"))),
                ])
        }
    }

    @Test func loneEscapeIsAKey() throws {
        try withTerminal { terminal, pseudo in
            pseudo.type("\u{1B}")
            #expect(nextEvent(terminal) == [.input(.key(Key(.escape)))])
            pseudo.type("\u{1B}[A")
            #expect(nextEvent(terminal) == [.input(.key(Key(.up)))])
        }
    }

    @Test func deadlineEndsTheWait() throws {
        try withTerminal { terminal, _ in
            #expect(terminal.wait(until: .now + .milliseconds(5)) == [])
            #expect(terminal.wait(until: .now - .seconds(1)) == [])
        }
    }

    @Test func manyWakesAreOne() throws {
        try withTerminal { terminal, _ in
            let waker = terminal.waker
            let thread = Thread { for _ in 0..<1000 { waker.wake() } }
            thread.start()
            while !thread.isFinished { usleep(1000) }
            #expect(nextEvent(terminal) == [.woken])
            #expect(terminal.wait(until: .now + .milliseconds(5)) == [])
        }
    }

    @Test func resizeClearsAndDrawsInTheNewSize() throws {
        try withTerminal { terminal, pseudo in
            terminal.present(Frame(size: terminal.size))
            pseudo.resize(columns: 50, rows: 9)
            raise(SIGWINCH)
            #expect(nextEvent(terminal) == [.resized])
            terminal.resize()
            #expect(terminal.size == Size(columns: 50, rows: 9))
            #expect(terminal.pixelSize.map { [$0.width, $0.height] } == [500, 180])
            var frame = Frame(size: terminal.size)
            frame.write("right", x: 45, y: 8)
            terminal.present(frame)
            #expect(screen(terminal, pseudo).text(row: 8) == frame.text(row: 8))
        }
    }

    @Test func anySizeIsBorne() throws {
        try withTerminal { terminal, pseudo in
            for (columns, rows) in [(1, 1), (200, 2), (2, 90), (1, 40), (120, 36), (40, 12)] {
                pseudo.resize(columns: columns, rows: rows)
                // The frame is still of the old size when the signal comes too late.
                terminal.present(Frame(size: terminal.size))
                terminal.resize()
                var frame = Frame(size: terminal.size)
                frame.fill(frame.bounds, style: .plain, with: "x")
                frame.place(
                    FramePicture(
                        key: "a", rect: Rect(x: 0, y: 0, columns: 1, rows: 1),
                        lines: [Array("\u{1B}Pq\"1;1;10;20#0~\u{1B}\\".utf8)]))
                terminal.present(frame)
            }
            let shown = screen(terminal, pseudo)
            #expect(shown.text(row: 0) == " " + String(repeating: "x", count: 39))
            #expect(shown.text(row: 11) == String(repeating: "x", count: 40))
            #expect(shown.picture(x: 0, y: 0) != nil)
        }
    }

    @Test func signalsToEndAreTold() throws {
        try withTerminal { terminal, _ in
            raise(SIGTERM)
            #expect(nextEvent(terminal) == [.terminate(SIGTERM)])
        }
        try withTerminal { terminal, _ in
            raise(SIGHUP)
            raise(SIGHUP)
            #expect(nextEvent(terminal) == [.terminate(SIGHUP)])
        }
    }

    @Test func afterBeingStoppedTheTerminalIsTakenAgain() throws {
        try withTerminal { terminal, pseudo in
            terminal.present(Frame(size: terminal.size))
            // As a shell leaves it.
            pseudo.type("")
            var modes = termios()
            tcgetattr(terminal.descriptor, &modes)
            let raw = pseudo.modes
            modes.c_lflag |= tcflag_t(ECHO | ICANON)
            tcsetattr(terminal.descriptor, TCSANOW, &modes)
            raise(SIGCONT)
            #expect(nextEvent(terminal) == [.continued])
            #expect(pseudo.modes == raw)
        }
    }

    @Test func lostTerminalIsAHangup() throws {
        let pseudo = try PseudoTerminal()
        let slave = pseudo.openSlave()
        defer { close(slave) }
        let terminal = try Terminal(environment: Self.environment, input: slave, output: slave)
        pseudo.close()
        #expect(nextEvent(terminal) == [.hangup])
        #expect(terminal.wait(until: nil) == [.hangup])
        terminal.present(Frame(size: terminal.size))
        terminal.close()
    }

    @Test func clipboardHasALimit() throws {
        try withTerminal { terminal, pseudo in
            #expect(terminal.copyToClipboard("hello"))
            #expect(pseudo.waits(for: "\u{1B}]52;c;aGVsbG8=\u{07}"))
            #expect(!terminal.copyToClipboard(String(repeating: "x", count: 60_000)))
        }
    }

    @Test func terminalsOfFewColoursAndOtherCharacterSets() throws {
        let environment = ["TERM": "vt100", "LANG": "C"]
        try withTerminal(environment: environment) { terminal, pseudo in
            #expect(terminal.colours == 0 && !terminal.isUTF8)
            var frame = Frame(size: terminal.size)
            frame.write("─│ é ● 你 x", x: 0, y: 0, style: Style(foreground: .indexed(99)))
            terminal.present(frame)
            let text =
                pseudo.waits(for: "x") ? FakeScreen(size: terminal.size, after: pseudo.output) : nil
            #expect(text?.lines[0] == "-| ? * ?  x")
        }
    }

    @Test(arguments: ["linux", "vt100", "screen", "tmux-256color", "xterm", "ansi"])
    func typesOfTerminals(_ type: String) throws {
        try withTerminal(environment: ["TERM": type, "LANG": "C.UTF-8"]) { terminal, pseudo in
            var frame = Frame(size: terminal.size)
            frame.write("left", x: 0, y: 0, style: Style(foreground: .indexed(9)))
            frame.write("right", x: 35, y: 11, style: Style(background: .indexed(99)))
            terminal.present(frame)
            frame.write("middle", x: 10, y: 5)
            terminal.present(frame)
            let shown = screen(terminal, pseudo)
            #expect((0..<12).map { shown.text(row: $0) } == (0..<12).map { frame.text(row: $0) })
        }
    }

    @Test func whatIsWrongIsSaidInOneSentence() throws {
        let pseudo = try PseudoTerminal()
        defer { pseudo.close() }
        let slave = pseudo.openSlave()
        defer { close(slave) }
        func failure(_ type: String?, _ input: Int32, _ output: Int32) -> TerminalOpenError? {
            do {
                let environment = type.map { ["TERM": $0] } ?? [:]
                try Terminal(environment: environment, input: input, output: output).close()
                return nil
            } catch { return error }
        }
        let file = open("/dev/null", O_RDWR)
        defer { close(file) }
        #expect(failure("xterm", file, slave) == .notATerminal("Standard input"))
        #expect(failure("xterm", slave, file) == .notATerminal("Standard output"))
        #expect(failure(nil, slave, slave) == .noType)
        #expect(failure("dumb", slave, slave) == .dumb)
        #expect(failure("no-such-terminal", slave, slave) == .unknownType("no-such-terminal"))
        #expect(failure("xterm", slave, slave) == nil)
    }
}

extension TerminalSignal {
    fileprivate var isAttributes: Bool {
        if case .input(.reply(.attributes)) = self { true } else { false }
    }
}
