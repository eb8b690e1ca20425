import Dispatch
import Foundation
import GRDB
import Synchronization

extension ConceptStore {
    /// Brings pictures into the vault and runs a transaction that uses them.
    ///
    /// Order matters: files are written and synced in a staging folder; inside the transaction,
    /// after every row was accepted, they move to their place and the folders are synced; only
    /// then the rows are committed. A row therefore never lacks its file, and files that lack a row
    /// after a crash are known from the staging folder.
    func importing<Value>(
        _ sources: [ImageSource], _ body: (Database, [StoredImage]) throws -> Value
    ) throws(ConceptStoreError) -> Value {
        guard !sources.isEmpty else { return try write { db in try body(db, []) } }
        do {
            let staging = try StagingFolder(vault)
            do {
                let images = try stage(sources, in: staging)
                let value = try commit(images, from: staging) { db in try body(db, images) }
                staging.finish()
                return value
            } catch {
                abandon(staging)
                throw error
            }
        } catch {
            throw ConceptStoreError(error, library: directory.path)
        }
    }

    /// Commits rows together with the staged pictures they need.
    func commit<Value>(
        _ images: [StoredImage], from staging: StagingFolder, _ body: (Database) throws -> Value
    ) throws -> Value {
        try pool.write { db in
            try ImageRows.insert(db, images)
            let value = try body(db)
            try staging.place(try ImageRows.keepUsed(db, images))
            return value
        }
    }

    /// Undoes what an import did to the vault; what fails here is left for the next sweep.
    func abandon(_ staging: StagingFolder) {
        guard staging.touchesVault else { return staging.finish() }
        try? pool.write { db in try staging.settle(db) }
        staging.close()
    }

    /// Reads, checks, strips and stages pictures on all cores, in the order given.
    private func stage(
        _ sources: [ImageSource], in staging: StagingFolder
    ) throws -> [StoredImage] {
        let results = Mutex<[Int: Result<StoredImage, any Error>]>([:])
        let stopped = Atomic(false)
        DispatchQueue.concurrentPerform(iterations: sources.count) { index in
            guard !stopped.load(ordering: .relaxed) else { return }
            let result = Result { try Self.stage(sources[index], in: staging) }
            if case .failure = result { stopped.store(true, ordering: .relaxed) }
            results.withLock { $0[index] = result }
        }
        let finished = results.withLock { $0 }
        // The first failure in the order given, which is the one the user can find.
        for index in sources.indices {
            if case .failure(let error)? = finished[index] { throw error }
        }
        return try sources.indices.compactMap { try finished[$0]?.get() }
    }

    private static func stage(
        _ source: ImageSource, in staging: StagingFolder
    ) throws -> StoredImage {
        let image = try PreparedImage(source)
        try staging.stage(image)
        return image.stored
    }
}
