import Foundation

/// Writes files whole or not at all, and never over another one by accident.
enum NewFile {
    /// There is a file of that name; ask before replacing it.
    struct Exists: Error {}

    /// - Throws: `Exists`, or a failure with a sentence.
    static func write(_ data: Data, to file: URL, replaces: Bool) throws {
        if !replaces { try reserve(file) }
        do {
            try data.write(to: file, options: .atomic)
        } catch {
            if !replaces { unlink(file.path) }
            throw StudioFailure(
                .failed,
                "\(file.path) cannot be written: \(FileReason.text(error)); choose another place")
        }
    }

    /// Takes the name with an empty file, so that nobody else can take it in between.
    private static func reserve(_ file: URL) throws {
        let descriptor = open(file.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            if errno == EEXIST { throw Exists() }
            let reason = String(cString: strerror(errno))
            throw StudioFailure(
                .failed, "\(file.path) cannot be written: \(reason); choose another place")
        }
        close(descriptor)
    }
}
