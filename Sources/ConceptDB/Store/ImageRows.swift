import GRDB
import ImageCodecs

/// The rows of stored pictures and of their use by concepts.
enum ImageRows {
    /// Notes pictures of the vault; those known already stay as they are.
    static func insert(_ db: Database, _ images: [StoredImage]) throws {
        for image in images {
            try db.execute(
                sql: """
                    INSERT OR IGNORE INTO image
                        (sha256, format, width, height, byteCount, addedAt)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    image.sha256, image.format.rawValue, image.width, image.height,
                    image.byteCount, Timestamp.now.milliseconds,
                ])
        }
    }

    /// Adds pictures to a concept, after those it has, and gives it a cover if it had none.
    ///
    /// - Returns: the hashes of those that are new to the concept; one that is in its trash
    ///   comes back and counts as new.
    @discardableResult
    static func attach(_ db: Database, _ images: [StoredImage], to id: Int64) throws -> [String] {
        var added: [String] = []
        for image in images {
            try db.execute(
                sql: """
                    INSERT INTO reference_image
                        (conceptID, sha256, position, originalPath, addedAt)
                    SELECT ?1, ?2, coalesce(max(position) + 1, 0), ?3, ?4
                    FROM reference_image WHERE conceptID = ?1
                    ON CONFLICT (conceptID, sha256) DO UPDATE SET trashedAt = NULL,
                        position = excluded.position, originalPath = excluded.originalPath
                        WHERE trashedAt IS NOT NULL
                    """,
                arguments: [
                    id, image.sha256, image.originalPath, Timestamp.now.milliseconds,
                ])
            if db.changesCount > 0 { added.append(image.sha256) }
        }
        try mendCover(db, id)
        return added
    }

    /// Makes the first picture the cover unless the cover is one of the concept's pictures.
    static func mendCover(_ db: Database, _ id: Int64) throws {
        try db.execute(
            sql: """
                UPDATE concept SET cover = (
                    SELECT r.id FROM reference_image r
                    WHERE r.conceptID = concept.id AND r.trashedAt IS NULL
                    ORDER BY r.position, r.id LIMIT 1)
                WHERE id = ? AND NOT EXISTS (
                    SELECT 1 FROM reference_image r WHERE r.id = concept.cover
                        AND r.conceptID = concept.id AND r.trashedAt IS NULL)
                """, arguments: [id])
    }

    /// Notes that a concept changed now.
    static func touch(_ db: Database, _ id: Int64) throws {
        try db.execute(
            sql: "UPDATE concept SET updatedAt = ? WHERE id = ?",
            arguments: [Timestamp.now.milliseconds, id])
    }

    /// Those of some pictures that are used; the rows of the others go.
    static func keepUsed(_ db: Database, _ images: [StoredImage]) throws -> [StoredImage] {
        try images.filter { image in
            try db.execute(
                sql: """
                    DELETE FROM image WHERE sha256 = ?1
                        AND NOT EXISTS (SELECT 1 FROM reference_image WHERE sha256 = ?1)
                        AND NOT EXISTS (SELECT 1 FROM caption WHERE sha256 = ?1)
                    """, arguments: [image.sha256])
            return db.changesCount == 0
        }
    }

    /// Pictures that neither a concept, living or in the trash, nor a caption uses.
    static func unused(_ db: Database) throws -> [StoredImage] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT sha256, format, width, height, byteCount FROM image
                WHERE NOT EXISTS (
                        SELECT 1 FROM reference_image r WHERE r.sha256 = image.sha256)
                    AND NOT EXISTS (SELECT 1 FROM caption c WHERE c.sha256 = image.sha256)
                """
        ).compactMap(stored)
    }

    /// The stored picture of a row with sha256, format, width, height, byteCount.
    static func stored(_ row: Row) -> StoredImage? {
        guard let format = ImageFormat(rawValue: row[1]) else { return nil }
        return StoredImage(
            sha256: row[0], format: format, width: row[2], height: row[3], byteCount: row[4],
            originalPath: "")
    }
}
