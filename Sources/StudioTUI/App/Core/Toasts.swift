/// How much a message matters.
enum Severity: Int, Sendable, Comparable {
    case info, good, warning, error

    static func < (less: Severity, more: Severity) -> Bool { less.rawValue < more.rawValue }

    /// How long it stays; an error stays until it is dismissed.
    var duration: Duration? {
        switch self {
        case .info, .good: .seconds(3)
        case .warning: .seconds(6)
        case .error: nil
        }
    }

    /// A sign before the text, so that colour is never the only difference.
    var sign: String {
        switch self {
        case .info: "·"
        case .good: "✓"
        case .warning: "!"
        case .error: "✗"
        }
    }
}

/// A short message in the corner.
struct Toast: Sendable, Identifiable {
    let id: Int
    let severity: Severity
    let text: String
    let expires: ContinuousClock.Instant?
}

/// The messages on the screen and the last error.
struct Toasts: Sendable {
    private(set) var shown: [Toast] = []
    /// The last error or warning, to be seen again with `!`.
    private(set) var lastProblem: String?
    private var nextID = 0

    static let limit = 4

    /// Adds a message; the same text twice in a row is one message that stays longer.
    mutating func add(_ severity: Severity, _ text: String, now: ContinuousClock.Instant) {
        if shown.last?.text == text { shown.removeLast() }
        nextID += 1
        let expires = severity.duration.map { now.advanced(by: $0) }
        shown.append(Toast(id: nextID, severity: severity, text: text, expires: expires))
        if shown.count > Self.limit { shown.removeFirst() }
        if severity >= .warning { lastProblem = text }
    }

    /// Removes what has been seen long enough.
    mutating func expire(now: ContinuousClock.Instant) {
        shown.removeAll { toast in toast.expires.map { $0 <= now } ?? false }
    }

    /// Removes the oldest message that does not go by itself; whether there was one.
    mutating func dismiss() -> Bool {
        guard let index = shown.firstIndex(where: { $0.expires == nil }) else { return false }
        shown.remove(at: index)
        return true
    }

    mutating func dismiss(id: Int) { shown.removeAll { $0.id == id } }

    var nextExpiry: ContinuousClock.Instant? { shown.compactMap(\.expires).min() }
}
