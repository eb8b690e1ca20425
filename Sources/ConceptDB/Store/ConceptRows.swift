import GRDB
import ImageCodecs

/// Turns rows into values: three queries for any number of concepts.
enum ConceptRows {
    static let columns = """
        concept.id, concept.name, concept.category, concept.info, concept.cover,
        concept.createdAt, concept.updatedAt, concept.trashedAt
        """

    /// Runs a statement that selects `columns`, and adds pictures and tags.
    static func fetch(
        _ db: Database, _ sql: String, _ arguments: StatementArguments = StatementArguments()
    ) throws -> [Concept] {
        let rows = try Row.fetchAll(db, sql: sql, arguments: arguments)
        let ids: [Int64] = rows.map { $0[0] }
        guard !ids.isEmpty else { return [] }
        let images = try images(db, of: ids)
        let tags = try tags(db, of: ids)
        return rows.map { row in
            let id: Int64 = row[0]
            return Concept(
                id: id, name: row[1], category: row[2], info: row[3], tags: tags[id] ?? [],
                images: images[id] ?? [], cover: row[4],
                createdAt: Timestamp(milliseconds: row[5]),
                updatedAt: Timestamp(milliseconds: row[6]),
                trashedAt: (row[7] as Int64?).map(Timestamp.init(milliseconds:)))
        }
    }

    /// The concept with the number, in the trash or not.
    static func any(_ db: Database, id: Int64) throws -> Concept? {
        try fetch(db, "SELECT \(columns) FROM concept WHERE id = ?", [id]).first
    }

    /// The living concept with the number.
    ///
    /// - Throws: `.noSuchConceptID`.
    static func living(_ db: Database, id: Int64) throws -> Concept {
        guard let concept = try any(db, id: id), concept.trashedAt == nil else {
            throw ConceptStoreError.noSuchConceptID(id)
        }
        return concept
    }

    /// The name of the living concept whose name differs at most in case.
    static func livingName(_ db: Database, like name: String, except id: Int64? = nil) throws
        -> String?
    {
        try String.fetchOne(
            db,
            sql: "SELECT name FROM concept WHERE nameKey = ? AND trashedAt IS NULL AND id IS NOT ?",
            arguments: [name.caseFolded, id])
    }

    private static func images(_ db: Database, of ids: [Int64]) throws
        -> [Int64: [ReferenceImage]]
    {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT r.conceptID, r.id, i.sha256, i.format, i.width, i.height
                FROM reference_image r JOIN image i ON i.sha256 = r.sha256
                WHERE r.trashedAt IS NULL AND r.conceptID IN (SELECT value FROM json_each(?))
                ORDER BY r.conceptID, r.position, r.id
                """, arguments: [list(ids)])
        var images: [Int64: [ReferenceImage]] = [:]
        while let row = try rows.next() {
            let sha256: String = row[2]
            let path = path(sha256: sha256, format: row[3])
            images[row[0], default: []].append(
                ReferenceImage(
                    id: row[1], path: path, width: row[4], height: row[5], sha256: sha256))
        }
        return images
    }

    private static func tags(_ db: Database, of ids: [Int64]) throws -> [Int64: [String]] {
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT conceptID, tag FROM concept_tag
                WHERE conceptID IN (SELECT value FROM json_each(?)) ORDER BY conceptID, tag
                """, arguments: [list(ids)])
        var tags: [Int64: [String]] = [:]
        while let row = try rows.next() { tags[row[0], default: []].append(row[1]) }
        return tags
    }

    /// The path of a stored picture; a format this program does not know keeps its own name.
    static func path(sha256: String, format: String) -> String {
        guard let format = ImageFormat(rawValue: format) else {
            return "images/\(sha256.prefix(2))/\(sha256.dropFirst(2)).\(format)"
        }
        return ImageVault.path(sha256: sha256, format: format)
    }

    /// A list of numbers as one argument, whatever its length.
    static func list(_ ids: [Int64]) -> String {
        "[" + ids.map(String.init).joined(separator: ",") + "]"
    }
}
