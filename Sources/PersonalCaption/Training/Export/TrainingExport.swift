public import Foundation
import ImageCodecs
public import VLMRuntime

/// Writes the episodes of a library for programs that train elsewhere.
public struct TrainingExport {
    private let plan: TrainingExportPlan
    private let episodes: LibraryEpisodes

    /// Prepares an export.
    ///
    /// - Parameter episodes: the same that training here would draw.
    public init(_ plan: TrainingExportPlan, episodes: LibraryEpisodes) {
        self.plan = plan
        self.episodes = episodes
    }

    /// Writes data, pictures, configuration and a script to start with, all of it or nothing.
    ///
    /// - Parameters:
    ///   - folder: must not exist yet.
    ///   - progress: 0…1.
    /// - Throws: `CancellationError`, `RunError.unwritable`, or what composing scenes throws.
    public func write(
        to folder: URL, cancellation: CancellationFlag? = nil, progress: (Double) -> Void = { _ in }
    ) throws -> TrainingExportSummary {
        let files = FileManager.default
        let name = ".\(folder.lastPathComponent).\(getpid()).part"
        let part = folder.deletingLastPathComponent().appending(path: name)
        try? files.removeItem(at: part)
        do {
            let summary = try fill(part, cancellation, progress)
            try Self.move(part, to: folder)
            return summary
        } catch {
            try? files.removeItem(at: part)
            throw error
        }
    }

    private static func move(_ part: URL, to folder: URL) throws(RunError) {
        // Never replaces what has been made meanwhile, not even an empty folder.
        guard !FileManager.default.fileExists(atPath: folder.path) else {
            throw .unwritable(path: folder.relativePath, reason: "it exists already")
        }
        guard rename(part.path, folder.path) == 0 else {
            throw .unwritable(path: folder.relativePath, reason: String(cString: strerror(errno)))
        }
    }

    private func fill(
        _ folder: URL, _ cancellation: CancellationFlag?, _ progress: (Double) -> Void
    ) throws -> TrainingExportSummary {
        var pictures = ExportPictures(folder)
        do {
            try FileManager.default.createDirectory(
                at: pictures.folder, withIntermediateDirectories: true)
        } catch {
            throw RunError.unwritable(
                path: folder.relativePath, reason: "the folder cannot be made")
        }
        var summary = TrainingExportSummary()
        let total = Double(max(1, plan.count + plan.heldOut))
        var training = ExportFile(plan.program)
        for number in 0..<plan.count {
            if cancellation?.isCancelled == true { throw CancellationError() }
            let episode = try ExportedEpisode(episodes.episode(seed: plan.seed, number: number))
            let task = episode.goal.task.rawValue
            let reason = try training.add(
                episode, images: pictures.write(episode, into: "train"))
            if let reason {
                summary.leftOut[reason, default: 0] += 1
            } else {
                summary.examples[task, default: 0] += 1
            }
            progress(Double(number + 1) / total)
        }
        var judging = ExportFile(plan.program)
        let kept = try episodes.heldOut(count: plan.heldOut, seed: plan.seed)
        for (number, episode) in kept.enumerated() {
            if cancellation?.isCancelled == true { throw CancellationError() }
            let episode = try ExportedEpisode(episode)
            let reason = try judging.add(episode, images: pictures.write(episode, into: "test"))
            if reason == nil { summary.heldOut += 1 }
            progress(Double(plan.count + number + 1) / total)
        }
        var texts = try training.texts("train") + judging.texts("test")
        texts += ExportTemplates.files(plan)
        for text in texts {
            let file = folder.appending(path: text.name)
            do {
                try Data(text.text.utf8).write(to: file)
                if text.isProgram {
                    try FileManager.default.setAttributes(
                        [.posixPermissions: 0o755], ofItemAtPath: file.path)
                }
            } catch {
                throw RunError.unwritable(
                    path: file.relativePath, reason: (error as NSError).localizedDescription)
            }
        }
        summary.pictures = pictures.count
        summary.files = texts.map(\.name).sorted()
        return summary
    }
}

/// A file to be written.
struct ExportedText {
    var name: String
    var text: String
    var isProgram = false
}

/// The examples of one data file.
private struct ExportFile {
    private let program: TrainingProgram
    private var lines: [String] = []
    private var judged: [String] = []
    private let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }()

    init(_ program: TrainingProgram) { self.program = program }

    /// Adds an example.
    ///
    /// - Returns: why it was left out; `nil` when it was not.
    mutating func add(_ episode: ExportedEpisode, images: [String]) throws -> String? {
        switch program {
        case .trl: lines.append(try json(ExportRows.Chat(episode, images: images)))
        case .llamaFactory:
            lines.append(try json(ExportRows.Conversation(episode, images: images)))
        case .vlmR1:
            if let row = ExportRows.Judged(episode, images: images, id: judged.count) {
                judged.append(try json(row))
            }
            let (row, reason) = ExportRows.Problem.row(episode, images: images)
            guard let row else { return reason }
            lines.append(try json(row))
        }
        return nil
    }

    func texts(_ name: String) throws -> [ExportedText] {
        let list = "[\n\(lines.joined(separator: ",\n"))\n]\n"
        switch program {
        case .trl:
            return [ExportedText(name: "\(name).jsonl", text: lines.map { $0 + "\n" }.joined())]
        case .llamaFactory: return [ExportedText(name: "\(name).json", text: list)]
        case .vlmR1:
            return [
                ExportedText(name: "\(name).json", text: list),
                ExportedText(
                    name: "\(name)-vlm-r1.jsonl", text: judged.map { $0 + "\n" }.joined()),
            ]
        }
    }

    private func json(_ value: some Encodable) throws -> String {
        String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}

/// Pictures below the folder; references are written once.
private struct ExportPictures {
    let folder: URL
    private(set) var count = 0
    private var known: [Data: String] = [:]

    init(_ folder: URL) { self.folder = folder.appending(path: "pictures") }

    /// - Returns: paths as the data file states them.
    mutating func write(_ episode: ExportedEpisode, into kind: String) throws -> [String] {
        try episode.pictures.map { picture in
            let data = try ImageEncoder.png(picture.image)
            if picture.isReference, let path = known[data] { return path }
            count += 1
            let digits = String(count)
            let number = String(repeating: "0", count: max(0, 5 - digits.count)) + digits
            let name = "\(picture.isReference ? "reference" : kind)-\(number).png"
            do {
                try data.write(to: folder.appending(path: name))
            } catch {
                throw RunError.unwritable(
                    path: folder.appending(path: name).relativePath,
                    reason: (error as NSError).localizedDescription)
            }
            let path = "pictures/\(name)"
            if picture.isReference { known[data] = path }
            return path
        }
    }
}
