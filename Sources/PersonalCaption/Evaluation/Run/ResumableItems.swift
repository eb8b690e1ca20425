import Foundation
import Synchronization
import VLMRuntime

/// Something a run makes, or its result, told apart by a key.
protocol RunKeyed {
    /// The same for an item and its result.
    var key: String { get }
}

extension EvaluationFolder {
    /// Results by key; lines that cannot be read are left out, so that their items are made again.
    static func records<Record: RunKeyed & Decodable>(_ lines: [Data]) -> [String: Record] {
        let decoder = JSONDecoder()
        return lines.reduce(into: [:]) { records, line in
            guard let record = try? decoder.decode(Record.self, from: line) else { return }
            records[record.key] = record
        }
    }

    /// Makes what is missing, item by item, each on the disk before the next one begins.
    ///
    /// - Parameters:
    ///   - progress: called before each item with the number of those done here and to do here.
    ///   - make: one result; `nil` when it was interrupted, which ends the work.
    /// - Returns: every result there is, in the order of the items.
    func complete<Item: RunKeyed, Record: RunKeyed & Codable>(
        _ items: [Item], cancellation: CancellationFlag?,
        progress: (_ done: Int, _ total: Int) -> Void,
        make: (Item, ThumbnailWriter) throws -> Record?
    ) throws -> [Record] {
        var records: [String: Record] = Self.records(lines)
        let missing = items.filter { records[$0.key] == nil }
        let pictures = ThumbnailWriter(folder: self)
        for (done, item) in missing.enumerated() {
            progress(done, missing.count)
            if cancellation?.isCancelled == true { break }
            guard let record = try make(item, pictures) else { break }
            try append(record)
            records[item.key] = record
        }
        return items.compactMap { records[$0.key] }
    }

    /// Makes what is missing, several items at a time, each on the disk when it is made.
    ///
    /// - Parameters:
    ///   - atATime: items at a time; one makes them on the calling thread, in order.
    ///   - progress: called on the calling thread with the number of those done here and to do here.
    ///   - make: one result; `nil` when it was interrupted, after which none begins.
    /// - Returns: every result there is, in the order of the items.
    func complete<Item: RunKeyed & Sendable, Record: RunKeyed & Codable & Sendable>(
        _ items: [Item], atATime: Int, cancellation: CancellationFlag?,
        progress: (_ done: Int, _ total: Int) -> Void,
        make: @escaping @Sendable (Item, ThumbnailWriter) throws -> Record?
    ) throws -> [Record] {
        guard atATime > 1 else {
            return try complete(items, cancellation: cancellation, progress: progress, make: make)
        }
        let made = MadeRecords<Record>(Self.records(lines))
        let missing = items.filter { made.records.withLock(\.self)[$0.key] == nil }
        let before = made.records.withLock { $0.count }
        let pictures = ThumbnailWriter(folder: self)
        progress(0, missing.count)
        try SideBySide.each(missing.count, limit: atATime) {
            progress(made.records.withLock { $0.count } - before, missing.count)
        } _: { number in
            if cancellation?.isCancelled == true { return false }
            guard let record = try make(missing[number], pictures) else { return false }
            try self.append(record)
            made.records.withLock { $0[record.key] = record }
            return true
        }
        let records = made.records.withLock { $0 }
        return items.compactMap { records[$0.key] }
    }
}

/// Results as several threads make them.
private final class MadeRecords<Record: Sendable>: Sendable {
    let records: Mutex<[String: Record]>

    init(_ records: [String: Record]) { self.records = Mutex(records) }
}

extension EvaluationItem: RunKeyed {}
extension EvaluationRecord: RunKeyed {}
extension PrismItem: RunKeyed {}
extension PrismRecord: RunKeyed {}
