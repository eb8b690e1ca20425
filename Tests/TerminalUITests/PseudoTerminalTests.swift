import Foundation
import Testing

/// The tools of the other tests, tried on a shell.
@Suite struct PseudoTerminalTests {
    @Test func programHasItAsItsControllingTerminal() throws {
        let pseudo = try PseudoTerminal(columns: 91, rows: 17)
        defer { pseudo.close() }
        let script = "stty size </dev/tty; test -t 0 && test -t 1 && test -t 2 && echo all; exit 3"
        let process = try pseudo.spawn(
            ["/bin/sh", "-c", script], environment: ["PATH": "/usr/bin:/bin"])
        #expect(PseudoTerminal.status(of: process) == 3)
        #expect(pseudo.waits(for: "17 91\r\nall\r\n"))
    }

    @Test func programInFrontIsToldOfTheSizeAndOfTheEnd() throws {
        let pseudo = try PseudoTerminal(columns: 91, rows: 17)
        defer { pseudo.close() }
        let script = "trap 'stty size' WINCH; echo ready; while :; do sleep 0.05; done"
        let process = try pseudo.spawn(
            ["/bin/sh", "-c", script], environment: ["PATH": "/usr/bin:/bin"])
        #expect(pseudo.waits(for: "ready"))
        pseudo.resize(columns: 50, rows: 9)
        #expect(pseudo.waits(for: "9 50"))
        pseudo.type("\u{03}")
        #expect(PseudoTerminal.status(of: process) == 128 + SIGINT)
    }

    @Test func questionsAreAnsweredInTheirOrder() throws {
        let pseudo = try PseudoTerminal(answers: ["one": "1", "two": "2"])
        defer { pseudo.close() }
        let script = "stty raw -echo; printf 'two one one'; head -c 3"
        let process = try pseudo.spawn(
            ["/bin/sh", "-c", script], environment: ["PATH": "/usr/bin:/bin"])
        #expect(PseudoTerminal.status(of: process) == 0)
        #expect(pseudo.waits(for: "two one one211"))
    }
}
