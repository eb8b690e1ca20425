import Foundation
import Synchronization

/// The end of a file of lines, each on the disk before it counts.
///
/// After a failure `errno` says why.
final class LineAppender: Sendable {
    private let descriptor: Int32
    private let writing = Mutex<Void>(())

    /// Opens a file, or makes it; `nil` when that fails.
    init?(_ path: String) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { return nil }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Keeps others out as long as this lives; false when somebody is there.
    func lock() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }

    /// Drops what stands behind the last whole line; lines are added there.
    func cut(at end: Int) -> Bool {
        ftruncate(descriptor, off_t(end)) == 0 && lseek(descriptor, off_t(end), SEEK_SET) >= 0
    }

    /// Adds a line and waits until it is on the disk; may be called from any thread.
    ///
    /// - Returns: the system's reason when it could not be written.
    /// - Throws: what encoding throws.
    func append(_ item: some Encodable) throws -> String? {
        var line = try JSONEncoder.runLine.encode(item)
        line.append(UInt8(ascii: "\n"))
        return writing.withLock { _ in
            line.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) -> String? in
                var rest = bytes[...]
                while !rest.isEmpty {
                    let slice = UnsafeRawBufferPointer(rebasing: rest)
                    let count = write(descriptor, slice.baseAddress, slice.count)
                    if count < 0, errno == EINTR { continue }
                    guard count > 0 else { return String(cString: strerror(errno)) }
                    rest = rest.dropFirst(count)
                }
                return fsync(descriptor) == 0 ? nil : String(cString: strerror(errno))
            }
        }
    }
}
