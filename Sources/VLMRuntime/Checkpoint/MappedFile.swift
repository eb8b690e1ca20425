import Foundation
import ImageCodecs

/// A file mapped into memory for reading; unmapped when the last user lets go.
///
/// The pages belong to the file: they cost no memory of our own until touched, and the system may
/// drop them again.
final class MappedFile: @unchecked Sendable {
    // Unchecked: the mapping is read-only and never changes after `init`.
    let path: String
    let count: Int
    let base: UnsafeRawPointer
    private let mapping: UnsafeMutableRawPointer?
    /// Whether the pages are a file's, and not memory of our own.
    private let isFile: Bool

    /// Maps a regular file.
    ///
    /// - Throws: `CheckpointError.unreadable` when it is not a readable regular file.
    init(path: String) throws(CheckpointError) {
        self.path = path
        isFile = true
        // Non-blocking, so that a FIFO in place of a file cannot hang us.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(file: path, reason: Self.reason()) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .unreadable(file: path, reason: Self.reason())
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(file: path, reason: "it is not a regular file")
        }
        count = Int(status.st_size)
        guard count > 0 else {
            mapping = nil
            base = UnsafeRawPointer(Self.emptyByte)
            return
        }
        let address = mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0)
        guard let address, address != MAP_FAILED else {
            throw .unreadable(file: path, reason: Self.reason())
        }
        mapping = address
        base = UnsafeRawPointer(address)
    }

    /// Memory of `count` bytes, all zero, for what is put together from parts of a file.
    ///
    /// - Parameter path: the file that the parts come from, for messages.
    /// - Throws: `CheckpointError.unreadable` when there is no such memory.
    init(room count: Int, path: String) throws(CheckpointError) {
        self.path = path
        self.count = count
        isFile = false
        let address = mmap(
            nil, max(1, count), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let address, address != MAP_FAILED else {
            throw .unreadable(file: path, reason: Self.reason())
        }
        mapping = address
        base = UnsafeRawPointer(address)
        // Fewer and larger pages: a hint, so its failure is none.
        madvise(address, max(1, count), MADV_HUGEPAGE)
    }

    deinit {
        if let mapping { munmap(mapping, max(1, count)) }
    }

    /// All bytes; valid while the file object lives.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    /// Tells the system that these bytes are not needed for now; they come back when they are read.
    func letGo(_ start: UnsafeRawPointer, _ count: Int) {
        guard isFile else { return }
        let page = UInt(sysconf(Int32(_SC_PAGESIZE)))
        let first = (UInt(bitPattern: start) + page - 1) / page * page
        let end = (UInt(bitPattern: start) + UInt(count)) / page * page
        guard first < end, let address = UnsafeMutableRawPointer(bitPattern: first) else { return }
        madvise(address, Int(end - first), MADV_DONTNEED)
    }

    private static func reason() -> String { String(cString: strerror(errno)).lowercased() }

    /// Stands in for the contents of an empty file.
    nonisolated(unsafe) private static let emptyByte = UnsafeMutableRawPointer.allocate(
        byteCount: 1, alignment: 1)  // never written, so sharing it is safe
}
