import Foundation
import Testing

@testable import TerminalUI

/// However the process ends, the terminal is as it was before: its modes, its screen, its cursor.
@Suite(.serialized) struct TerminalEndTests {
    enum End: String, CaseIterable, Codable {
        case segmentationFault, busError, trap, abort, badSystemCall, floatingPoint
        case exit, twoTerminates, terminateThenInterrupt, stackOverflow, trapInAnotherThread

        var expected: ExitTest.Condition {
            switch self {
            case .segmentationFault, .stackOverflow: .signal(SIGSEGV)
            case .busError: .signal(SIGBUS)
            case .trap, .trapInAnotherThread: .signal(SIGILL)
            case .abort: .signal(SIGABRT)
            case .badSystemCall: .signal(SIGSYS)
            case .floatingPoint: .signal(SIGFPE)
            case .exit: .exitCode(7)
            case .twoTerminates: .signal(SIGTERM)
            case .terminateThenInterrupt: .signal(SIGINT)
            }
        }

        /// Ends the process.
        func happen() {
            switch self {
            case .segmentationFault: raise(SIGSEGV)
            case .busError: raise(SIGBUS)
            case .trap: TerminalEndTests.trap()
            case .abort: Foundation.abort()
            case .badSystemCall: raise(SIGSYS)
            case .floatingPoint: raise(SIGFPE)
            case .exit: Foundation.exit(7)
            case .twoTerminates:
                raise(SIGTERM)
                raise(SIGTERM)
            case .terminateThenInterrupt:
                raise(SIGTERM)
                raise(SIGINT)
            case .stackOverflow: _ = TerminalEndTests.depth(1)
            case .trapInAnotherThread:
                Thread.detachNewThread { TerminalEndTests.trap() }
                sleep(20)
            }
        }
    }

    @Test(arguments: End.allCases) func terminalIsGivenBack(_ end: End) async throws {
        let pseudo = try PseudoTerminal(columns: 40, rows: 12)
        defer { pseudo.close() }
        let before = pseudo.modes
        let path = pseudo.path
        await #expect(processExitsWith: end.expected) { [path = path as String, end = end as End] in
            let slave = open(path, O_RDWR | O_NOCTTY)
            let terminal = try Terminal(
                environment: ["TERM": "xterm-256color", "LANG": "C.UTF-8"], input: slave,
                output: slave)
            // Where the program prints is its own affair, and may be a log by now.
            dup2(open("/dev/null", O_RDWR), slave)
            var frame = Frame(size: terminal.size)
            frame.write("hello", x: 0, y: 0)
            terminal.present(frame)
            // The end comes in the middle of a picture, which would swallow all that follows.
            terminal.write("\u{1B}Pq#0~~".utf8)
            end.happen()
        }
        #expect(pseudo.waits(for: "\u{1B}[?1049l"))
        #expect(pseudo.modes == before)
        let screen = FakeScreen(size: Size(columns: 40, rows: 12), after: pseudo.output)
        #expect(screen.modes == [7, 25])
        #expect(screen.lines == Array(repeating: "", count: 12))
        #expect(screen.unknown == [])
    }

    @Test func restoringTextEndsAllThatIsSwitchedOn() throws {
        let size = Size(columns: 4, rows: 4)
        let entered = FakeScreen(
            size: size, after: Array("\u{1B}[?1049h\(TerminalCommands.entering)".utf8))
        #expect(entered.modes == [7, 25, 1049, 1000, 1002, 1004, 1006, 2004])
        let left = FakeScreen(
            size: size,
            after: Array(
                ("\u{1B}[?1049h" + TerminalCommands.entering + TerminalCommands.beginUpdate
                    + "\u{1B}[?25l" + ProcessSignals.restoringText).utf8))
        #expect(left.modes == [7, 25])
    }

    static func trap() {
        let empty: [Int] = []
        let index = Int(getpid())
        print(empty[index])
    }

    static func depth(_ value: Int) -> Int {
        // Not a loop in disguise: each level needs the one below.
        withUnsafeTemporaryAllocation(of: Int.self, capacity: 1024) { memory in
            memory.initialize(repeating: value)
            return depth(value + 1) + memory[value % 1024]
        }
    }
}
