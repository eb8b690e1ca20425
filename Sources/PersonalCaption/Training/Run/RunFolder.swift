public import Foundation
import ImageCodecs
import VLMRuntime

/// The files of one run: settings, events, checkpoints, the best adapter.
///
/// A run can be watched by anybody who can read the folder, and asked to stop by anybody who can
/// write it; one process at a time trains (`TrainingLock`).
public struct RunFolder: Sendable, Equatable {
    /// What somebody wants a running run to do.
    public enum Request: String, Sendable, Codable {
        /// Write a checkpoint and end.
        case stop
        /// Wait between two updates until the request is taken back.
        case pause
    }

    /// `<home>/data/runs/NAME`.
    public let url: URL
    /// The run's name.
    public var name: String { url.lastPathComponent }

    /// The best adapter so far, a PEFT folder.
    public var best: URL { url.appendingPathComponent("best", isDirectory: true) }
    var settingsFile: URL { url.appendingPathComponent("run.json") }
    var eventsFile: URL { url.appendingPathComponent("events.jsonl") }
    var requestFile: URL { url.appendingPathComponent("request") }
    var checkpoints: URL { url.appendingPathComponent("checkpoints", isDirectory: true) }

    /// Names a run's folder; it need not exist.
    ///
    /// - Throws: `RunError.badName` for what could lead out of `runs`.
    public init(name: String, in runs: URL) throws(RunError) {
        guard name.count <= 64, name.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._\-]*/) != nil else {
            throw .badName(name: name)
        }
        url = runs.appendingPathComponent(name, isDirectory: true)
    }

    /// Whether there is such a run.
    public var exists: Bool { FileManager.default.fileExists(atPath: settingsFile.path) }

    /// All runs, by name.
    public static func all(in runs: URL) -> [RunFolder] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: runs.path)) ?? []
        return names.sorted().compactMap { try? RunFolder(name: $0, in: runs) }.filter(\.exists)
    }

    /// Makes the folder and writes the settings.
    ///
    /// - Throws: `RunError.exists` or `.unwritable`.
    public func create(_ settings: RunSettings) throws(RunError) {
        guard !exists else { throw .exists(name: name) }
        do {
            try FileManager.default.createDirectory(
                at: checkpoints, withIntermediateDirectories: true)
        } catch {
            throw .unwritable(path: url.path, reason: "the folder cannot be made")
        }
        try save(settings)
    }

    /// Replaces the settings, as when a finished run is to do more steps.
    public func save(_ settings: RunSettings) throws(RunError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            try DurableData.write(try encoder.encode(settings), to: settingsFile)
        } catch {
            throw .unwritable(path: settingsFile.path, reason: "\(error)")
        }
    }

    /// The settings the run began with.
    public func settings() throws(RunError) -> RunSettings {
        guard exists else { throw .notFound(name: name) }
        do {
            let data = try BoundedFile.read(settingsFile, limit: 1 << 20)
            return try JSONDecoder().decode(RunSettings.self, from: data)
        } catch let error as ImageReadError {
            throw .damaged(path: settingsFile.path, reason: error.description)
        } catch {
            throw .damaged(path: settingsFile.path, reason: "it is not what a run writes")
        }
    }

    /// What happened so far; lines that a crash cut short are left out.
    public func events() -> [RunEvent] {
        guard let data = try? BoundedFile.read(eventsFile, limit: 512 << 20) else { return [] }
        let decoder = JSONDecoder()
        return data.split(separator: UInt8(ascii: "\n")).compactMap {
            try? decoder.decode(RunEvent.self, from: Data($0))
        }
    }

    /// The lines that were added since a place was taken; without one, all.
    ///
    /// A line that is still being written is left for the next time. Where the file is another one
    /// than before, as after a resume, everything is read anew, and the result says so.
    public func events(after place: RunEventPlace?) -> RunEventPage {
        let unchanged = RunEventPage(events: [], place: place, isWhole: false)
        guard let handle = try? FileHandle(forReadingFrom: eventsFile) else {
            return RunEventPage(events: [], place: nil, isWhole: place != nil)
        }
        defer { try? handle.close() }
        var facts = stat()
        guard fstat(handle.fileDescriptor, &facts) == 0 else { return unchanged }
        let file = UInt64(facts.st_ino)
        let size = UInt64(max(0, facts.st_size))
        var start: UInt64 = 0
        if let place, place.file == file, place.offset <= size { start = place.offset }
        if let place, place.file == file, place.offset == size { return unchanged }
        guard (try? handle.seek(toOffset: start)) != nil,
            let data = try? handle.read(upToCount: 64 << 20),
            let end = data.lastIndex(of: UInt8(ascii: "\n"))
        else { return unchanged }
        let decoder = JSONDecoder()
        let events = data[...end].split(separator: UInt8(ascii: "\n")).compactMap {
            try? decoder.decode(RunEvent.self, from: Data($0))
        }
        let length = UInt64(data.distance(from: data.startIndex, to: end) + 1)
        return RunEventPage(
            events: events, place: RunEventPlace(file: file, offset: start + length),
            isWhole: start == 0)
    }

    /// Adds a line.
    func append(_ event: RunEvent) throws(RunError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            let line = try encoder.encode(event) + Data("\n".utf8)
            if !FileManager.default.fileExists(atPath: eventsFile.path) {
                try Data().write(to: eventsFile)
            }
            let handle = try FileHandle(forWritingTo: eventsFile)
            defer { try? handle.close() }
            try handle.seekToEnd()
            try handle.write(contentsOf: line)
        } catch {
            throw .unwritable(path: eventsFile.path, reason: error.localizedDescription)
        }
    }

    /// Forgets what happened after a step, because the run goes on from there.
    func forgetEvents(after step: Int) throws(RunError) {
        let kept = events().filter { $0.step <= step && $0.type != .end }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            let lines = try kept.map { try encoder.encode($0) + Data("\n".utf8) }
            try DurableData.write(lines.reduce(Data(), +), to: eventsFile)
        } catch {
            throw .unwritable(path: eventsFile.path, reason: "\(error)")
        }
    }

    /// Checkpoints, newest first.
    func checkpointFolders() -> [(step: Int, url: URL)] {
        let names =
            (try? FileManager.default.contentsOfDirectory(atPath: checkpoints.path)) ?? []
        return names.compactMap { name -> (step: Int, url: URL)? in
            guard let match = name.wholeMatch(of: /step-([0-9]{6,9})/),
                let step = Int(match.output.1)
            else { return nil }
            return (step, checkpoints.appendingPathComponent(name, isDirectory: true))
        }.sorted { $0.step > $1.step }
    }

    /// The pictures of the scenes kept back, for people: `held-out/00.png` and so on.
    public var heldOutPictures: URL {
        url.appendingPathComponent("held-out", isDirectory: true)
    }

    /// The picture of one of the scenes kept back.
    public func heldOutPicture(_ index: Int) -> URL {
        heldOutPictures.appendingPathComponent("\(index < 10 ? "0" : "")\(index).png")
    }

    /// When the run was last told anything or told something.
    public var lastChange: Date {
        func date(_ file: URL) -> Date? {
            (try? file.resourceValues(forKeys: [.contentModificationDateKey]))?
                .contentModificationDate
        }
        return date(eventsFile) ?? date(settingsFile) ?? .distantPast
    }

    func checkpoint(step: Int) -> URL {
        let digits = String(step)
        let name = "step-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
        return checkpoints.appendingPathComponent(name, isDirectory: true)
    }

    /// What somebody wants the run to do.
    public func request() -> Request? {
        guard let data = try? BoundedFile.read(requestFile, limit: 64) else { return nil }
        let text = String(decoding: data, as: UTF8.self)
        return Request(rawValue: text.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// Asks a run for something, or takes it back.
    public func ask(_ request: Request?) throws(RunError) {
        guard let request else {
            try? FileManager.default.removeItem(at: requestFile)
            return
        }
        do {
            try DurableData.write(Data(request.rawValue.utf8), to: requestFile)
        } catch {
            throw .unwritable(path: requestFile.path, reason: "\(error)")
        }
    }

    /// Removes the run and all its files.
    public func delete() throws(RunError) {
        guard exists else { throw .notFound(name: name) }
        do {
            try FileManager.default.removeItem(at: url)
        } catch {
            throw .unwritable(path: url.path, reason: error.localizedDescription)
        }
    }
}

/// How far a run's events were read.
public struct RunEventPlace: Sendable, Equatable {
    /// The file's inode, so that one that was replaced is noticed.
    let file: UInt64
    let offset: UInt64
}

/// Events read in one go.
public struct RunEventPage: Sendable {
    /// Complete lines, in order.
    public let events: [RunEvent]
    /// Where to go on.
    public let place: RunEventPlace?
    /// Whether these are all events from the first, in place of what was read before.
    public let isWhole: Bool
}
