import Foundation
import GRDB

extension ConceptStore {
    /// Adds a caption to the history, with a copy of its query picture; undone by
    /// `removeCaptions`.
    ///
    /// - Throws: `.image` if the picture cannot be used, `.diskFull`, `.busy`.
    public func addCaption(_ new: NewCaption) throws(ConceptStoreError) -> CaptionRecord {
        try importing([new.image]) { db, stored in
            let id = try CaptionRows.insert(db, new, image: stored.first?.sha256)
            return try CaptionRows.living(db, id)
        }
    }

    /// Lists or searches the history, newest first.
    public func captions(
        _ query: CaptionQuery = CaptionQuery()
    ) throws(ConceptStoreError) -> CaptionPage {
        try read { db in
            var conditions = ["trashedAt IS NULL"]
            var arguments = StatementArguments()
            if let concept = query.conceptID {
                conditions.append(
                    "id IN (SELECT captionID FROM caption_concept WHERE conceptID = ?)")
                arguments += [concept]
            }
            for term in SearchIndex.terms(query.text) {
                conditions.append("instr(folded, ?) > 0")
                arguments += [term]
            }
            let filter = "WHERE " + conditions.joined(separator: " AND ")
            let total = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM caption \(filter)", arguments: arguments)
            let rows = try CaptionRows.fetch(
                db, "\(filter) ORDER BY createdAt DESC, id DESC LIMIT ? OFFSET ?",
                arguments + [query.limit ?? -1, max(0, query.offset)])
            return CaptionPage(captions: rows, total: total ?? 0)
        }
    }

    /// Finds a caption by its number.
    ///
    /// - Throws: `.noSuchCaption`.
    public func caption(id: Int64) throws(ConceptStoreError) -> CaptionRecord {
        try read { db in try CaptionRows.living(db, id) }
    }

    /// Moves captions to the trash, all or none; undone by `restoreCaptions`.
    ///
    /// - Throws: `.noSuchCaption`.
    @discardableResult
    public func removeCaptions(_ ids: [Int64]) throws(ConceptStoreError) -> [CaptionRecord] {
        try write { db in
            try ids.map { id in
                let record = try CaptionRows.living(db, id)
                try db.execute(
                    sql: "UPDATE caption SET trashedAt = ? WHERE id = ?",
                    arguments: [Timestamp.now.milliseconds, id])
                return record
            }
        }
    }

    /// Brings removed captions back, all or none.
    ///
    /// - Throws: `.noSuchCaption` for one that has been purged.
    @discardableResult
    public func restoreCaptions(_ ids: [Int64]) throws(ConceptStoreError) -> [CaptionRecord] {
        try write { db in
            try ids.map { id in
                try db.execute(
                    sql: "UPDATE caption SET trashedAt = NULL WHERE id = ?", arguments: [id])
                return try CaptionRows.living(db, id)
            }
        }
    }
}

/// Turns rows of the history into values and back.
enum CaptionRows {
    static func insert(_ db: Database, _ new: NewCaption, image: String?) throws -> Int64 {
        let words = [new.caption, new.question] + new.concepts.map(\.name)
        let arguments: StatementArguments = [
            "createdAt": Timestamp.now.milliseconds, "sha256": image,
            "originalPath": new.image.displayName, "concepts": try JSONColumn.text(new.concepts),
            "question": new.question, "caption": new.caption,
            "folded": words.joined(separator: "\n").searchFolded,
            "model": new.model, "modelPath": new.modelPath, "adapter": new.adapter,
            "options": try JSONColumn.text(new.options), "seed": Int64(bitPattern: new.seed),
            "finishReason": new.finishReason, "usage": try JSONColumn.text(new.usage),
            "timings": try JSONColumn.text(new.timings), "named": try JSONColumn.text(new.named),
            "unnamed": try JSONColumn.text(new.unnamed), "absent": try JSONColumn.text(new.absent),
        ]
        try db.execute(
            sql: """
                INSERT INTO caption (createdAt, sha256, originalPath, concepts, question, caption,
                    folded, model, modelPath, adapter, options, seed, finishReason, usage, timings,
                    named, unnamed, absent)
                VALUES (:createdAt, :sha256, :originalPath, :concepts, :question, :caption,
                    :folded, :model, :modelPath, :adapter, :options, :seed, :finishReason, :usage,
                    :timings, :named, :unnamed, :absent)
                """, arguments: arguments)
        let id = db.lastInsertedRowID
        for concept in Set(new.concepts.compactMap(\.id)) {
            try db.execute(
                sql: "INSERT INTO caption_concept (captionID, conceptID) VALUES (?, ?)",
                arguments: [id, concept])
        }
        return id
    }

    static func fetch(
        _ db: Database, _ rest: String, _ arguments: StatementArguments
    ) throws -> [CaptionRecord] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT c.*, i.format, i.width, i.height FROM (SELECT * FROM caption \(rest)) c
                LEFT JOIN image i ON i.sha256 = c.sha256 ORDER BY c.createdAt DESC, c.id DESC
                """, arguments: arguments
        ).map(record)
    }

    static func living(_ db: Database, _ id: Int64) throws -> CaptionRecord {
        let found = try fetch(db, "WHERE id = ? AND trashedAt IS NULL", [id])
        guard let record = found.first else { throw ConceptStoreError.noSuchCaption(id) }
        return record
    }

    /// The captions with these numbers in this order, without those that are gone.
    static func living(_ db: Database, _ ids: [Int64]) throws -> [CaptionRecord] {
        var found: [Int64: CaptionRecord] = [:]
        for id in ids where found[id] == nil {
            found[id] = try fetch(db, "WHERE id = ? AND trashedAt IS NULL", [id]).first
        }
        return ids.compactMap { found[$0] }
    }

    private static func record(_ row: Row) throws -> CaptionRecord {
        func json<Value: Decodable>(_ column: String) throws -> Value {
            try JSONColumn.value(Value.self, from: row[column])
        }
        return CaptionRecord(
            id: row["id"], createdAt: Timestamp(milliseconds: row["createdAt"]),
            image: image(row), concepts: try json("concepts"), question: row["question"],
            caption: row["caption"], model: row["model"], modelPath: row["modelPath"],
            adapter: row["adapter"], options: try json("options"),
            seed: UInt64(bitPattern: row["seed"]), finishReason: row["finishReason"],
            usage: try json("usage"), timings: try json("timings"), named: try json("named"),
            unnamed: try json("unnamed"), absent: try json("absent"))
    }

    private static func image(_ row: Row) -> QueryImage {
        let sha256: String? = row["sha256"]
        let format: String? = row["format"]
        let path =
            if let sha256, let format {
                ConceptRows.path(sha256: sha256, format: format)
            } else {
                String?.none
            }
        return QueryImage(
            originalPath: row["originalPath"], path: path, sha256: sha256, width: row["width"],
            height: row["height"])
    }
}
