import Crypto
import Foundation
import Synchronization

/// One file on its way: its bytes at their places, and beside them a list of those that are there.
///
/// The list is written after the bytes are on the disk, so what it says is true after any end of
/// the program. It begins with what the file is; for another file it is begun anew.
final class FileDownload: Sendable {
    let file: HubListing.File
    let size: Int
    private let data: URL
    private let list: URL
    private let dataFile: Int32
    private let listFile: Int32
    private let ranges: Mutex<ByteRanges>

    /// - Parameter folder: where the file is made; its name there ends with `.part`.
    init(_ file: HubListing.File, size: Int, in folder: URL) throws(HubError) {
        self.file = file
        self.size = size
        data = folder.appendingPathComponent(file.name + ".part")
        list = folder.appendingPathComponent(file.name + ".have")
        let head = "\(size) \(file.digest.map { "\($0)" } ?? "unknown")"
        let known = (try? String(contentsOf: list, encoding: .utf8)) ?? ""
        let (found, isSame) = Self.read(known, head: head, size: size)
        let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW
        dataFile = open(data.path, flags | (isSame ? 0 : O_TRUNC), 0o644)
        guard dataFile >= 0 else { throw .last(data) }
        var facts = stat()
        // A list whose file has been cut short is worth nothing.
        let isThere = isSame && fstat(dataFile, &facts) == 0 && Int(facts.st_size) == size
        ranges = Mutex(isThere ? found : ByteRanges())
        listFile = open(list.path, flags | O_APPEND | (isThere ? 0 : O_TRUNC), 0o644)
        guard listFile >= 0 else {
            close(dataFile)
            throw .last(list)
        }
        if !isThere {
            guard ftruncate(dataFile, off_t(size)) == 0 else { throw .last(data) }
            try write(head + "\n")
        }
    }

    deinit {
        close(dataFile)
        if listFile >= 0 { close(listFile) }
    }

    /// Bytes that are there.
    var have: Int { ranges.withLock(\.count) }

    var isComplete: Bool { have == size }

    func missing(piece: Int) -> [Range<Int>] {
        ranges.withLock { $0.missing(of: size, piece: piece) }
    }

    /// Puts bytes at their place, and notes them once they are on the disk.
    func put(_ bytes: Data, at start: Int) throws(HubError) {
        guard !bytes.isEmpty else { return }
        let isWritten = bytes.withUnsafeBytes { (buffer: UnsafeRawBufferPointer) -> Bool in
            var done = 0
            while done < buffer.count {
                let rest = UnsafeRawBufferPointer(rebasing: buffer[done...])
                let count = pwrite(dataFile, rest.baseAddress, rest.count, off_t(start + done))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                done += count
            }
            return fsync(dataFile) == 0
        }
        guard isWritten else { throw .last(data) }
        try write("\(start) \(start + bytes.count)\n")
        ranges.withLock { $0.insert(start..<start + bytes.count) }
    }

    /// Whether the content is what its hash promises; `nil` when nothing was promised.
    func isRight() throws(HubError) -> Bool? {
        switch file.digest {
        case .sha256(let wanted): return try digest(SHA256()) == wanted
        case .git(let wanted):
            var hash = Insecure.SHA1()
            hash.update(data: Data("blob \(size)\0".utf8))
            return try digest(hash) == wanted
        case nil: return nil
        }
    }

    /// Forgets what is there, after a wrong hash.
    func restart() throws(HubError) {
        ranges.withLock { $0 = ByteRanges() }
        guard ftruncate(listFile, 0) == 0 else { throw .last(list) }
        try write("\(size) \(file.digest.map { "\($0)" } ?? "unknown")\n")
    }

    /// Gives the file its name; nothing can be added after that.
    func finish(in folder: URL) throws(HubError) {
        let target = folder.appendingPathComponent(file.name)
        guard fsync(dataFile) == 0, rename(data.path, target.path) == 0 else {
            throw .last(target)
        }
        unlink(list.path)
    }

    private func digest<Hash: HashFunction>(_ start: Hash) throws(HubError) -> String {
        var hash = start
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var place = 0
        while place < size {
            let count = pread(dataFile, &buffer, buffer.count, off_t(place))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .last(data) }
            hash.update(data: buffer[..<count])
            place += count
        }
        return hash.finalize().map { String(format: "%02x", $0) }.joined()
    }

    private func write(_ line: String) throws(HubError) {
        let bytes = Array(line.utf8)
        // One write in append mode: lines of several threads do not mix.
        guard Foundation.write(listFile, bytes, bytes.count) == bytes.count,
            fsync(listFile) == 0
        else { throw .last(list) }
    }

    /// The ranges of a list; a last line that was cut short is left out.
    static func read(
        _ text: String, head: String, size: Int
    ) -> (ranges: ByteRanges, isSame: Bool) {
        var ranges = ByteRanges()
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        lines.removeLast()
        guard lines.first.map(String.init) == head else { return (ranges, false) }
        for line in lines.dropFirst() {
            let numbers = line.split(separator: " ").compactMap { Int($0) }
            guard numbers.count == 2, 0 <= numbers[0], numbers[0] < numbers[1], numbers[1] <= size
            else { return (ByteRanges(), false) }
            ranges.insert(numbers[0]..<numbers[1])
        }
        return (ranges, true)
    }
}

extension HubError {
    /// The failure of the system call just made.
    static func last(_ url: URL) -> HubError {
        .system(path: url.path, reason: String(cString: strerror(errno)))
    }
}
