import Foundation
import GRDB

extension ConceptStore {
    /// Moves concepts to the trash, all or none; undone by `restore`.
    ///
    /// - Throws: `.noSuchConceptID`.
    @discardableResult
    public func remove(_ ids: [Int64]) throws(ConceptStoreError) -> [Concept] {
        try write { db in
            let now = Timestamp.now.milliseconds
            return try ids.map { id in
                let concept = try ConceptRows.living(db, id: id)
                try db.execute(
                    sql: "UPDATE concept SET trashedAt = ? WHERE id = ?", arguments: [now, id])
                return concept
            }
        }
    }

    /// Brings concepts back from the trash, all or none; undone by `remove`.
    ///
    /// - Throws: `.notInTrash`; `.restoreConflict` when a living concept has the name now.
    @discardableResult
    public func restore(_ ids: [Int64]) throws(ConceptStoreError) -> [Concept] {
        try write { db in try ids.map { id in try Self.restore(db, id, as: nil) } }
    }

    /// Brings one concept back from the trash under another name.
    ///
    /// - Throws: `.notInTrash`, `.restoreConflict`, and those of a bad name.
    public func restore(_ id: Int64, as name: String) throws(ConceptStoreError) -> Concept {
        let checked = try TextField.name.required(name)
        return try write { db in try Self.restore(db, id, as: checked) }
    }

    private static func restore(_ db: Database, _ id: Int64, as newName: String?) throws
        -> Concept
    {
        guard let trashed = try ConceptRows.any(db, id: id), trashed.trashedAt != nil else {
            throw ConceptStoreError.notInTrash(id)
        }
        let name = newName ?? trashed.name
        if let existing = try ConceptRows.livingName(db, like: name) {
            throw ConceptStoreError.restoreConflict(name: name, existing: existing)
        }
        try db.execute(
            sql: """
                UPDATE concept SET name = ?, nameKey = ?, sortKey = ?, trashedAt = NULL
                WHERE id = ?
                """, arguments: [name, name.caseFolded, name.sortKey, id])
        try SearchIndex.refresh(db, id: id)
        return try ConceptRows.living(db, id: id)
    }

    /// Deletes concepts of the trash for good, with the picture files nothing else uses.
    ///
    /// - Throws: `.notInTrash` for a living or unknown concept.
    public func purge(_ ids: [Int64]) throws(ConceptStoreError) -> PurgeReport {
        try purging { db in
            var report = PurgeReport()
            for id in ids {
                guard try ConceptRows.any(db, id: id)?.trashedAt != nil else {
                    throw ConceptStoreError.notInTrash(id)
                }
                try Self.delete(db, id)
                report.concepts += 1
            }
            return report
        }
    }

    /// Deletes for good what has been in the trash longer than some days: concepts, single
    /// pictures, captions.
    ///
    /// - Parameter days: 0 empties the trash.
    public func purge(olderThanDays days: Double) throws(ConceptStoreError) -> PurgeReport {
        let limit = Timestamp(Date(timeIntervalSinceNow: -days * 86_400)).milliseconds
        return try purging { db in
            var report = PurgeReport()
            let ids = try Int64.fetchAll(
                db, sql: "SELECT id FROM concept WHERE trashedAt <= ?", arguments: [limit])
            for id in ids { try Self.delete(db, id) }
            report.concepts = ids.count
            try db.execute(
                sql: "DELETE FROM reference_image WHERE trashedAt <= ?", arguments: [limit])
            report.images = db.changesCount
            try db.execute(sql: "DELETE FROM caption WHERE trashedAt <= ?", arguments: [limit])
            report.captions = db.changesCount
            return report
        }
    }

    private static func delete(_ db: Database, _ id: Int64) throws {
        try SearchIndex.remove(db, id: id)
        try db.execute(sql: "DELETE FROM concept WHERE id = ?", arguments: [id])
    }

    /// Deletes rows, then the files that have lost their last row.
    ///
    /// The staging folder lists those files before the rows go, so a crash in between leaves the
    /// rest of the work to the next opening.
    private func purging(
        _ body: (Database) throws -> PurgeReport
    ) throws(ConceptStoreError) -> PurgeReport {
        do {
            let staging = try StagingFolder(vault)
            defer { abandon(staging) }
            return try pool.write { db in
                var report = try body(db)
                for image in try ImageRows.unused(db) {
                    try staging.listLeaving(image)
                    try db.execute(
                        sql: "DELETE FROM image WHERE sha256 = ?", arguments: [image.sha256])
                    thumbnails.remove(image.sha256)
                    report.files += 1
                }
                return report
            }
        } catch {
            throw ConceptStoreError(error, library: directory.path)
        }
    }
}
