import Foundation
import Synchronization

/// Asks the terminal what it can do.
///
/// The terminal is put into raw mode for the question, so that the answer is neither echoed nor
/// left in the shell's input, and is always put back.
enum TerminalProbe {
    /// Terminals answer within milliseconds; over ssh the way is longer.
    static func patience(_ environment: [String: String]) -> Double {
        environment["SSH_CONNECTION"] == nil ? 0.25 : 1.2
    }

    /// What the controlling terminal answers within the time; `nil` when there is nobody to ask.
    static func ask(environment: [String: String]) -> TerminalReport? {
        let terminal = environment["TERM"] ?? ""
        guard !["", "dumb", "linux"].contains(terminal) else { return nil }
        let descriptor = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        // A background job that touched the terminal's modes would be stopped.
        guard tcgetpgrp(descriptor) == getpgrp() else { return nil }
        guard let saved = RawMode.enter(descriptor) else { return nil }
        let bytes = exchange(descriptor, seconds: patience(environment))
        let complete = TerminalReport.isComplete(bytes)
        if complete {
            RawMode.leave(descriptor, saved)
        } else {
            // A late answer may still come; it must be neither echoed nor left for the shell.
            RawMode.muteUntilTheEnd(descriptor, saved)
        }
        return TerminalReport(parsing: bytes)
    }

    private static func exchange(_ descriptor: Int32, seconds: Double) -> [UInt8] {
        let question = Array(TerminalReport.questions.utf8)
        guard write(descriptor, question, question.count) == question.count else { return [] }
        let end = Date().addingTimeInterval(seconds)
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 512)
        while !TerminalReport.isComplete(bytes), bytes.count < 8192 {
            let left = Int32(end.timeIntervalSinceNow * 1000)
            var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard left > 0, poll(&request, 1, left) > 0 else { break }
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return bytes
    }
}

/// Modes of the controlling terminal, with the way back kept for every kind of end.
enum RawMode {
    private static let saved = Mutex<termios?>(nil)

    /// No echo, no line editing, but Ctrl-C stays a signal; returns the modes before.
    static func enter(_ descriptor: Int32) -> termios? {
        var modes = termios()
        guard tcgetattr(descriptor, &modes) == 0 else { return nil }
        let before = modes
        modes.c_lflag &= ~tcflag_t(ICANON | ECHO)
        withUnsafeMutableBytes(of: &modes.c_cc) { bytes in
            bytes[Int(VMIN)] = 0
            bytes[Int(VTIME)] = 0
        }
        saved.withLock { $0 = before }
        guard tcsetattr(descriptor, TCSANOW, &modes) == 0 else { return nil }
        return before
    }

    /// Puts the modes back.
    static func leave(_ descriptor: Int32, _ modes: termios) {
        var modes = modes
        tcsetattr(descriptor, TCSANOW, &modes)
        saved.withLock { $0 = nil }
    }

    /// Puts the modes back but for the echo, which `restore` brings back.
    static func muteUntilTheEnd(_ descriptor: Int32, _ modes: termios) {
        var muted = modes
        muted.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(descriptor, TCSANOW, &muted)
    }

    /// Makes the terminal fit for the shell again, whatever state it is in, and throws away an
    /// answer that came too late.
    static func restore() {
        guard var modes = saved.withLock({ $0 }) else { return }
        let descriptor = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        guard tcgetpgrp(descriptor) == getpgrp() else { return }
        tcsetattr(descriptor, TCSAFLUSH, &modes)
        saved.withLock { $0 = nil }
    }
}
