import Foundation
import Synchronization

/// Lines of text from standard input.
final class LineInput: Sendable {
    /// Bytes that were read and not used yet; whether more may come.
    private let state = Mutex((bytes: [UInt8](), hasEnded: false))
    private let descriptor: Int32
    /// Whether somebody types, so that what is typed is on the screen already.
    let isTerminal: Bool

    /// Nobody types longer lines.
    static let longestLine = 1 << 16

    init(descriptor: Int32 = STDIN_FILENO) {
        self.descriptor = descriptor
        isTerminal = isatty(descriptor) == 1
    }

    /// The next line without its end; `nil` when there are no more.
    func next() -> String? {
        state.withLock { state in
            while true {
                if let end = state.bytes.firstIndex(of: UInt8(ascii: "\n")) {
                    let line = state.bytes[..<end]
                    state.bytes.removeSubrange(...end)
                    return Self.text(line)
                }
                if state.hasEnded {
                    guard !state.bytes.isEmpty else { return nil }
                    defer { state.bytes = [] }
                    return Self.text(state.bytes[...])
                }
                readMore(&state)
            }
        }
    }

    private func readMore(_ state: inout (bytes: [UInt8], hasEnded: Bool)) {
        let more = [UInt8](unsafeUninitializedCapacity: 4096) { buffer, used in
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            used = max(0, count)
            if count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN) {
                state.hasEnded = true
            }
        }
        state.bytes += more
        // A line without an end is cut, so that no file can fill the memory.
        if state.bytes.count > Self.longestLine { state.bytes.removeLast(more.count) }
    }

    private static func text(_ line: ArraySlice<UInt8>) -> String {
        var line = line
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        return String(decoding: line, as: UTF8.self)
    }
}
