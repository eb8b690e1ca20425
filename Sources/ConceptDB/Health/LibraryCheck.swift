import Foundation
import GRDB

/// One run over a library: finds problems and, if asked, repairs them.
struct LibraryCheck {
    let pool: DatabasePool
    let vault: ImageVault
    let repairs: Bool
    private(set) var problems: [LibraryProblem] = []
    private(set) var databaseIsSound = true

    init(pool: DatabasePool, vault: ImageVault, repairs: Bool) {
        self.pool = pool
        self.vault = vault
        self.repairs = repairs
    }

    /// Notes a problem, after repairing it if that is wanted and possible.
    ///
    /// - Parameter fix: runs in a write transaction; what it did is noted in the database with it.
    ///   It returns false when it finds nothing wrong any more, and then there was no problem.
    mutating func found(
        _ kind: LibraryProblem.Kind, _ what: String, path: String? = nil, id: Int64? = nil,
        fix: ((Database) throws -> Bool)? = nil
    ) throws {
        var repaired = false
        if repairs, let fix {
            let stillWrong = try pool.write { db in
                guard try fix(db) else { return false }
                try db.execute(
                    sql: "INSERT INTO repair (at, kind, what) VALUES (?, ?, ?)",
                    arguments: [Timestamp.now.milliseconds, kind.rawValue, what])
                return true
            }
            guard stillWrong else { return }
            repaired = true
        }
        problems.append(
            LibraryProblem(kind: kind, what: what, path: path, id: id, repaired: repaired))
    }

    /// SQLite's own checks of pages, indexes and foreign keys.
    mutating func checkDatabase() throws {
        for complaint in try pool.read(Self.complaints) {
            databaseIsSound = false
            try found(.databaseDamaged, "the database is damaged: \(complaint.printable)")
        }
        guard databaseIsSound else { return }
        let dangling = try pool.read { db in
            try Row.fetchAll(db, sql: "PRAGMA foreign_key_check")
        }
        for row in dangling {
            let table: String = row[0]
            let number: Int64? = row[1]
            // A dangling cover is found and repaired as such.
            guard table != "concept" else { continue }
            try found(
                .danglingRow,
                "a row of \(table) refers to a row of \(row[2] as String) that is gone",
                id: number
            ) { db in try Self.drop(db, table: table, row: number) }
        }
    }

    private static func complaints(_ db: Database) throws -> [String] {
        do {
            let lines = try String.fetchAll(db, sql: "PRAGMA integrity_check(20)")
            // Newer versions of SQLite look into search indexes too; those can be made anew.
            return lines.filter { $0 != "ok" && !$0.contains("concept_words") }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
            return [error.message ?? "unreadable page"]
        }
    }

    private static func drop(_ db: Database, table: String, row: Int64?) throws -> Bool {
        switch table {
        // The caption itself is the user's; only its picture is lost.
        case "caption":
            try db.execute(sql: "UPDATE caption SET sha256 = NULL WHERE id = ?", arguments: [row])
        case "reference_image", "concept_text":
            try db.execute(sql: "DELETE FROM \(table) WHERE rowid = ?", arguments: [row])
        case "concept_tag":
            try db.execute(
                sql: "DELETE FROM concept_tag WHERE conceptID NOT IN (SELECT id FROM concept)")
        case "caption_concept":
            try db.execute(
                sql: "DELETE FROM caption_concept WHERE captionID NOT IN (SELECT id FROM caption)")
        default: break
        }
        return true
    }

    /// Covers that are missing, in the trash, or pictures of another concept.
    mutating func checkCovers() throws {
        let wrong = try pool.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT id, name FROM concept WHERE
                        (cover IS NOT NULL AND NOT EXISTS (
                            SELECT 1 FROM reference_image r WHERE r.id = cover
                                AND r.conceptID = concept.id AND r.trashedAt IS NULL))
                        OR (cover IS NULL AND EXISTS (
                            SELECT 1 FROM reference_image r
                            WHERE r.conceptID = concept.id AND r.trashedAt IS NULL))
                    """)
        }
        for row in wrong {
            let id: Int64 = row[0]
            try found(
                .coverWrong,
                "the cover of \"\((row[1] as String).printable)\" is none of its pictures",
                id: id
            ) { db in
                try ImageRows.mendCover(db, id)
                return true
            }
        }
    }

    /// The two search tables against the words of the concepts.
    mutating func checkSearchIndex() throws {
        // The check of the index itself is written as an insertion, so it needs a writer.
        let isSound = try pool.write { db in
            do {
                try db.execute(
                    sql: "INSERT INTO concept_words (concept_words) VALUES ('integrity-check')")
                return true
            } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
                return false
            }
        }
        guard isSound else {
            try found(.searchIndexStale, "the search index is damaged") { db in
                try SearchIndex.rebuild(db)
                return true
            }
            return
        }
        for id in try pool.read({ db in try SearchIndex.staleIDs(db) }) {
            try found(
                .searchIndexStale, "the search index is out of step with concept \(id)", id: id
            ) { db in
                try SearchIndex.refresh(db, id: id)
                return true
            }
        }
    }
}
