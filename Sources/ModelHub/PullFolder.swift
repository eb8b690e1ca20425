public import Foundation

/// What is noted beside a pulled checkpoint: where it comes from.
struct PullNote: Codable, Equatable {
    struct File: Codable, Equatable {
        let name: String
        let bytes: Int
        /// `sha256:…` or `git:…`; `nil` when the hub told none.
        let digest: String?
    }

    let hub: String
    let repository: String
    let revision: String
    let commit: String
    let files: [File]
}

/// The folders of one pull: one that grows, and one that is there when all is done.
struct PullFolder {
    /// The checkpoint.
    let final: URL
    /// The same while it is not complete.
    let part: URL

    static let noteName = "studio-hub.json"

    init(_ into: URL, repository: RepositoryName, commit: String) {
        let name = "\(repository.owner)--\(repository.name)--\(commit.prefix(12))"
        final = into.appendingPathComponent(name, isDirectory: true)
        part = into.appendingPathComponent(".\(name).part", isDirectory: true)
    }

    /// The note of a checkpoint that is complete already, all its files with their lengths.
    func finished() -> PullNote? {
        guard let data = try? Data(contentsOf: final.appendingPathComponent(Self.noteName)),
            let note = try? JSONDecoder().decode(PullNote.self, from: data)
        else { return nil }
        let isWhole = note.files.allSatisfy { file in
            RepositoryName.isName(file.name)
                && size(final.appendingPathComponent(file.name)) == file.bytes
        }
        return isWhole ? note : nil
    }

    /// Makes the folder, and keeps others out of it as long as the result lives.
    func open() throws(HubError) -> PullLock {
        do {
            try FileManager.default.createDirectory(
                at: part, withIntermediateDirectories: true)
        } catch {
            throw .system(path: part.path, reason: (error as NSError).localizedDescription)
        }
        return try PullLock(part)
    }

    /// A file that an earlier pull finished and checked; `nil` when it is still to be brought.
    func ready(_ file: HubListing.File) -> PullNote.File? {
        guard let bytes = size(part.appendingPathComponent(file.name)),
            file.size == nil || file.size == bytes
        else { return nil }
        return PullNote.File(name: file.name, bytes: bytes, digest: Self.text(file.digest))
    }

    func describe(_ file: FileDownload) -> PullNote.File {
        PullNote.File(
            name: file.file.name, bytes: file.size, digest: Self.text(file.file.digest))
    }

    private static func text(_ digest: HubListing.Digest?) -> String? {
        switch digest {
        case .sha256(let text): "sha256:\(text)"
        case .git(let text): "git:\(text)"
        case nil: nil
        }
    }

    /// - Throws: `HubError.diskFull` when so many bytes more do not fit.
    func checkSpace(_ bytes: Int) throws(HubError) {
        var facts = statvfs()
        guard statvfs(part.path, &facts) == 0 else { return }
        let free = Int(
            clamping: UInt64(facts.f_bavail).multipliedReportingOverflow(
                by: UInt64(facts.f_frsize)
            ).partialValue)
        // A library on the same disk wants to live, too.
        guard bytes <= free - (64 << 20) else {
            throw .diskFull(path: part.path, needed: bytes + (64 << 20), free: free)
        }
    }

    /// Writes the note, and gives the folder its name.
    func finish(_ note: PullNote) throws(HubError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            try encoder.encode(note).write(
                to: part.appendingPathComponent(Self.noteName), options: .atomic)
            try? FileManager.default.removeItem(at: part.appendingPathComponent(PullLock.name))
            // One that was there and is not whole makes room.
            if FileManager.default.fileExists(atPath: final.path) {
                try FileManager.default.removeItem(at: final)
            }
            try FileManager.default.moveItem(at: part, to: final)
        } catch {
            throw .system(path: final.path, reason: (error as NSError).localizedDescription)
        }
        let folder = Foundation.open(final.deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
    }

    private func size(_ url: URL) -> Int? {
        var facts = stat()
        guard lstat(url.path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(facts.st_size)
    }
}

/// Keeps other programs from pulling into the same folder.
final class PullLock {
    static let name = ".lock"
    private let file: Int32

    init(_ folder: URL) throws(HubError) {
        let url = folder.appendingPathComponent(Self.name)
        file = Foundation.open(url.path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard file >= 0 else { throw .last(url) }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            close(file)
            throw .busy(folder.path)
        }
    }

    deinit { close(file) }
}

/// Tells the folders of pulls by their names.
public enum PullFolders {
    /// Whether a path is a checkpoint of a model that was pulled into a folder, in whatever state.
    public static func isOfRepository(
        _ path: String, _ repository: RepositoryName, in folder: URL
    ) -> Bool {
        let url = URL(fileURLWithPath: path, isDirectory: true)
        return url.deletingLastPathComponent().standardizedFileURL.path
            == folder.standardizedFileURL.path
            && url.lastPathComponent.hasPrefix("\(repository.owner)--\(repository.name)--")
    }
}
