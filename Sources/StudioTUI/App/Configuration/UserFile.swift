import Foundation
import ImageCodecs
import TerminalUI

/// A small text file that the user edits and the app rewrites now and then.
struct UserFile: Sendable, Equatable {
    let url: URL

    /// More is no file somebody wrote by hand.
    static let mostBytes = 1 << 20

    /// Its text; `nil` when there is no such file.
    ///
    /// - Throws: `FileFailure` when it is no regular file, too large, unreadable or no UTF-8.
    func read() throws(FileFailure) -> String? {
        let data: Data
        do {
            data = try BoundedFile.read(url, limit: Self.mostBytes)
        } catch {
            if case .notFound = error { return nil }
            throw FileFailure(error.description)
        }
        if let text = String(validating: data, as: UTF8.self) { return text }
        let line = Self.lineOfDamage(data)
        throw FileFailure("'\(shownPath)', line \(line): this is not UTF-8 text")
    }

    /// Puts a text in place so that a crash leaves either the old file or the new one.
    ///
    /// A link is followed, as those who keep their settings elsewhere expect; permissions stay.
    ///
    /// - Throws: `FileFailure`; the old file is as it was.
    func write(_ text: String) throws(FileFailure) {
        let target = url.resolvingSymlinksInPath().path
        let folder = (target as NSString).deletingLastPathComponent
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw failure(FileReason.text(error))
        }
        var mode: mode_t = 0o644
        if let facts = FileFacts(target) {
            guard facts.kind == .file else { throw failure("it is no file") }
            mode = mode_t(facts.permissions)
        }
        let temporary = "\(folder)/.\((target as NSString).lastPathComponent).\(UUID().uuidString)"
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard file >= 0 else { throw failure(Self.reason()) }
        var problem = Self.fill(file, with: Array(text.utf8))
        if problem == nil, fchmod(file, mode) != 0 || fsync(file) != 0 { problem = Self.reason() }
        if close(file) != 0, problem == nil { problem = Self.reason() }
        if problem == nil, rename(temporary, target) != 0 { problem = Self.reason() }
        if let problem {
            unlink(temporary)
            throw failure(problem)
        }
        Self.syncFolder(folder)
    }

    // MARK: - Details

    private var shownPath: String { TerminalText.sanitized(url.path) }

    private func failure(_ reason: String) -> FileFailure {
        FileFailure("'\(shownPath)' cannot be written: \(reason)")
    }

    private static func reason() -> String { String(cString: strerror(errno)) }

    private static func fill(_ file: Int32, with bytes: [UInt8]) -> String? {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let slice = UnsafeRawBufferPointer(rebasing: rest)
                let count = Foundation.write(file, slice.baseAddress, slice.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return count == 0 ? "the disk is full" : reason() }
                rest = rest.dropFirst(count)
            }
            return nil
        }
    }

    /// Makes the new name survive a power cut, where the file system can.
    private static func syncFolder(_ path: String) {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }

    private static func lineOfDamage(_ data: Data) -> Int {
        var line = 1
        for part in data.split(separator: 0x0A, omittingEmptySubsequences: false) {
            if String(validating: part, as: UTF8.self) == nil { return line }
            line += 1
        }
        return line
    }
}
