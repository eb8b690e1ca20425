import Foundation
import GRDB

extension ConceptStore {
    /// Registers a concept with its pictures, or nothing at all.
    ///
    /// The first picture becomes the cover. A concept without pictures is allowed: it has
    /// `cover == nil` and cannot be shown to a model until it gets one. Undone by `remove`.
    ///
    /// - Throws: `.duplicateName`, `.emptyText`, `.textTooLong`, `.controlCharacters`, `.image`
    ///   naming the file, `.diskFull`, `.busy` and other troubles with the folder.
    public func add(
        _ new: NewConcept, images: [ImageSource] = []
    ) throws(ConceptStoreError) -> Concept {
        let fields = try CheckedFields(new)
        // Before the long work on pictures; checked again when it counts.
        try read { db in try Self.refuseTaken(db, fields.name) }
        return try importing(images) { db, stored in
            try Self.refuseTaken(db, fields.name)
            let id = try Self.insert(db, fields)
            try ImageRows.attach(db, stored, to: id)
            return try ConceptRows.living(db, id: id)
        }
    }

    /// Changes the words of a concept; undone with `ConceptEdit(restoring: change.before)`.
    ///
    /// - Throws: `.noSuchConceptID`, `.duplicateName`, `.emptyText`, `.textTooLong`,
    ///   `.controlCharacters`.
    public func edit(_ id: Int64, _ edit: ConceptEdit) throws(ConceptStoreError) -> ConceptChange {
        try write { db in try Self.edit(db, id, edit) }
    }

    /// Changes the words of several concepts in the order given, all or none; undone like `edit`,
    /// in the opposite order.
    ///
    /// - Throws: those of `edit`.
    public func edit(
        _ edits: [(id: Int64, edit: ConceptEdit)]
    ) throws(ConceptStoreError) -> [ConceptChange] {
        try write { db in try edits.map { try Self.edit(db, $0.id, $0.edit) } }
    }

    /// Gives a concept another name; undone by renaming back.
    ///
    /// - Throws: `.noSuchConceptID`, `.duplicateName`, `.emptyText`, `.textTooLong`,
    ///   `.controlCharacters`.
    public func rename(_ id: Int64, to name: String) throws(ConceptStoreError) -> ConceptChange {
        try edit(id, ConceptEdit(name: name))
    }

    private static func edit(
        _ db: Database, _ id: Int64, _ edit: ConceptEdit
    ) throws -> ConceptChange {
        let before = try ConceptRows.living(db, id: id)
        var tags = Set(try TextField.checkedTags(edit.tags ?? before.tags))
        tags.formUnion(try TextField.checkedTags(edit.addingTags))
        tags.subtract(try TextField.checkedTags(edit.removingTags))
        let fields = try CheckedFields(
            NewConcept(
                name: edit.name ?? before.name, category: edit.category ?? before.category,
                info: edit.info ?? before.info, tags: Array(tags)))
        try refuseTaken(db, fields.name, except: id)
        try update(db, id, fields)
        return ConceptChange(before: before, after: try ConceptRows.living(db, id: id))
    }

    static func refuseTaken(_ db: Database, _ name: String, except id: Int64? = nil) throws {
        if let existing = try ConceptRows.livingName(db, like: name, except: id) {
            throw ConceptStoreError.duplicateName(name: name, existing: existing)
        }
    }

    static func insert(_ db: Database, _ fields: CheckedFields) throws -> Int64 {
        let now = Timestamp.now.milliseconds
        try db.execute(
            sql: """
                INSERT INTO concept
                    (name, nameKey, sortKey, category, categoryKey, info, createdAt, updatedAt)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                fields.name, fields.name.caseFolded, fields.name.sortKey, fields.category,
                fields.category.caseFolded, fields.info, now, now,
            ])
        let id = db.lastInsertedRowID
        try writeTags(db, id, fields.tags)
        try SearchIndex.refresh(db, id: id)
        return id
    }

    private static func update(_ db: Database, _ id: Int64, _ fields: CheckedFields) throws {
        try db.execute(
            sql: """
                UPDATE concept SET name = ?, nameKey = ?, sortKey = ?, category = ?,
                    categoryKey = ?, info = ?, updatedAt = ? WHERE id = ?
                """,
            arguments: [
                fields.name, fields.name.caseFolded, fields.name.sortKey, fields.category,
                fields.category.caseFolded, fields.info, Timestamp.now.milliseconds, id,
            ])
        try db.execute(sql: "DELETE FROM concept_tag WHERE conceptID = ?", arguments: [id])
        try writeTags(db, id, fields.tags)
        try SearchIndex.refresh(db, id: id)
    }

    private static func writeTags(_ db: Database, _ id: Int64, _ tags: [String]) throws {
        for tag in tags {
            try db.execute(
                sql: "INSERT INTO concept_tag (conceptID, tag) VALUES (?, ?)",
                arguments: [id, tag])
        }
    }
}

/// The words of a concept after all checks.
struct CheckedFields {
    let name: String
    let category: String
    let info: String
    let tags: [String]

    init(_ new: NewConcept) throws(ConceptStoreError) {
        name = try TextField.name.required(new.name)
        category = try TextField.category.checked(new.category)
        info = try TextField.info.checked(new.info)
        tags = try TextField.checkedTags(new.tags)
    }
}
