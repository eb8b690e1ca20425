import ConceptDB
import Foundation
import TerminalUI

/// What the screen History knows: the numbers of all captions, and what was read of those in sight.
struct HistoryState: Sendable {
    enum Phase: Sendable, Equatable {
        /// Nobody has looked yet.
        case unread
        case reading
        case ready
        case failed(String)
    }

    var phase = Phase.unread
    /// All captions, newest first.
    var all: [Int64] = []
    /// Those that fit the filter, the best first; `nil` without a filter.
    var found: [Int64]?
    /// What was read, by number; only what is near the cursor is kept.
    private(set) var entries: [Int64: HistoryEntry] = [:]
    /// Asked for and not yet here.
    private(set) var awaited: Set<Int64> = []

    var position = ListPosition()
    var selection: Set<Int64> = []
    var focus = HistoryFocus.list
    var filter = TextField(maximumLength: 200)
    /// The names that were made ready when the filter was first used; gone with the filter.
    var search: HistorySearch?
    /// What is being searched for; only one search runs at a time.
    var searched: String?
    /// Where the list stood when the filter was opened.
    var placeBeforeFilter: Int64?
    /// The first line of the preview's text.
    var previewTop = 0

    /// Captions read at once.
    static let page = 60
    /// Captions kept in memory.
    static let kept = 600

    /// What the list shows.
    var listed: [Int64] { found ?? all }

    var currentID: Int64? {
        listed.indices.contains(position.cursor) ? listed[position.cursor] : nil
    }

    var current: HistoryEntry? { currentID.flatMap { entries[$0] } }

    /// The selected captions in the order of the list; the one under the cursor without any.
    var chosen: [Int64] {
        selection.isEmpty
            ? currentID.map { [$0] } ?? [] : all.filter { selection.contains($0) }
    }

    /// The captions around the cursor that have to be read: none while all within one page are
    /// there or on their way, so that not every step reads a single one.
    mutating func take(missingAround page: Int) -> [Int64] {
        guard !missing(within: page).isEmpty else { return [] }
        let missing = missing(within: max(2 * page, Self.page / 2))
        awaited.formUnion(missing)
        return missing
    }

    private func missing(within distance: Int) -> [Int64] {
        let listed = listed
        let start = max(0, position.cursor - distance)
        let end = min(listed.count, position.cursor + distance + 1)
        guard start < end else { return [] }
        return listed[start..<end].filter { entries[$0] == nil && !awaited.contains($0) }
    }

    mutating func insert(_ fresh: [HistoryEntry], asked: [Int64]) {
        awaited.subtract(asked)
        for entry in fresh { entries[entry.id] = entry }
        guard entries.count > Self.kept else { return }
        let listed = listed
        let near = Set(
            listed[
                max(
                    0, position.cursor - Self.kept / 4)..<min(
                        listed.count, position.cursor + Self.kept / 4)])
        entries = entries.filter { near.contains($0.key) }
    }

    /// After the library has changed, what was read may be out of date.
    mutating func forget() {
        entries = [:]
        awaited = []
    }

    /// Takes over the numbers of all captions and stays on the one under the cursor.
    mutating func replace(with fresh: [Int64], keeping id: Int64?) {
        all = fresh
        phase = .ready
        selection.formIntersection(fresh)
        if let found {
            let present = Set(fresh)
            self.found = found.filter { present.contains($0) }
        }
        stay(on: id)
    }

    /// Puts the cursor on a caption, or leaves it where it is when that is gone.
    mutating func stay(on id: Int64?) {
        if let id, let index = listed.firstIndex(of: id) { position.cursor = index }
        position.clamp(count: listed.count)
    }
}

/// The part of the screen that the keys go to.
enum HistoryFocus: Sendable, Equatable {
    case list, filter, preview
}

/// A caption with what the list and the preview say about it.
struct HistoryEntry: Sendable, Equatable, Identifiable {
    let record: ConceptDB.CaptionRecord
    let facts: CaptionFacts
    /// "today 14:03", "4 May 14:03", "4 May 2025".
    let when: String
    /// `nil` when neither the copy nor the original is there.
    let picture: HistoryPicture?

    var id: Int64 { record.id }

    /// The name of the picture without folders.
    var title: String {
        let path = record.image.originalPath
        return path.split(separator: "/").last.map(String.init) ?? path
    }

    /// The beginning of the caption, on one line.
    var firstWords: String { TerminalText.sanitized(String(record.caption.prefix(200))) }
}
