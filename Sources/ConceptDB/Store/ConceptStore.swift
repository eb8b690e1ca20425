import Foundation
import GRDB

/// A library folder: concepts, their pictures, the history of captions, models and settings.
///
/// The folder holds `library.sqlite` (WAL, `synchronous=FULL`) and `images/ab/cdef….png`, where the
/// name is the SHA-256 of the file. Thumbnails are a cache and lie where the caller says.
///
/// Calls are synchronous and may come from any thread. Reads never wait for a writer; writers, in
/// this process or another, take turns, and one that waits longer than the timeout throws
/// `.busy`. Whatever a call returned without throwing is on the disk.
public final class ConceptStore: Sendable {
    /// The library folder.
    public let directory: URL
    /// The folder of thumbnails; it may be deleted at any time.
    public let thumbnailDirectory: URL

    let pool: DatabasePool
    let vault: ImageVault
    let thumbnails: ThumbnailCache
    private let busyTimeout: TimeInterval

    /// Opens a library, creating the folder if there is none.
    ///
    /// - Parameters:
    ///   - directory: the library folder.
    ///   - thumbnails: the cache folder; `thumbnails` inside the library folder by default.
    ///   - busyTimeout: how many seconds a writer waits for another one.
    /// - Throws: `.newerVersion`, `.notADatabase`, `.notALibrary`, `.damagedDatabase`,
    ///   `.unusableFolder`, `.readOnly`, `.diskFull`, `.busy`.
    public init(
        directory: URL, thumbnails: URL? = nil, busyTimeout: TimeInterval = 10
    ) throws(ConceptStoreError) {
        let folder = directory.standardizedFileURL
        let path = folder.path
        self.directory = folder
        thumbnailDirectory =
            (thumbnails ?? folder.appending(path: "thumbnails")).standardizedFileURL
        self.thumbnails = ThumbnailCache(root: thumbnailDirectory.path)
        self.busyTimeout = busyTimeout
        vault = ImageVault(library: path)
        do {
            pool = try LibraryOpening(directory: path, busyTimeout: busyTimeout).open()
        } catch {
            throw ConceptStoreError(error, library: path)
        }
        sweepLeftovers()
    }

    /// Reads a consistent state of the database.
    func read<Value>(_ body: (Database) throws -> Value) throws(ConceptStoreError) -> Value {
        do {
            return try pool.read(body)
        } catch {
            throw ConceptStoreError(error, library: directory.path)
        }
    }

    /// Changes the database as a whole or not at all.
    func write<Value>(_ body: (Database) throws -> Value) throws(ConceptStoreError) -> Value {
        do {
            return try pool.write(body)
        } catch {
            throw ConceptStoreError(error, library: directory.path)
        }
    }

    /// Deletes what processes that were killed in the middle of an import left behind.
    ///
    /// Gives up silently when another process is writing: some later opening will do it.
    func sweepLeftovers() {
        let abandoned = StagingFolder.abandoned(in: vault)
        guard !abandoned.isEmpty else { return }
        try? pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA busy_timeout = 0")
            defer { try? db.execute(sql: "PRAGMA busy_timeout = \(Int(busyTimeout * 1000))") }
            try db.inTransaction(.immediate) {
                for staging in abandoned { try staging.settle(db) }
                return .commit
            }
        }
        for staging in abandoned { staging.close() }
    }
}
