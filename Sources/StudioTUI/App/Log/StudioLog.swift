import Foundation
import ImageCodecs
import Synchronization
import TerminalUI

/// What the studio and the libraries under it have to say while the screen is not theirs to write
/// on: `studio.log`, of which one older file is kept.
///
/// The file itself stands in for standard output and error, not a pipe with a reader: so the last
/// words of a process that crashes are in it too. Lines of libraries have no time of their own; the
/// next line of ours says when they were noticed.
final class StudioLog: Sendable {
    private struct State {
        var descriptor: Int32 = -1
        var level: LogLevel
        /// The size after our last line; more was written by others.
        var size = 0
        /// What standard output and error were before.
        var kept: [(number: Int32, copy: Int32)] = []
    }

    let url: URL
    private let limit: Int
    private let state: Mutex<State>

    /// The most a log grows to before it becomes the old one.
    static let standardLimit = 1 << 20
    /// Longer texts are cut; they would fill the log by themselves.
    static let longestText = 4000

    /// The log of a home, which makes its folder when something is written.
    static func url(in home: StudioHome) -> URL {
        home.state.appendingPathComponent("log", isDirectory: true)
            .appendingPathComponent("studio.log")
    }

    /// Where the log goes when it is full.
    static func old(_ url: URL) -> URL { url.appendingPathExtension("old") }

    init(_ url: URL, level: LogLevel = .info, limit: Int = StudioLog.standardLimit) {
        self.url = url
        self.limit = limit
        state = Mutex(State(level: level))
    }

    deinit {
        release()
        state.withLock { if $0.descriptor >= 0 { close($0.descriptor) } }
    }

    /// How much is written from now on.
    func set(level: LogLevel) {
        state.withLock { state in
            guard state.level != level else { return }
            state.level = level
            if !state.kept.isEmpty { redirect(&state) }
        }
    }

    /// Writes one line, unless less than this is wanted.
    ///
    /// Nothing happens when it cannot be written: there is nowhere to say so.
    func write(_ level: LogLevel, _ text: String) {
        state.withLock { state in
            guard level.isWanted(at: state.level) else { return }
            keepBounded(&state)
            append(level, text, &state)
        }
    }

    /// Looks whether libraries have written much, and starts a new file if so.
    func keepBounded() {
        state.withLock { state in if state.level != .off { keepBounded(&state) } }
    }

    // MARK: - Standard output and error

    /// Sends what anybody prints from now on to the log instead of the screen.
    ///
    /// The terminal must be written to through a descriptor of its own.
    func capture() {
        state.withLock { state in
            guard state.kept.isEmpty else { return }
            fflush(nil)
            for number in [STDOUT_FILENO, STDERR_FILENO] {
                let copy = fcntl(number, F_DUPFD_CLOEXEC, 10)
                if copy >= 0 { state.kept.append((number, copy)) }
            }
            redirect(&state)
        }
    }

    /// Gives standard output and error back.
    func release() {
        state.withLock { state in
            fflush(nil)
            for (number, copy) in state.kept {
                dup2(copy, number)
                close(copy)
            }
            state.kept = []
        }
    }

    private func redirect(_ state: inout State) {
        if state.level != .off { openFile(&state) }
        var target = state.level == .off ? -1 : state.descriptor
        let nowhere = target < 0 ? open("/dev/null", O_WRONLY | O_CLOEXEC) : -1
        if target < 0 { target = nowhere }
        guard target >= 0 else { return }
        for (number, _) in state.kept { dup2(target, number) }
        if nowhere >= 0 { close(nowhere) }
    }

    // MARK: - The file

    private func openFile(_ state: inout State) {
        guard state.descriptor < 0 else { return }
        try? FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        // Others must not read what people ask and whom they know.
        state.descriptor = open(
            url.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
        state.size = Self.facts(state.descriptor)?.size ?? 0
    }

    private func append(_ level: LogLevel, _ text: String, _ state: inout State) {
        let short = text.count > Self.longestText ? text.prefix(Self.longestText) + "…" : text[...]
        let safe = TerminalText.sanitized(String(short))
        let line = "\(Self.time()) \(TerminalText.padded(level.rawValue, to: 7)) \(safe)\n"
        let bytes = Array(line.utf8)
        _ = bytes.withUnsafeBytes { Foundation.write(state.descriptor, $0.baseAddress, $0.count) }
        state.size = Self.facts(state.descriptor)?.size ?? state.size
    }

    private func keepBounded(_ state: inout State) {
        openFile(&state)
        guard let facts = Self.facts(state.descriptor) else { return }
        if !state.kept.isEmpty, facts.size > state.size {
            append(.info, "the lines above were printed by a library", &state)
        }
        guard facts.size >= limit else { return }
        // Another studio may have begun a new file already.
        if FileFacts(url.path)?.inode == facts.inode {
            rename(url.path, Self.old(url).path)
        }
        close(state.descriptor)
        state.descriptor = -1
        if state.kept.isEmpty { openFile(&state) } else { redirect(&state) }
    }

    private static func facts(_ descriptor: Int32) -> FileFacts? {
        FileFacts(descriptor: descriptor)
    }

    /// Local time to the millisecond: `2026-05-04 10:20:30.123`.
    private static func time() -> String {
        let milliseconds = Int(Date().timeIntervalSince1970 * 1000)
        var seconds = time_t(milliseconds / 1000)
        var parts = tm()
        localtime_r(&seconds, &parts)
        return String(
            format: "%04d-%02d-%02d %02d:%02d:%02d.%03d", Int(parts.tm_year) + 1900,
            Int(parts.tm_mon) + 1, Int(parts.tm_mday), Int(parts.tm_hour), Int(parts.tm_min),
            Int(parts.tm_sec), milliseconds % 1000)
    }
}

extension LogLevel {
    /// Whether a line of this level is written when so much is wanted.
    func isWanted(at wanted: LogLevel) -> Bool {
        let order = Self.allCases
        guard self != .off, let own = order.firstIndex(of: self),
            let limit = order.firstIndex(of: wanted)
        else { return false }
        return own <= limit
    }
}
