import Synchronization

/// Takes actions from any thread to the one that runs the app.
final class Mailbox: Sendable {
    private let waiting = Mutex<[AppAction]>([])
    private let wake: @Sendable () -> Void

    /// - Parameter wake: makes the app's loop look into the mailbox.
    init(wake: @escaping @Sendable () -> Void) { self.wake = wake }

    func post(_ action: AppAction) {
        waiting.withLock { $0.append(action) }
        wake()
    }

    /// Takes everything that came, in order.
    func takeAll() -> [AppAction] {
        waiting.withLock { actions in
            defer { actions = [] }
            return actions
        }
    }
}
