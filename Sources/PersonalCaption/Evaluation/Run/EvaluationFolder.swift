public import Foundation
import ImageCodecs

/// Why a folder of results cannot be used.
public enum EvaluationFolderError: OutsideDataError, Equatable {
    /// There is no such run.
    case missing(String)
    /// The folder or a file in it cannot be written or read.
    case system(path: String, reason: String)
    /// The folder holds another run; `differs` says in what.
    case otherRun(path: String, differs: String)
    /// Another program writes into the folder.
    case busy(String)
    /// The description of the run cannot be understood.
    case malformed(path: String, reason: String)

    /// Whether there is no such run.
    public var isMissing: Bool {
        if case .missing = self { return true }
        return false
    }

    /// One sentence that says what to do.
    public var description: String {
        switch self {
        case .missing(let path):
            "'\(path)' holds no run; 'studio eval personal --out \(path)' makes one."
        case .system(let path, let reason): "'\(path)' cannot be used: \(reason)."
        case .otherRun(let path, let differs):
            "'\(path)' holds another run (\(differs)); give another --out, or the same options to "
                + "go on with it."
        case .busy(let path): "another program is writing into '\(path)'; wait for it, or stop it."
        case .malformed(let path, let reason): "'\(path)' does not describe a run: \(reason)."
        }
    }
}

/// The files of a run: `manifest.json`, and `items.jsonl` with one line for each finished item.
///
/// A line is on the disk before the next item begins, so a run that is killed goes on where it
/// was. A line cut short is dropped; of two lines with one key the later counts.
public final class EvaluationFolder: Sendable {
    /// The folder.
    public let url: URL
    private let appender: LineAppender
    /// The items found when the folder was opened, as JSON.
    public let lines: [Data]

    /// The file that describes the run.
    public static let manifestName = "manifest.json"
    /// The file of finished items.
    public static let itemsName = "items.jsonl"
    /// Where small copies of pictures lie.
    public static let picturesName = "pictures"
    /// The longest line, in bytes.
    static let longestLine = 8 << 20
    static let largestFile = 4 << 30

    /// Opens a folder to write into, and makes it when it is not there.
    ///
    /// - Parameter manifest: describes the run; a folder with another one is refused.
    /// - Throws: `EvaluationFolderError`.
    public init(_ url: URL, manifest: some RunManifest) throws(EvaluationFolderError) {
        self.url = url
        try Self.makeFolder(url)
        try Self.makeFolder(url.appending(path: Self.picturesName))
        let path = url.appending(path: Self.itemsName).path
        guard let appender = LineAppender(path) else { throw .last(path) }
        guard appender.lock() else { throw .busy(url.relativePath) }
        self.appender = appender
        try Self.check(manifest, in: url)
        let (found, end) = try Self.read(url)
        lines = found
        guard appender.cut(at: end) else { throw .last(path) }
    }

    /// Adds a finished item and waits until it is on the disk; may be called from any thread.
    public func append(_ item: some Encodable) throws {
        if let reason = try appender.append(item) {
            throw EvaluationFolderError.system(
                path: url.appending(path: Self.itemsName).path, reason: reason)
        }
    }

    /// Writes a file that is there as a whole or not at all.
    public func write(_ data: Data, named name: String) throws(EvaluationFolderError) {
        let target = url.appending(path: name)
        do {
            try data.write(to: target, options: .atomic)
        } catch {
            throw .system(path: target.path, reason: "\((error as NSError).localizedDescription)")
        }
    }

    /// The items of a run that nobody needs to write to, as JSON; incomplete lines left out.
    public static func items(in url: URL) throws(EvaluationFolderError) -> [Data] {
        try read(url).lines
    }

    /// The description of a run.
    public static func manifest<Manifest: RunManifest>(
        _ type: Manifest.Type, in url: URL
    ) throws(EvaluationFolderError) -> Manifest {
        let file = url.appending(path: manifestName)
        let data: Data
        do throws(ImageReadError) {
            data = try BoundedFile.read(file, limit: 1 << 20)
        } catch {
            if error.isMissing { throw .missing(url.relativePath) }
            throw .system(path: file.relativePath, reason: error.description)
        }
        guard let manifest = try? JSONDecoder().decode(type, from: data) else {
            throw .malformed(
                path: file.relativePath, reason: "its fields are not those of \(type.kindName)")
        }
        return manifest
    }

    private static func check(_ manifest: some RunManifest, in url: URL)
        throws(EvaluationFolderError)
    {
        let file = url.appending(path: manifestName)
        if FileManager.default.fileExists(atPath: file.path) {
            let old = try Self.manifest(type(of: manifest), in: url)
            if let difference = manifest.difference(from: old) {
                throw .otherRun(path: url.relativePath, differs: difference)
            }
            return
        }
        do {
            let encoder = JSONEncoder.runLine
            encoder.outputFormatting.insert(.prettyPrinted)
            try encoder.encode(manifest).write(to: file, options: .atomic)
        } catch {
            throw .system(path: file.path, reason: "\((error as NSError).localizedDescription)")
        }
    }

    /// The complete lines, and where the last one ends.
    private static func read(_ url: URL) throws(EvaluationFolderError) -> (lines: [Data], end: Int)
    {
        let file = url.appending(path: itemsName)
        do throws(ImageReadError) {
            var reader = LineReader(
                try ChunkedFile(file, limit: largestFile), longest: longestLine)
            var lines: [Data] = []
            var end = 0
            while let line = try reader.next() {
                guard line.isComplete else { break }
                end = line.end
                if let bytes = line.bytes, !bytes.isEmpty { lines.append(Data(bytes)) }
            }
            return (lines, end)
        } catch {
            if error.isMissing { throw .missing(url.relativePath) }
            throw .system(path: file.relativePath, reason: error.description)
        }
    }

    private static func makeFolder(_ url: URL) throws(EvaluationFolderError) {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) {
            guard isFolder.boolValue else {
                throw .system(path: url.relativePath, reason: "it is a file, not a folder")
            }
            return
        }
        do {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        } catch {
            throw .system(
                path: url.relativePath, reason: "\((error as NSError).localizedDescription)")
        }
    }
}

extension EvaluationFolderError {
    /// The failure of the system call just made.
    static func last(_ path: String) -> EvaluationFolderError {
        .system(path: path, reason: String(cString: strerror(errno)))
    }
}

extension JSONEncoder {
    /// One line, keys in order.
    static var runLine: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}

/// What describes a run and tells it from others.
public protocol RunManifest: Codable, Equatable, Sendable {
    /// What such runs are, for messages.
    static var kindName: String { get }
    /// In what another run differs, so that their items must not be mixed; `nil` when in nothing
    /// that matters.
    func difference(from other: Self) -> String?
}
