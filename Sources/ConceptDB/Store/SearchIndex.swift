import GRDB

/// Keeps the two search tables in step with the concepts, and puts user text into their syntax.
///
/// `concept_words` finds beginnings of words and ranks; `concept_text` finds any part of the text.
enum SearchIndex {
    /// Writes the words of a concept anew; call in the transaction that changes them.
    ///
    /// For a number that no concept has, it only forgets the words.
    static func refresh(_ db: Database, id: Int64) throws {
        try remove(db, id: id)
        let row = try Row.fetchOne(
            db, sql: "SELECT name, category, info, \(tags) FROM concept WHERE id = ?",
            arguments: [id])
        guard let row else { return }
        let words: [String] = [row[0], row[1], row[2], row[3]]
        try db.execute(
            sql: """
                INSERT INTO concept_words (rowid, name, category, info, tags)
                VALUES (?, ?, ?, ?, ?)
                """, arguments: [id] + StatementArguments(words))
        try db.execute(
            sql: "INSERT INTO concept_text (conceptID, folded) VALUES (?, ?)",
            arguments: [id, words.joined(separator: "\n").searchFolded])
    }

    /// Forgets the words of a concept that is purged.
    static func remove(_ db: Database, id: Int64) throws {
        try db.execute(sql: "DELETE FROM concept_words WHERE rowid = ?", arguments: [id])
        try db.execute(sql: "DELETE FROM concept_text WHERE conceptID = ?", arguments: [id])
    }

    /// Writes both tables anew from the concepts.
    static func rebuild(_ db: Database) throws {
        try db.execute(sql: "DELETE FROM concept_text")
        // A damaged index cannot be emptied row by row.
        try db.execute(sql: "DROP TABLE concept_words")
        try db.execute(sql: LibrarySchema.conceptWords)
        for id in try Int64.fetchAll(db, sql: "SELECT id FROM concept ORDER BY id") {
            try refresh(db, id: id)
        }
    }

    /// Concepts whose words in the index differ from their own, and words of no concept.
    static func staleIDs(_ db: Database) throws -> [Int64] {
        try Int64.fetchAll(
            db,
            sql: """
                WITH now AS (SELECT id, name, category, info, \(tags) AS tags FROM concept)
                SELECT now.id FROM now
                LEFT JOIN concept_words w ON w.rowid = now.id
                LEFT JOIN concept_text t ON t.conceptID = now.id
                WHERE w.name IS NOT now.name OR w.category IS NOT now.category
                    OR w.info IS NOT now.info OR w.tags IS NOT now.tags OR t.folded IS NULL
                UNION SELECT rowid FROM concept_words WHERE rowid NOT IN (SELECT id FROM concept)
                ORDER BY 1
                """)
    }

    /// The terms of a user's text, folded.
    static func terms(_ text: String) -> [String] {
        // Beyond this nobody searches; a pasted page would make a statement of thousands of terms.
        text.prefix(400).split(whereSeparator: \.isWhitespace).prefix(16)
            .map { String($0).searchFolded }.filter { !$0.isEmpty && !$0.contains("\0") }
    }

    /// Every term as the beginning of a word, quoted so that no character has a meaning in FTS5.
    static func pattern(_ terms: [String]) -> String {
        terms.map { "\"\($0.replacing("\"", with: "\"\""))\"*" }.joined(separator: " AND ")
    }

    private static let tags = """
        coalesce((SELECT group_concat(tag, ' ') FROM (
            SELECT tag FROM concept_tag WHERE conceptID = concept.id ORDER BY tag)), '')
        """
}
