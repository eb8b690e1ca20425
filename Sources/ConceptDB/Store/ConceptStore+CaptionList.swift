import GRDB

extension ConceptStore {
    /// The numbers of all captions of the history, newest first.
    ///
    /// Cheap enough for a list of which only a few rows are looked at; `captions(ids:)` reads those.
    ///
    /// - Parameter text: words that must occur in caption, question or concept names; empty for all.
    public func captionIDs(text: String = "") throws(ConceptStoreError) -> [Int64] {
        try read { db in
            let terms = SearchIndex.terms(text)
            let conditions = ["trashedAt IS NULL"] + terms.map { _ in "instr(folded, ?) > 0" }
            return try Int64.fetchAll(
                db,
                sql: "SELECT id FROM caption WHERE \(conditions.joined(separator: " AND ")) "
                    + "ORDER BY createdAt DESC, id DESC",
                arguments: StatementArguments(terms))
        }
    }

    /// The captions with these numbers, in this order; those that are not in the history are left
    /// out.
    public func captions(ids: [Int64]) throws(ConceptStoreError) -> [CaptionRecord] {
        try read { db in try CaptionRows.living(db, ids) }
    }

    /// Picture and concept names of all captions, newest first: what a search for names looks at.
    public func captionHeadings() throws(ConceptStoreError) -> [CaptionHeading] {
        try read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT id, originalPath,
                        (SELECT group_concat(json_extract(value, '$.name'), ', ')
                            FROM json_each(concepts)) AS names
                    FROM caption WHERE trashedAt IS NULL ORDER BY createdAt DESC, id DESC
                    """
            ).map { row in
                CaptionHeading(
                    id: row["id"], originalPath: row["originalPath"],
                    concepts: row["names"] ?? "")
            }
        }
    }
}
