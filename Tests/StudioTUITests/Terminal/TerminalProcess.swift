import Foundation
import Testing

/// The real program in a pseudo-terminal, with a fake terminal at the other end.
final class TerminalProcess {
    /// How the fake terminal answers questions.
    enum Answers {
        /// Like xterm with sixel.
        case sixel
        /// Like Debian's plain xterm.
        case plain
        /// Never.
        case silent
        /// All of them, this long after they were asked.
        case late(Double)
        /// Byte by byte, with these keys typed in between.
        case mixed(String)
    }

    let process: pid_t
    let master: Int32
    /// What `stty -a` showed before the program began.
    private(set) var settingsBefore: [UInt8] = []
    private(set) var screen: FakeScreen
    /// Everything the program wrote.
    private(set) var output: [UInt8] = []
    private let answers: Answers
    private var due: [(at: Date, bytes: [UInt8])] = []
    private var status: Int32?

    static let patience = 180.0

    // TIOCSPTLCK and TIOCGPTN: what unlockpt and ptsname do, which Swift does not see.
    private static let unlockTerminal = UInt(0x4004_5431)
    private static let terminalNumber = UInt(0x8004_5430)
    /// POSIX_SPAWN_SETSID.
    private static let newSession: Int16 = 0x80

    /// The program, which lies beside the test bundle.
    static let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appendingPathComponent("studio").path

    init(
        home: URL, answers: Answers = .plain, columns: Int = 100, rows: Int = 30,
        environment: [String: String] = [:]
    ) throws {
        self.answers = answers
        screen = FakeScreen(columns: columns, rows: rows)
        master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        try #require(master >= 0)
        var lock: Int32 = 0
        var number: Int32 = 0
        try #require(ioctl(master, Self.unlockTerminal, &lock) == 0)
        try #require(ioctl(master, Self.terminalNumber, &number) == 0)
        let name = "/dev/pts/\(number)"
        Self.setSize(master, columns, rows)
        var all = [
            "TERM": "xterm-256color", "LANG": "C.UTF-8", "STUDIO_HOME": home.path,
            "HOME": home.path, "STUDIO_SAMPLES": TestStudio.samples, "PATH": "/usr/bin:/bin",
            // Its report after a crash takes longer than the tests do.
            "SWIFT_BACKTRACE": "enable=no",
        ]
        all.merge(environment) { _, new in new }
        settingsBefore = Self.settings(master)
        process = try Self.spawn(name, all)
    }

    deinit {
        if status == nil {
            kill(process, SIGKILL)
            waitpid(process, nil, 0)
        }
        close(master)
    }

    private static func spawn(_ tty: String, _ environment: [String: String]) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, tty, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, 0, 1)
        posix_spawn_file_actions_adddup2(&actions, 0, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A session of its own, whose first opened terminal becomes its controlling one.
        // What the test runner blocks or ignores is not meant for the program.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        let flags = newSession | Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF)
        posix_spawnattr_setflags(&attributes, flags)
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup(program), nil]
        var variables: [UnsafeMutablePointer<CChar>?] =
            environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (arguments + variables).forEach { free($0) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, program, &actions, &attributes, &arguments, &variables)
        try #require(
            code == 0, "the program could not be started: \(String(cString: strerror(code)))")
        return process
    }

    private static func setSize(_ descriptor: Int32, _ columns: Int, _ rows: Int) {
        var size = winsize(
            ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: UInt16(columns * 8),
            ws_ypixel: UInt16(rows * 17))
        _ = ioctl(descriptor, UInt(TIOCSWINSZ), &size)
    }

    /// What `stty -a` shows.
    var lineSettings: [UInt8] { Self.settings(master) }

    private static func settings(_ descriptor: Int32) -> [UInt8] {
        var settings = termios()
        tcgetattr(descriptor, &settings)
        return [
            settings.c_iflag, settings.c_oflag, settings.c_cflag, settings.c_lflag,
        ].flatMap { flag in (0..<4).map { UInt8(truncatingIfNeeded: flag >> ($0 * 8)) } }
    }

    func resize(columns: Int, rows: Int) {
        Self.setSize(master, columns, rows)
        screen.resize(columns: columns, rows: rows)
    }

    func send(_ text: String) { send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) {
        _ = bytes.withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
    }

    func signal(_ number: Int32) { kill(process, number) }

    /// Reads what the program writes until a condition holds.
    func wait(
        for what: String, _ location: SourceLocation = #_sourceLocation,
        until holds: (TerminalProcess) -> Bool
    ) throws {
        let end = Date().addingTimeInterval(Self.patience)
        while !holds(self) {
            guard Date() < end else {
                Issue.record(
                    "waited in vain for \(what):\n\(screen.text)", sourceLocation: location)
                throw RobotGaveUp()
            }
            pump(0.05)
        }
    }

    func wait(forText text: String, _ location: SourceLocation = #_sourceLocation) throws {
        try wait(for: "\"\(text)\"", location) { $0.screen.text.contains(text) }
    }

    /// Reads until the program has been silent for a while.
    func settle(_ silence: Double = 0.25) { while pump(silence) {} }

    /// Waits for the end of the program; its exit code, or minus the signal that ended it.
    func end(_ location: SourceLocation = #_sourceLocation) throws -> Int32 {
        let end = Date().addingTimeInterval(Self.patience)
        while status == nil {
            pump(0.02)
            var raw: Int32 = 0
            if waitpid(process, &raw, WNOHANG) == process { status = raw }
            guard Date() < end else {
                Issue.record("the program does not end:\n\(screen.text)", sourceLocation: location)
                throw RobotGaveUp()
            }
        }
        while pump(0.02) {}
        let raw = status ?? 0
        return raw & 0x7F == 0 ? (raw >> 8) & 0xFF : -(raw & 0x7F)
    }

    /// Reads for at most so long; whether anything came.
    @discardableResult
    func pump(_ seconds: Double) -> Bool {
        answerWhatIsDue()
        var request = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        guard poll(&request, 1, Int32(seconds * 1000)) > 0, request.revents & Int16(POLLIN) != 0
        else { return false }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = read(master, &buffer, buffer.count)
        guard count > 0 else { return false }
        output += buffer[..<count]
        screen.feed(buffer[..<count])
        for question in screen.takeQuestions() { answer(question) }
        return true
    }

    private func answer(_ question: String) {
        switch answers {
        case .silent: return
        case .sixel: if let reply = Self.reply(question, sixel: true) { send(reply) }
        case .plain: if let reply = Self.reply(question, sixel: false) { send(reply) }
        case .late(let delay):
            if let reply = Self.reply(question, sixel: true) {
                due.append((Date().addingTimeInterval(delay), Array(reply.utf8)))
            }
        case .mixed(let keys):
            guard let reply = Self.reply(question, sixel: true) else { return }
            for byte in reply.utf8 {
                send([byte])
                usleep(300)
            }
            if question == "c" { send(keys) }
        }
    }

    private func answerWhatIsDue() {
        for (_, bytes) in due.filter({ $0.at <= Date() }) { send(bytes) }
        due.removeAll { $0.at <= Date() }
    }

    private static func reply(_ question: String, sixel: Bool) -> String? {
        switch question {
        case "c": sixel ? "\u{1B}[?63;1;2;4;6;9;15;16;22;28c" : "\u{1B}[?64;1;2;6;9;15;22;28c"
        case ">q": "\u{1B}P>|XTerm(379)\u{1B}\\"
        case "?1;1S": sixel ? "\u{1B}[?1;0;256S" : "\u{1B}[?1;3S"
        case "?2;1S": sixel ? "\u{1B}[?2;0;800;510S" : "\u{1B}[?2;3S"
        case "?2;4S": sixel ? "\u{1B}[?2;0;1000;1000S" : "\u{1B}[?2;3S"
        case "?2026$p": "\u{1B}[?2026;0$y"
        case "]11": "\u{1B}]11;rgb:1010/1414/1818\u{1B}\\"
        default: nil
        }
    }
}
