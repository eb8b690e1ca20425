import Foundation
import GRDB

/// Opens the database of a library folder, creating or upgrading it as needed.
struct LibraryOpening {
    let directory: String
    let busyTimeout: TimeInterval

    private var file: String { directory + "/library.sqlite" }

    func open() throws -> DatabasePool {
        try makeFolders()
        // While it lasts, nobody else creates or upgrades this library; it ends with the process.
        let lock = try FolderLock(file: directory + "/.open-lock", timeout: busyTimeout)
        guard let lock else { throw ConceptStoreError.busy(library: directory) }
        defer { lock.release() }
        try refuseForeignFile()
        let pool = try DatabasePool(path: file, configuration: configuration)
        try upgrade(pool)
        // GRDB chooses NORMAL for WAL; what a user was told is saved must survive a power cut.
        try pool.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA synchronous = FULL") }
        return pool
    }

    private var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "ConceptDB"
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(busyTimeout)
        configuration.maximumReaderCount = 4
        return configuration
    }

    private func makeFolders() throws {
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true)
        } catch {
            guard DurableFile.kind(of: directory) == nil else {
                throw ConceptStoreError.unusableFolder(
                    folder: directory, reason: "it is not a folder")
            }
            throw error
        }
        try DurableFile.makeFolder(directory + "/images")
    }

    /// SQLite itself would call a text file "not a database" only after creating files beside it.
    private func refuseForeignFile() throws {
        guard let kind = DurableFile.kind(of: file) else { return }
        guard kind == S_IFREG || kind == S_IFLNK else {
            throw ConceptStoreError.notADatabase(file: file)
        }
        guard let handle = FileHandle(forReadingAtPath: file) else {
            throw ConceptStoreError.readOnly(folder: file)
        }
        defer { try? handle.close() }
        let header = try handle.read(upToCount: 16) ?? Data()
        guard header.isEmpty || header == Data("SQLite format 3\0".utf8) else {
            throw ConceptStoreError.notADatabase(file: file)
        }
    }

    private func upgrade(_ pool: DatabasePool) throws {
        let migrator = LibrarySchema.migrator
        let upToDate = try pool.read { db in
            let mark = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
            let isEmpty =
                try Int.fetchOne(
                    db, sql: "SELECT count(*) FROM sqlite_master WHERE name <> 'grdb_migrations'")
                == 0
            guard mark == LibrarySchema.applicationID || (mark == 0 && isEmpty) else {
                throw ConceptStoreError.notALibrary(file: file)
            }
            let applied = try migrator.appliedIdentifiers(db)
            if let newer = applied.subtracting(LibrarySchema.versions).sorted().last {
                throw ConceptStoreError.newerVersion(
                    library: directory, found: newer, known: LibrarySchema.versions.last ?? "none")
            }
            return try migrator.hasCompletedMigrations(db)
        }
        if !upToDate { try migrator.migrate(pool) }
    }
}

/// An advisory lock on a file, held until released or until the process ends.
struct FolderLock {
    private let descriptor: Int32

    /// Waits for the lock; `nil` when another process keeps it beyond the timeout.
    init?(file: String, timeout: TimeInterval) throws(SystemFailure) {
        descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .last(file) }
        let end = Date(timeIntervalSinceNow: timeout)
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            // File systems without locks: SQLite's own would not work there either.
            guard errno == EWOULDBLOCK || errno == EINTR else { break }
            guard Date() < end else {
                close(descriptor)
                return nil
            }
            usleep(2_000)
        }
    }

    func release() { close(descriptor) }
}
