import Foundation
import TerminalUI

/// Reads the log for the people who look at it.
enum LogEffects {
    /// The most that is shown; the beginning of a long log is not worth waiting for.
    static let shownBytes = 256 << 10

    /// Opens the end of the log over the screen.
    static func show(_ context: EffectContext) {
        let url = StudioLog.url(in: context.places.home)
        context.background {
            var lines = tail(of: url)
            if lines.isEmpty {
                lines = ["Nothing has been written to \(url.path) yet."]
            }
            context.post(.open(TextOverlay(title: "Log", lines: lines, atEnd: true)))
        }
    }

    /// The last lines of a log, and of the one before it when the log is short.
    static func tail(of url: URL, bytes: Int = shownBytes) -> [String] {
        let recent = read(url, bytes: bytes)
        let room = bytes - recent.reduce(0) { $0 + $1.utf8.count + 1 }
        guard room > bytes / 2 else { return recent }
        return read(StudioLog.old(url), bytes: room) + recent
    }

    private static func read(_ url: URL, bytes: Int) -> [String] {
        guard let file = try? FileHandle(forReadingFrom: url) else { return [] }
        defer { try? file.close() }
        guard let size = try? file.seekToEnd() else { return [] }
        let start = size > UInt64(bytes) ? size - UInt64(bytes) : 0
        guard (try? file.seek(toOffset: start)) != nil,
            let data = try? file.read(upToCount: bytes)
        else { return [] }
        var lines = String(decoding: data, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last?.isEmpty == true { lines.removeLast() }
        // The first line may have lost its beginning.
        if start > 0, !lines.isEmpty { lines.removeFirst() }
        return lines
    }
}
