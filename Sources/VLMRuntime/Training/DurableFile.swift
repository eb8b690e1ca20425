import Foundation

/// Writes files so that a crash or a full disk leaves either the old one or the new one.
enum DurableFile {
    struct Failure: Error {
        var path: String
        var reason: String
    }

    /// Writes `data` under a temporary name, flushes it to the disk, and renames it.
    static func write(_ data: Data, to url: URL) throws(Failure) {
        try write(to: url) { file throws(Failure) in
            try file.append(data)
        }
    }

    /// Lets `body` write a file piece by piece under a temporary name, then puts it in place.
    static func write(
        to url: URL, _ body: (Handle) throws(Failure) -> Void
    ) throws(Failure) {
        let temporary = url.deletingLastPathComponent()
            .appendingPathComponent(".\(url.lastPathComponent).\(getpid()).part")
        do throws(Failure) {
            let handle = try Handle(path: temporary.path)
            try body(handle)
            try handle.flush()
        } catch {
            unlink(temporary.path)
            throw error
        }
        guard rename(temporary.path, url.path) == 0 else {
            let reason = lastReason()
            unlink(temporary.path)
            throw Failure(path: url.path, reason: reason)
        }
        flushFolder(url.deletingLastPathComponent().path)
    }

    /// A name survives a crash only when its folder has been flushed as well.
    static func flushFolder(_ path: String) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    static func lastReason() -> String { String(cString: strerror(errno)).lowercased() }

    /// An open file that is being written.
    final class Handle {
        let path: String
        private let descriptor: Int32

        init(path: String) throws(Failure) {
            self.path = path
            descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else { throw Failure(path: path, reason: lastReason()) }
        }

        deinit { close(descriptor) }

        /// Adds bytes at the end, all of them or none that count.
        func append(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
            var done = 0
            while done < bytes.count {
                guard let base = bytes.baseAddress else { return }
                let written = Foundation.write(descriptor, base + done, bytes.count - done)
                if written < 0 && errno == EINTR { continue }
                guard written > 0 else { throw Failure(path: path, reason: lastReason()) }
                done += written
            }
        }

        func append(_ data: Data) throws(Failure) {
            let outcome = data.withUnsafeBytes { bytes in
                Result { () throws(Failure) in try append(bytes) }
            }
            try outcome.get()
        }

        /// Adds values as they lie in memory.
        func append<Value>(_ values: [Value]) throws(Failure) {
            let outcome = values.withUnsafeBytes { bytes in
                Result { () throws(Failure) in try append(bytes) }
            }
            try outcome.get()
        }

        func flush() throws(Failure) {
            guard fsync(descriptor) == 0 else { throw Failure(path: path, reason: lastReason()) }
        }
    }
}
