import Foundation
import GRDB

extension ConceptStore {
    /// Lists or searches concepts.
    ///
    /// Text matches beginnings of words in name, category, info and tags, without regard to case
    /// and accents; all words must occur. When that finds nothing, for scripts without spaces between words, and
    /// for signs like `c++`, any part of the text matches. No character has a special meaning.
    public func concepts(
        _ query: ConceptQuery = ConceptQuery()
    ) throws(ConceptStoreError) -> ConceptPage {
        try read { db in
            for selection in ConceptSelection.attempts(query) {
                let total = try selection.total(db)
                guard total > 0 else { continue }
                return ConceptPage(concepts: try selection.concepts(db), total: total)
            }
            return ConceptPage(concepts: [], total: 0)
        }
    }

    /// Finds a living concept by its name, whatever its case.
    ///
    /// - Throws: `.noSuchConcept` with up to three names that look alike.
    public func concept(named name: String) throws(ConceptStoreError) -> Concept {
        try read { db in
            let trimmed = name.trimmingCharacters(in: .whitespacesAndNewlines)
            let found = try ConceptRows.fetch(
                db,
                """
                SELECT \(ConceptRows.columns) FROM concept
                WHERE nameKey = ? AND trashedAt IS NULL
                """, [trimmed.caseFolded])
            if let concept = found.first { return concept }
            let names = try Self.names(db)
            throw ConceptStoreError.noSuchConcept(
                name: trimmed, nearest: NearestNames.to(trimmed, among: names))
        }
    }

    /// Finds a concept by its number, in the trash or not.
    ///
    /// - Throws: `.noSuchConceptID`.
    public func concept(id: Int64) throws(ConceptStoreError) -> Concept {
        try read { db in
            guard let concept = try ConceptRows.any(db, id: id) else {
                throw ConceptStoreError.noSuchConceptID(id)
            }
            return concept
        }
    }

    /// The names of all living concepts, in alphabetical order.
    public func names() throws(ConceptStoreError) -> [String] {
        try read { db in try Self.names(db) }
    }

    /// The tags of living concepts with their numbers, in alphabetical order.
    public func tags() throws(ConceptStoreError) -> [NamedCount] {
        try read { db in
            try Self.namedCounts(
                db,
                """
                SELECT tag, count(*) FROM concept_tag JOIN concept ON concept.id = conceptID
                WHERE trashedAt IS NULL GROUP BY tag ORDER BY tag
                """)
        }
    }

    /// The categories of living concepts with their numbers, in alphabetical order.
    ///
    /// Categories that differ in case count as one, in the spelling used first.
    public func categories() throws(ConceptStoreError) -> [NamedCount] {
        try read { db in
            // With min(), SQLite takes the bare column from the row that has the minimum.
            try Self.namedCounts(
                db,
                """
                SELECT category, count(*), min(id) FROM concept
                WHERE trashedAt IS NULL AND categoryKey <> ''
                GROUP BY categoryKey ORDER BY categoryKey
                """)
        }
    }

    /// How much the library holds.
    public func counts() throws(ConceptStoreError) -> LibraryCounts {
        try read { db in
            func number(_ sql: String) throws -> Int64 { try Int64.fetchOne(db, sql: sql) ?? 0 }
            return LibraryCounts(
                concepts: Int(
                    try number("SELECT count(*) FROM concept WHERE trashedAt IS NULL")),
                images: Int(
                    try number(
                        """
                        SELECT count(*) FROM reference_image r JOIN concept c ON c.id = r.conceptID
                        WHERE r.trashedAt IS NULL AND c.trashedAt IS NULL
                        """)),
                captions: Int(
                    try number("SELECT count(*) FROM caption WHERE trashedAt IS NULL")),
                trashedConcepts: Int(
                    try number("SELECT count(*) FROM concept WHERE trashedAt IS NOT NULL")),
                models: Int(try number("SELECT count(*) FROM model")),
                imageBytes: try number("SELECT coalesce(sum(byteCount), 0) FROM image"))
        }
    }

    static func names(_ db: Database) throws -> [String] {
        try String.fetchAll(
            db, sql: "SELECT name FROM concept WHERE trashedAt IS NULL ORDER BY sortKey, id")
    }

    private static func namedCounts(_ db: Database, _ sql: String) throws -> [NamedCount] {
        try Row.fetchAll(db, sql: sql).map { NamedCount(name: $0[0], count: $0[1]) }
    }
}
