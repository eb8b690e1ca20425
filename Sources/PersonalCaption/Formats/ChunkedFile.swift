import Foundation
import ImageCodecs

/// A regular file read in pieces, for files too large to hold.
final class ChunkedFile: Sendable {
    /// Its size when it was opened, in bytes.
    let size: Int
    private let descriptor: Int32
    private let name: String

    /// Opens a regular file; pipes, sockets and devices are refused at once.
    init(_ url: URL, limit: Int) throws(ImageReadError) {
        name = url.relativePath
        descriptor = url.path.withCString { open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY) }
        var facts = stat()
        guard descriptor >= 0, fstat(descriptor, &facts) == 0 else {
            let code = errno
            size = 0
            if code == ENOENT || code == ENOTDIR { throw .notFound(file: name) }
            throw .unreadable(file: name, reason: String(cString: strerror(code)))
        }
        size = Int(facts.st_size)
        guard facts.st_mode & S_IFMT == S_IFREG else {
            throw .notARegularFile(file: name, kind: "no regular file")
        }
        guard size <= limit else { throw .tooLarge(file: name, bytes: size, limit: limit) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Up to `count` bytes from a place; fewer only at the end.
    func bytes(at offset: Int, count: Int) throws(ImageReadError) -> [UInt8] {
        var filled = 0
        var failure: Int32?
        let bytes = [UInt8](unsafeUninitializedCapacity: max(0, count)) { buffer, length in
            while filled < count, let base = buffer.baseAddress {
                let read = pread(descriptor, base + filled, count - filled, off_t(offset + filled))
                if read < 0, errno == EINTR { continue }
                if read < 0 { failure = errno }
                if read <= 0 { break }
                filled += read
            }
            length = filled
        }
        if let failure {
            throw .unreadable(file: name, reason: String(cString: strerror(failure)))
        }
        return bytes
    }
}

/// The lines of a file, one after the other, none longer than a limit.
struct LineReader {
    /// A line and its number, counted from 1.
    struct Line {
        let number: Int
        /// `nil` for a line longer than the limit, which was passed over.
        let bytes: [UInt8]?
        /// Whether it ended with a line feed, as all but a line cut short do.
        let isComplete: Bool
        /// Where the next line begins in the file.
        let end: Int
    }

    private let file: ChunkedFile
    private let longest: Int
    private var buffer: [UInt8] = []
    private var position = 0
    private var offset = 0
    private var number = 0
    private static let piece = 1 << 18

    init(_ file: ChunkedFile, longest: Int) {
        self.file = file
        self.longest = longest
    }

    /// The next line without its line end; `nil` at the end of the file.
    mutating func next() throws(ImageReadError) -> Line? {
        var line: [UInt8] = []
        var isTooLong = false
        var hasBytes = false
        while true {
            if position == buffer.count {
                buffer = try file.bytes(at: offset, count: Self.piece)
                position = 0
                offset += buffer.count
                if buffer.isEmpty {
                    guard hasBytes else { return nil }
                    return finish(line, isTooLong: isTooLong, isComplete: false)
                }
            }
            hasBytes = true
            let rest = buffer[position...]
            let feed = rest.firstIndex(of: UInt8(ascii: "\n"))
            let part = rest[..<(feed ?? rest.endIndex)]
            if line.count + part.count > longest {
                isTooLong = true
                line = []
            } else if !isTooLong {
                line += part
            }
            position = feed.map { $0 + 1 } ?? buffer.count
            if feed != nil { return finish(line, isTooLong: isTooLong, isComplete: true) }
        }
    }

    private mutating func finish(_ line: [UInt8], isTooLong: Bool, isComplete: Bool) -> Line {
        number += 1
        let content = line.last == UInt8(ascii: "\r") ? Array(line.dropLast()) : line
        return Line(
            number: number, bytes: isTooLong ? nil : content, isComplete: isComplete,
            end: offset - buffer.count + position)
    }
}
