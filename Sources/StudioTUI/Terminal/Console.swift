import Foundation
import Synchronization

/// The two ways out of the program: data to standard output, everything else to standard error.
///
/// A reader that goes away (`studio concept list | head`) ends the output quietly; any other
/// failure to write is kept in `failure` for the end of the program.
final class Console: Sendable {
    /// Writes all bytes, or says why not as an `errno` value.
    typealias Writer = @Sendable (Data) -> Int32?

    private let writeOutput: Writer
    private let writeError: Writer
    private let state = Mutex(State())
    /// Whether standard output is a terminal.
    let outputIsTerminal: Bool
    /// Whether standard error is a terminal.
    let errorIsTerminal: Bool

    private struct State {
        var readerLeft = false
        var failure: String?
        var onReaderLeft: (@Sendable () -> Void)?
    }

    init(
        outputIsTerminal: Bool, errorIsTerminal: Bool, output: @escaping Writer,
        error: @escaping Writer
    ) {
        self.outputIsTerminal = outputIsTerminal
        self.errorIsTerminal = errorIsTerminal
        writeOutput = output
        writeError = error
    }

    /// The real streams of this process.
    static let standard = Console(
        outputIsTerminal: isatty(STDOUT_FILENO) == 1,
        errorIsTerminal: isatty(STDERR_FILENO) == 1,
        output: { Console.write($0, to: STDOUT_FILENO) },
        error: { Console.write($0, to: STDERR_FILENO) })

    /// Why standard output could not be written, if it was not for a reader that left.
    var failure: String? { state.withLock(\.failure) }

    /// Whether nobody reads standard output any more.
    var readerLeft: Bool { state.withLock(\.readerLeft) }

    /// Sets what happens when the reader of standard output goes away.
    func onReaderLeft(_ action: @escaping @Sendable () -> Void) {
        state.withLock { $0.onReaderLeft = action }
    }

    /// Writes text to standard output as it is; callers sanitise what is not their own.
    func write(_ text: String) { write(Data(text.utf8)) }

    /// Writes bytes to standard output.
    func write(_ data: Data) {
        let stopped = state.withLock { $0.readerLeft || $0.failure != nil }
        guard !stopped, !data.isEmpty, let code = writeOutput(data) else { return }
        let action = state.withLock { state -> (@Sendable () -> Void)? in
            if code == EPIPE {
                state.readerLeft = true
                return state.onReaderLeft
            }
            state.failure = String(cString: strerror(code))
            return nil
        }
        action?()
    }

    /// Writes a line to standard output.
    func print(_ line: String = "") { write(line + "\n") }

    /// Writes a line to standard error; nothing can be done if that fails.
    func note(_ line: String) { writeToError(line + "\n") }

    /// Writes text to standard error as it is.
    func writeToError(_ text: String) { _ = writeError(Data(text.utf8)) }

    private static func write(_ data: Data, to descriptor: Int32) -> Int32? {
        data.withUnsafeBytes { bytes -> Int32? in
            var rest = bytes[...]
            while !rest.isEmpty {
                let part = UnsafeRawBufferPointer(rebasing: rest)
                let count = systemWrite(descriptor, part.baseAddress, part.count)
                if count >= 0 {
                    rest = rest.dropFirst(count)
                } else if errno == EAGAIN {
                    waitUntilWritable(descriptor)
                } else if errno != EINTR {
                    return errno
                }
            }
            return nil
        }
    }

    private static func waitUntilWritable(_ descriptor: Int32) {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&request, 1, 1000)
    }
}

/// `write(2)`, whose name the methods above hide.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
