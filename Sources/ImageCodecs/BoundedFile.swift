public import Foundation

/// Reads whole files whose path comes from outside.
public enum BoundedFile {
    /// Reads a regular file of at most `limit` bytes.
    ///
    /// Pipes, sockets, devices and directories are refused at once: opening never waits for a
    /// writer. A file that grows while it is read is held to the limit too.
    ///
    /// - Throws: ``ImageReadError``, never about the content.
    public static func read(_ url: URL, limit: Int) throws(ImageReadError) -> Data {
        let file = url.relativePath
        let descriptor = url.path.withCString {
            open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
        }
        guard descriptor >= 0 else { throw openingError(errno, file: file) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .unreadable(file: file, reason: reason(errno))
        }
        if let kind = irregularKind(status.st_mode) {
            throw .notARegularFile(file: file, kind: kind)
        }
        guard status.st_size <= limit else {
            throw .tooLarge(file: file, bytes: Int(status.st_size), limit: limit)
        }
        return try contents(of: descriptor, file: file, expected: Int(status.st_size), limit: limit)
    }

    private static func contents(
        of descriptor: Int32, file: String, expected: Int, limit: Int
    ) throws(ImageReadError) -> Data {
        var data = Data(count: expected + 1)  // One more, to notice the end without growing.
        var filled = 0
        while true {
            if filled == data.count { data.count += max(4096, data.count) }
            let room = data.count - filled
            let count = data.withUnsafeMutableBytes { buffer in
                buffer.baseAddress.map { readSome(descriptor, $0 + filled, room) } ?? 0
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw .unreadable(file: file, reason: reason(errno)) }
            if count == 0 { break }
            filled += count
            guard filled <= limit else { throw .tooLarge(file: file, bytes: filled, limit: limit) }
        }
        data.count = filled
        return data
    }

    private static func openingError(_ code: Int32, file: String) -> ImageReadError {
        switch code {
        case ENOENT, ENOTDIR: .notFound(file: file)
        case EACCES, EPERM: .unreadable(file: file, reason: "permission denied")
        case ENXIO: .notARegularFile(file: file, kind: "a socket")
        default: .unreadable(file: file, reason: reason(code))
        }
    }

    /// What a file is when it is not a regular one.
    private static func irregularKind(_ mode: mode_t) -> String? {
        switch mode & S_IFMT {
        case S_IFREG: nil
        case S_IFDIR: "a directory"
        case S_IFIFO: "a pipe"
        case S_IFSOCK: "a socket"
        default: "a device"
        }
    }

    private static func reason(_ code: Int32) -> String {
        String(cString: strerror(code)).lowercased()
    }
}

/// The system's `read`, whose name ``BoundedFile`` uses itself.
private func readSome(_ descriptor: Int32, _ target: UnsafeMutableRawPointer, _ count: Int) -> Int {
    read(descriptor, target, count)
}
