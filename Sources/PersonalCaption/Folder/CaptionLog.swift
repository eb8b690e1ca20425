public import Foundation
import ImageCodecs

/// A file with one caption a line, which can be gone on with after any end of the program.
///
/// A line is on the disk before its picture counts as done. A line that was cut short is dropped,
/// so its picture is captioned again: no picture is lost, and none is there twice.
public final class CaptionLog: Sendable {
    /// The file.
    public let url: URL
    /// Pictures that need not be captioned any more, failures among them.
    public let done: Set<String>
    /// How many of them could not be captioned.
    public let failures: Int
    private let lines: LineAppender
    static let longestLine = 4 << 20
    static let largestFile = 64 << 30

    /// Opens a file, or makes it.
    ///
    /// - Parameters:
    ///   - model: what makes the captions now.
    ///   - question: what is asked now; a file with another model or question is refused.
    ///   - concepts: who is shown now.
    ///   - retriesFailures: whether pictures that failed are tried again; their lines are taken out.
    /// - Throws: `FolderCaptionError`.
    public init(
        _ url: URL, model: String, question: String, concepts: [String] = [],
        retriesFailures: Bool = false
    ) throws(FolderCaptionError) {
        self.url = url
        let path = url.path
        // The lock has a file of its own: the captions' file may be replaced as a whole.
        let lock = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard lock >= 0 else {
            throw .system(path: url.relativePath, reason: String(cString: strerror(errno)))
        }
        self.lock = lock
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            throw .busy(url.relativePath)
        }
        do throws(FolderCaptionError) {
            var found = try Self.read(url, model, question, concepts)
            if retriesFailures, found.failures > 0 {
                try Self.rewrite(url, found.kept)
                found = try Self.read(url, model, question, concepts)
            }
            guard let lines = LineAppender(path), lines.cut(at: found.end) else {
                throw .system(path: url.relativePath, reason: String(cString: strerror(errno)))
            }
            self.lines = lines
            done = found.done
            failures = found.failures
        } catch {
            close(lock)
            throw error
        }
    }

    private let lock: Int32

    deinit { close(lock) }

    /// Adds a line and waits until it is on the disk; may be called from any thread.
    ///
    /// - Throws: `FolderCaptionError.system`.
    public func append(_ caption: FolderCaption) throws {
        if let reason = try lines.append(caption) {
            throw FolderCaptionError.system(path: url.relativePath, reason: reason)
        }
    }

    private struct Contents {
        var done: Set<String> = []
        var failures = 0
        /// Where the last whole line ends.
        var end = 0
        /// Lines of captions that did not fail.
        var kept = Data()
    }

    private static func read(
        _ url: URL, _ model: String, _ question: String, _ concepts: [String]
    ) throws(FolderCaptionError) -> Contents {
        var contents = Contents()
        guard FileManager.default.fileExists(atPath: url.path) else { return contents }
        let decoder = JSONDecoder()
        var reader = try reading(url) { () throws(ImageReadError) in
            LineReader(try ChunkedFile(url, limit: largestFile), longest: longestLine)
        }
        while let line = try reading(url, { () throws(ImageReadError) in try reader.next() }) {
            // What was cut short is made again.
            guard line.isComplete else { break }
            guard let bytes = line.bytes.map({ Data($0) }),
                let caption = try? decoder.decode(FolderCaption.self, from: bytes)
            else { throw .notCaptions(path: url.relativePath, line: line.number) }
            if let difference = difference(caption, model, question, concepts) {
                throw .otherCaptions(path: url.relativePath, differs: difference)
            }
            contents.end = line.end
            contents.done.insert(caption.image)
            if caption.error != nil {
                contents.failures += 1
            } else {
                contents.kept += bytes + Data("\n".utf8)
            }
        }
        return contents
    }

    static func reading<Value>(
        _ url: URL, _ work: () throws(ImageReadError) -> Value
    ) throws(FolderCaptionError) -> Value {
        do throws(ImageReadError) {
            return try work()
        } catch {
            throw .system(path: url.relativePath, reason: error.description)
        }
    }

    private static func difference(
        _ line: FolderCaption, _ model: String, _ question: String, _ concepts: [String]
    ) -> String? {
        if line.model != model { return "their model is \(line.model), not \(model)" }
        if line.question != question { return "their question is another one" }
        return line.concepts ?? [] != concepts ? "other concepts were shown" : nil
    }

    private static func rewrite(_ url: URL, _ data: Data) throws(FolderCaptionError) {
        do {
            try data.write(to: url, options: .atomic)
        } catch {
            throw .system(path: url.relativePath, reason: (error as NSError).localizedDescription)
        }
    }
}
