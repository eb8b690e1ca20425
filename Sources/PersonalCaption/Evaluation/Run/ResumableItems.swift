import Foundation
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
        make: (Item, inout ThumbnailWriter) throws -> Record?
    ) throws -> [Record] {
        var records: [String: Record] = Self.records(lines)
        let missing = items.filter { records[$0.key] == nil }
        var pictures = ThumbnailWriter(folder: self)
        for (done, item) in missing.enumerated() {
            progress(done, missing.count)
            if cancellation?.isCancelled == true { break }
            guard let record = try make(item, &pictures) else { break }
            try append(record)
            records[item.key] = record
        }
        return items.compactMap { records[$0.key] }
    }
}

extension EvaluationItem: RunKeyed {}
extension EvaluationRecord: RunKeyed {}
extension PrismItem: RunKeyed {}
extension PrismRecord: RunKeyed {}
