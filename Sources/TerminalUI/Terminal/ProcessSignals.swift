import CTerminal
import Glibc

/// Wakes the loop that waits for the terminal, from any thread; a thousand calls before the loop
/// looks cost no more than one.
public struct Waker: Sendable {
    init() {}

    /// Makes `Terminal.wait` return `.woken`.
    public func wake() { terminal_signals_set(UInt32(TERMINAL_WOKEN)) }
}

/// What the kernel told the process, and the way the terminal is given back whatever happens.
///
/// The only file that knows the C part, which works inside signal handlers.
enum ProcessSignals {
    struct Notices: OptionSet {
        let rawValue: UInt32

        static let woken = Notices(TERMINAL_WOKEN)
        static let resized = Notices(TERMINAL_RESIZED)
        static let continued = Notices(TERMINAL_CONTINUED)
        static let stop = Notices(TERMINAL_STOP)
        static let interrupt = Notices(TERMINAL_INTERRUPT)
        static let terminate = Notices(TERMINAL_TERMINATE)
        static let hangup = Notices(TERMINAL_HANGUP)
        static let quit = Notices(TERMINAL_QUIT)

        init(rawValue: UInt32) { self.rawValue = rawValue }

        private init(_ bit: Int) { rawValue = UInt32(bit) }
    }

    /// Readable when there are notices; negative when the process has no descriptors left.
    static var descriptor: Int32 { terminal_signals_descriptor() }

    /// What came since the last call.
    static func notices() -> Notices { Notices(rawValue: terminal_signals_take()) }

    /// Handles signals from now on, or no more.
    static func install() { terminal_signals_install() }
    static func remove() { terminal_signals_remove() }

    /// Remembers the terminal's modes for giving it back; the error, or 0.
    static func remember(_ descriptor: Int32) -> Int32 { terminal_remember(descriptor) }

    /// Raw mode, which ends however the process ends.
    static func take() { terminal_take() }

    /// The modes as they were.
    static func giveBack() { terminal_give_back() }

    /// Stops the process group as ctrl-z would; returns when it goes on.
    static func stopGroup() { terminal_stop_group() }

    /// Writes all of it; false when the terminal is gone.
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        bytes.withUnsafeBytes { terminal_write(descriptor, $0.baseAddress, $0.count) == 0 }
    }

    /// A file without a name.
    static func memoryFile() -> Int32 { terminal_memory_file() }

    /// What ends all that was switched on, for the end of the process at any moment.
    static var restoringText: String { String(cString: terminal_restoring_text()) }
}
