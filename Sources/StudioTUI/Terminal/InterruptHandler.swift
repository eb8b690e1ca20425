import Dispatch
import Foundation
import Synchronization
import VLMRuntime

/// Turns Ctrl-C and `kill` into an orderly end: the first one raises the flag that the work looks
/// at, the second one ends the program at once.
final class InterruptHandler: Sendable {
    /// Raised by the first signal.
    let flag = CancellationFlag()
    private let cleanups = Mutex<[Int: @Sendable () -> Void]>([:])
    private let sources = Mutex<[KeptSource]>([])
    private let ownReaction = Mutex<(@Sendable () -> Bool)?>(nil)

    /// Starts to catch SIGINT, SIGTERM and SIGHUP for the rest of the process, and ignores SIGPIPE,
    /// so that a closed pipe is an error of `write` instead of a sudden end.
    func install() {
        signal(SIGPIPE, SIG_IGN)
        let queue = DispatchQueue(label: "studio.interrupt", qos: .userInteractive)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            // A program started in the background with SIGINT ignored keeps ignoring it.
            if number != SIGTERM, Self.isIgnored(number) { continue }
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { @Sendable [self] in received() }
            source.resume()
            let kept = KeptSource(source: source)
            sources.withLock { $0.append(kept) }
        }
    }

    /// Sets what a signal does instead of raising the flag; it returns false to end the program.
    func onInterrupt(_ reaction: (@Sendable () -> Bool)?) {
        ownReaction.withLock { $0 = reaction }
    }

    /// Ends the work in an orderly way, or at once when it was asked before.
    func received() {
        if let reaction = ownReaction.withLock({ $0 }) {
            if reaction() { return }
            flag.cancel()
        }
        if flag.isCancelled {
            runCleanups()
            _exit(StudioExit.interrupted.rawValue)
        }
        flag.cancel()
    }

    /// Adds something that must happen even when the program ends at once; returns its key.
    func addCleanup(_ action: @escaping @Sendable () -> Void) -> Int {
        cleanups.withLock { all in
            let key = (all.keys.max() ?? 0) + 1
            all[key] = action
            return key
        }
    }

    /// Forgets a clean-up that has been done in the ordinary way.
    func removeCleanup(_ key: Int) { cleanups.withLock { $0[key] = nil } }

    private func runCleanups() {
        for action in cleanups.withLock({ $0.values.map { $0 } }) { action() }
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0 else { return false }
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}

/// Keeps a signal source alive.
///
/// Sendable because nobody touches the source any more once it runs.
private struct KeptSource: @unchecked Sendable {
    let source: any DispatchSourceSignal
}
