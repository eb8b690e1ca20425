/// Finds the first of some texts in an answer that comes piece by piece.
///
/// Text that could be the beginning of a stop is held back until it is known not to be one.
struct StopScanner: Sendable {
    private let stops: [[UInt8]]
    private let longest: Int
    private var held: [UInt8] = []
    /// Whether a stop was found; what comes after it is dropped.
    private(set) var isDone = false

    init(_ stops: [String]) {
        self.stops = stops.map { Array($0.utf8) }.filter { !$0.isEmpty }
        longest = self.stops.map(\.count).max() ?? 0
    }

    /// Takes a piece; returns the text that is certain now.
    mutating func append(_ piece: String) -> String {
        guard !isDone else { return "" }
        guard longest > 0 else { return piece }
        held += Array(piece.utf8)
        for start in held.indices {
            let rest = held[start...]
            if stops.contains(where: { rest.starts(with: $0) }) {
                isDone = true
                return take(start)
            }
            // A beginning of a stop that reaches the end may become one.
            if stops.contains(where: { $0.starts(with: rest) }) { return take(start) }
        }
        return take(held.count)
    }

    /// What is still held back when the answer has ended.
    mutating func finish() -> String { isDone ? "" : take(held.count) }

    // A stop begins where a character begins, so no character is cut in two.
    private mutating func take(_ count: Int) -> String {
        defer { held.removeFirst(count) }
        return String(decoding: held[..<count], as: UTF8.self)
    }
}
