import Foundation
import GRDB
import ImageCodecs
import Synchronization

/// Pictures on their way into the vault or out of it, in a folder `images/.incoming-…`.
///
/// The file `owner` in it is locked while its process lives, and lists every picture concerned
/// before its file is moved into place or its row is deleted. So after a crash the next opening
/// can tell dead folders from living ones, and knows which files of the vault may have no row.
final class StagingFolder: Sendable {
    private let vault: ImageVault
    private let folder: String
    private let owner: Int32
    private let listed = Mutex<Set<String>>([])
    private let touched = Mutex(false)

    /// Whether files of the vault may lack a row because of this folder, so that it must be settled.
    var touchesVault: Bool { touched.withLock { $0 } }

    /// Makes an empty staging folder of this process.
    init(_ vault: ImageVault) throws(SystemFailure) {
        let name = UUID().uuidString
        // Until the lock is held, the name is one that the sweep of other processes passes over.
        let hidden = vault.images + "/.new-" + name
        self.vault = vault
        folder = vault.images + "/.incoming-" + name
        try DurableFile.makeFolder(hidden, durable: false)
        owner = open(hidden + "/owner", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_APPEND, 0o644)
        guard owner >= 0 else {
            let failure = SystemFailure.last(hidden)
            rmdir(hidden)
            throw failure
        }
        _ = flock(owner, LOCK_EX | LOCK_NB)
        try DurableFile.move(hidden, to: folder)
    }

    /// Takes over the folder of a process that is gone; `nil` if the process lives.
    private init?(taking folder: String, _ vault: ImageVault) {
        self.vault = vault
        self.folder = folder
        owner = open(folder + "/owner", O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard owner >= 0 else { return nil }
        guard flock(owner, LOCK_EX | LOCK_NB) == 0 else {
            closeFile(owner)
            return nil
        }
        let bytes = (try? FileHandle(fileDescriptor: owner).readToEnd()) ?? Data()
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        listed.withLock { $0 = Set(lines.map(String.init)) }
    }

    /// The folders of processes that are gone.
    static func abandoned(in vault: ImageVault) -> [StagingFolder] {
        DurableFile.names(in: vault.images).filter { $0.hasPrefix(".") }.compactMap { name in
            let folder = vault.images + "/" + name
            if name.hasPrefix(".new-") { removeIfOld(folder) }
            guard name.hasPrefix(".incoming-") else { return nil }
            return StagingFolder(taking: folder, vault)
        }
    }

    /// Removes a folder whose maker died within its first microseconds.
    private static func removeIfOld(_ folder: String) {
        var facts = stat()
        guard lstat(folder, &facts) == 0, time(nil) - facts.st_mtim.tv_sec > 3600 else { return }
        unlink(folder + "/owner")
        rmdir(folder)
    }

    /// Writes a picture durably beside its future place.
    func stage(_ image: PreparedImage) throws(SystemFailure) {
        guard try list(image.stored) else { return }
        try DurableFile.create(folder + "/" + image.stored.fileName, image.data)
    }

    /// Notes that a file of the vault is about to lose its row.
    func listLeaving(_ image: StoredImage) throws(SystemFailure) {
        touched.withLock { $0 = true }
        _ = try list(image)
    }

    /// Notes a picture in the owner file; returns false if it was noted before.
    private func list(_ image: StoredImage) throws(SystemFailure) -> Bool {
        let name = image.fileName
        let failure: SystemFailure?? = listed.withLock { names in
            guard names.insert(name).inserted else { return nil }
            do throws(SystemFailure) {
                try DurableFile.write(Data((name + "\n").utf8), to: owner, path: folder + "/owner")
                return .some(nil)
            } catch {
                return .some(error)
            }
        }
        guard let failure else { return false }
        if let failure { throw failure }
        return true
    }

    /// Moves staged pictures into the vault; call inside the transaction that adds their rows.
    func place(_ images: [StoredImage]) throws(SystemFailure) {
        var shards: Set<String> = []
        for image in images {
            let staged = folder + "/" + image.fileName
            guard DurableFile.size(of: staged) != nil, !vault.holds(image) else { continue }
            touched.withLock { $0 = true }
            let shard = vault.images + "/" + image.sha256.prefix(2)
            try DurableFile.makeFolder(shard, durable: false)
            try DurableFile.move(staged, to: vault.absolute(image.path))
            shards.insert(shard)
        }
        for shard in shards { try DurableFile.syncFolder(shard) }
        if !shards.isEmpty { try DurableFile.syncFolder(vault.images) }
    }

    /// Deletes those listed files of the vault that no row refers to.
    ///
    /// Call inside a write transaction: rows and files only appear under the same lock.
    func settle(_ db: Database) throws {
        for name in listed.withLock({ $0 }) {
            let parts = name.split(separator: ".")
            guard parts.count == 2, parts[0].isSHA256,
                let format = ImageFormat(fileExtension: String(parts[1]))
            else { continue }
            let sha256 = String(parts[0])
            let isUsed = try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM image WHERE sha256 = ?)",
                arguments: [sha256])
            guard isUsed == false else { continue }
            unlink(vault.absolute(ImageVault.path(sha256: sha256, format: format)))
        }
        removeFiles()
    }

    /// Deletes the folder with what is still in it, after its pictures are safely in the vault.
    func finish() {
        removeFiles()
        close()
    }

    /// Lets go of the lock; what is left in the folder is for the next sweep.
    func close() {
        closeFile(owner)
    }

    private func removeFiles() {
        for name in DurableFile.names(in: folder) where name != "owner" {
            unlink(folder + "/" + name)
        }
        unlink(folder + "/owner")
        rmdir(folder)
    }
}

extension StringProtocol {
    /// Whether the text is 64 lower-case hexadecimal digits.
    var isSHA256: Bool {
        utf8.count == 64
            && utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}

extension ImageFormat {
    /// The format whose files end so.
    init?(fileExtension: String) {
        guard
            let format = [ImageFormat.png, .jpeg, .webp].first(where: {
                $0.fileExtension == fileExtension
            })
        else { return nil }
        self = format
    }
}
