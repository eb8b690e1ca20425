import Foundation
import Synchronization

/// A pseudo-terminal whose other end is read at once by a thread, as a real terminal would, and
/// which may answer questions.
final class PseudoTerminal: Sendable {
    struct Failure: Error {
        let what: String
        let number = errno
    }

    /// What it answers to which question, as xterm with sixel does (cells of 10 × 20).
    static func sixelAnswers(columns: Int, rows: Int) -> [String: String] {
        [
            "\u{1B}]11;?\u{1B}\\": "\u{1B}]11;rgb:1010/1414/1818\u{1B}\\",
            "\u{1B}[>0q": "\u{1B}P>|XTerm(379)\u{1B}\\",
            "\u{1B}[?1;1;0S": "\u{1B}[?1;0;1024S",
            "\u{1B}[?2;1;0S": "\u{1B}[?2;0;\(columns * 10);\(rows * 20)S",
            "\u{1B}[?2;4;0S": "\u{1B}[?2;0;4096;4096S",
            "\u{1B}[16t": "\u{1B}[6;20;10t",
            "\u{1B}[?2026$p": "\u{1B}[?2026;2$y",
            "\u{1B}[c": "\u{1B}[?63;1;2;4;6;9;15;16;22;28c",
        ]
    }

    /// The end of whoever plays the terminal.
    let master: Int32
    /// The file that programs open.
    let path: String
    /// Kept open, so that reading goes on after a program has ended.
    private let kept: Int32
    private let answers: [(question: [UInt8], answer: [UInt8])]
    private let received = Mutex<[UInt8]>([])
    private let isClosed = Atomic(false)
    private let reader = DispatchSemaphore(value: 0)

    /// A terminal of this size that answers these questions.
    init(columns: Int = 80, rows: Int = 24, answers: [String: String] = [:]) throws {
        // What posix_openpt, unlockpt and ptsname do, which Swift cannot import.
        master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var locked: Int32 = 0
        var number: Int32 = 0
        let (unlock, numberOf): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
        guard master >= 0, ioctl(master, unlock, &locked) == 0,
            ioctl(master, numberOf, &number) == 0
        else { throw Failure(what: "/dev/ptmx") }
        path = "/dev/pts/\(number)"
        kept = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard kept >= 0 else { throw Failure(what: path) }
        self.answers = answers.map { (Array($0.key.utf8), Array($0.value.utf8)) }
        resize(columns: columns, rows: rows)
        Thread.detachNewThread { self.readOn() }
    }

    /// Ends the reading; the terminal is gone for whoever still uses it.
    func close() {
        guard !isClosed.exchange(true, ordering: .sequentiallyConsistent) else { return }
        reader.wait()
        Foundation.close(kept)
        Foundation.close(master)
    }

    /// Everything that was written to the terminal.
    var output: [UInt8] { received.withLock { $0 } }

    /// The same, as text.
    var text: String { String(decoding: output, as: UTF8.self) }

    /// Types on the keyboard, or sends a reply.
    func type(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Foundation.write(master, bytes, bytes.count)
    }

    /// Waits until the output fulfils a condition, as long as a very slow machine may need; false
    /// when it never did.
    func waits(_ condition: ([UInt8]) -> Bool) -> Bool {
        for _ in 0..<2000 {
            if condition(output) { return true }
            usleep(10_000)
        }
        return false
    }

    /// Waits until the output contains a text.
    func waits(for text: String) -> Bool {
        let wanted = Array(text.utf8)
        return waits { $0.contains(wanted) }
    }

    /// Gives the window another size; the program in front gets SIGWINCH.
    func resize(columns: Int, rows: Int) {
        var window = winsize(
            ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: UInt16(columns * 10),
            ws_ypixel: UInt16(rows * 20))
        _ = ioctl(master, UInt(TIOCSWINSZ), &window)
    }

    /// The modes of the line in the words of `stty`, for comparing.
    var modes: [UInt64] {
        var modes = termios()
        guard tcgetattr(kept, &modes) == 0 else { return [] }
        return [modes.c_iflag, modes.c_oflag, modes.c_cflag, modes.c_lflag].map(UInt64.init)
            + withUnsafeBytes(of: modes.c_cc) { $0.map(UInt64.init) }
    }

    /// The terminal for a use inside this process.
    func openSlave() -> Int32 { open(path, O_RDWR | O_NOCTTY | O_CLOEXEC) }

    /// Starts a program that has this as its controlling terminal and standard input, output and
    /// error.
    func spawn(_ arguments: [String], environment: [String: String]) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        // The first terminal that the leader of a session opens becomes its controlling one.
        posix_spawn_file_actions_addopen(&actions, 0, path, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        let setsid: Int16 = 0x80
        posix_spawnattr_setflags(
            &attributes, setsid | Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))
        var words = arguments.map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (words + variables).forEach { free($0) } }
        var process: pid_t = 0
        let error = posix_spawnp(&process, arguments[0], &actions, &attributes, &words, &variables)
        guard error == 0 else { throw Failure(what: arguments[0]) }
        return process
    }

    /// Waits for the end of a program; its exit status, 128 and the signal that ended it, or `nil`
    /// when it did not end.
    static func status(of process: pid_t) -> Int32? {
        for _ in 0..<2000 {
            var status: Int32 = 0
            if waitpid(process, &status, WNOHANG) == process {
                return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
            }
            usleep(10_000)
        }
        return nil
    }

    private func readOn() {
        defer { reader.signal() }
        var buffer = [UInt8](repeating: 0, count: 65536)
        var asked: [UInt8] = []
        while !isClosed.load(ordering: .sequentiallyConsistent) {
            var wanted = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
            guard poll(&wanted, 1, 20) > 0 else { continue }
            let count = read(master, &buffer, buffer.count)
            guard count > 0 else { continue }
            received.withLock { $0 += buffer[..<count] }
            guard !answers.isEmpty else { continue }
            asked += buffer[..<count]
            answer(&asked)
        }
    }

    /// Answers in the order of the questions, each once.
    private func answer(_ asked: inout [UInt8]) {
        while true {
            let first = answers.compactMap { pair in
                asked.firstRange(of: pair.question).map { ($0, pair.answer) }
            }.min { $0.0.lowerBound < $1.0.lowerBound }
            guard let (range, answer) = first else { break }
            asked.removeFirst(range.upperBound)
            _ = Foundation.write(master, answer, answer.count)
        }
        // A question may be cut in two.
        if asked.count > 4096 { asked.removeFirst(asked.count - 64) }
    }
}
