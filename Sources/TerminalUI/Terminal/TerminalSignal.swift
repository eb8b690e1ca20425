/// Something the app's loop has to look at.
public enum TerminalSignal: Sendable, Hashable {
    /// Keys, mouse, paste or a reply.
    case input(InputEvent)
    /// The window has another size, or its cells have: call `Terminal.resize`.
    case resized
    /// The process was stopped and goes on; the terminal is ours again, and the screen is empty.
    case continued
    /// `Waker.wake` was called.
    case woken
    /// The terminal is gone. Every further `wait` says so at once.
    case hangup
    /// The process is asked to end, by this signal.
    case terminate(Int32)
}
