import Dispatch
import Foundation
import Synchronization
import TerminalUI

/// One line on standard error that says what takes so long, and how long it still will.
///
/// It appears only on a terminal and only after a second, is rewritten in place, also while the
/// work reports nothing, and leaves nothing behind.
final class ProgressLine: Sendable {
    private struct State {
        /// What is being done; `nil` when there is nothing to show.
        var stage: String?
        var fraction: Double?
        var stageStart = 0.0
        var lastDrawn = -1.0
        var visible = false
        var ticker: Ticker?
    }

    private let console: Console
    private let enabled: Bool
    private let ticks: Bool
    private let columns: @Sendable () -> Int
    private let now: @Sendable () -> Double
    private let start: Double
    private let state = Mutex(State())

    /// Nothing is drawn before this many seconds have passed.
    static let patience = 1.0
    private static let interval = 0.1

    /// - Parameters:
    ///   - ticks: redraws the line by itself a few times a second.
    ///   - columns: the width of the terminal.
    ///   - now: seconds from any fixed moment.
    init(
        console: Console, enabled: Bool, ticks: Bool = true,
        columns: @escaping @Sendable () -> Int = { 80 },
        now: @escaping @Sendable () -> Double = { Date().timeIntervalSinceReferenceDate }
    ) {
        self.console = console
        self.enabled = enabled && console.errorIsTerminal
        self.ticks = ticks
        self.columns = columns
        self.now = now
        start = now()
    }

    /// Says where the work stands; `fraction` (0…1) counts within this stage.
    func update(_ stage: String, fraction: Double? = nil) {
        guard enabled else { return }
        state.withLock { state in
            let changed = state.stage != stage
            if changed {
                state.stage = stage
                state.stageStart = now()
            }
            state.fraction = fraction
            if ticks, state.ticker == nil {
                state.ticker = Ticker { @Sendable [weak self] in self?.tick() }
            }
            draw(&state, atOnce: changed)
        }
    }

    /// Takes the line away, so that something else can be written.
    func clear() {
        state.withLock { state in
            state.stage = nil
            state.ticker = nil
            guard state.visible else { return }
            state.visible = false
            console.writeToError("\r\u{1B}[K")
        }
    }

    private func tick() {
        state.withLock { draw(&$0, atOnce: false) }
    }

    /// Writes under the lock, so that no line appears after it has been taken away.
    private func draw(_ state: inout State, atOnce: Bool) {
        let time = now()
        guard let stage = state.stage, time - start >= Self.patience else { return }
        guard atOnce || time - state.lastDrawn >= Self.interval else { return }
        state.lastDrawn = time
        state.visible = true
        let line = Self.line(stage, state.fraction, elapsed: time - state.stageStart)
        let fitting = TerminalText.truncated(line, to: max(1, columns() - 1))
        console.writeToError("\r\(fitting)\u{1B}[K")
    }

    /// `reading the pictures  ███▌······ 35 % · 3 s left`.
    static func line(_ stage: String, _ fraction: Double?, elapsed: Double) -> String {
        let stage = TerminalText.sanitized(stage)
        guard let fraction, fraction.isFinite else {
            return elapsed >= 1 ? "\(stage) · \(duration(elapsed))" : "\(stage) …"
        }
        let part = min(max(fraction, 0), 1)
        let filled = Int((part * 10).rounded(.down))
        let bar = String(repeating: "█", count: filled) + String(repeating: "·", count: 10 - filled)
        let percent = Int((part * 100).rounded(.down))
        var line = "\(stage)  \(bar) \(percent) %"
        // Before a twentieth is done an estimate would jump about.
        if part >= 0.05, part < 1, elapsed > 0.5 {
            line += " · \(duration(elapsed / part * (1 - part))) left"
        }
        return line
    }

    /// Seconds as people say them: `3 s`, `2 min 05 s`, `1 h 10 min`.
    static func duration(_ seconds: Double) -> String {
        let whole = Int(min(max(seconds, 0), 359_999).rounded(.up))
        switch whole {
        case ..<60: return "\(whole) s"
        case ..<3600: return "\(whole / 60) min \(twoDigits(whole % 60)) s"
        default: return "\(whole / 3600) h \(twoDigits(whole % 3600 / 60)) min"
        }
    }

    private static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}

/// Calls a closure four times a second until it is let go.
///
/// Sendable because the timer is only touched when it starts and when it ends.
private final class Ticker: @unchecked Sendable {
    private let timer: any DispatchSourceTimer

    init(_ action: @escaping @Sendable () -> Void) {
        timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "studio.progress"))
        timer.schedule(deadline: .now() + 0.25, repeating: 0.25)
        timer.setEventHandler(handler: action)
        timer.resume()
    }

    deinit { timer.cancel() }
}
