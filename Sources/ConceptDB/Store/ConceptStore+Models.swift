import Foundation
import GRDB

extension ConceptStore {
    /// Registers a checkpoint folder; undone by `removeModel`.
    ///
    /// If `model.isDefault`, it becomes the default instead of the present one. Given a record that
    /// `removeModel` returned, this is the undo of the removal.
    ///
    /// - Throws: `.duplicateModel`, `.emptyText`, `.textTooLong`, `.controlCharacters`.
    @discardableResult
    public func addModel(_ model: ModelRecord) throws(ConceptStoreError) -> ModelRecord {
        let name = try TextField.modelName.required(model.name)
        return try write { db in
            if let existing = try Self.model(db, name) {
                throw ConceptStoreError.duplicateModel(name: name, existing: existing.name)
            }
            if model.isDefault { try Self.clearDefault(db) }
            try db.execute(
                sql: """
                    INSERT INTO model (name, nameKey, path, family, facts, addedAt, isDefault)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    name, name.caseFolded, model.path, model.family,
                    try JSONColumn.text(model.facts), model.addedAt.milliseconds, model.isDefault,
                ])
            return try Self.requiredModel(db, name)
        }
    }

    /// All models, in alphabetical order.
    public func models() throws(ConceptStoreError) -> [ModelRecord] {
        try read { db in try Self.models(db) }
    }

    /// Finds a model by its name, whatever its case.
    ///
    /// - Throws: `.noSuchModel` with up to three names that look alike.
    public func model(named name: String) throws(ConceptStoreError) -> ModelRecord {
        try read { db in try Self.requiredModel(db, name) }
    }

    /// The model in use, if one was chosen.
    public func defaultModel() throws(ConceptStoreError) -> ModelRecord? {
        try read { db in try Self.models(db, "WHERE isDefault = 1").first }
    }

    /// Makes a model the default; `nil` leaves none.
    ///
    /// - Returns: the default until now, which undoes this.
    /// - Throws: `.noSuchModel`.
    @discardableResult
    public func useModel(_ name: String?) throws(ConceptStoreError) -> ModelRecord? {
        try write { db in
            let before = try Self.models(db, "WHERE isDefault = 1").first
            let chosen = try name.map { try Self.requiredModel(db, $0) }
            try Self.clearDefault(db)
            if let chosen {
                try db.execute(
                    sql: "UPDATE model SET isDefault = 1 WHERE name = ?", arguments: [chosen.name])
            }
            return before
        }
    }

    /// Forgets a model; undone by `addModel` with the result.
    ///
    /// The checkpoint folder stays.
    ///
    /// - Throws: `.noSuchModel`.
    @discardableResult
    public func removeModel(_ name: String) throws(ConceptStoreError) -> ModelRecord {
        try write { db in
            let model = try Self.requiredModel(db, name)
            try db.execute(sql: "DELETE FROM model WHERE name = ?", arguments: [model.name])
            return model
        }
    }

    private static func clearDefault(_ db: Database) throws {
        try db.execute(sql: "UPDATE model SET isDefault = 0 WHERE isDefault = 1")
    }

    private static func requiredModel(_ db: Database, _ name: String) throws -> ModelRecord {
        let trimmed = name.trimmingCharacters(in: .whitespacesAndNewlines)
        if let model = try model(db, trimmed) { return model }
        let names = try models(db).map(\.name)
        throw ConceptStoreError.noSuchModel(
            name: trimmed, nearest: NearestNames.to(trimmed, among: names))
    }

    private static func model(_ db: Database, _ name: String) throws -> ModelRecord? {
        try models(db, "WHERE nameKey = ?", [name.caseFolded]).first
    }

    private static func models(
        _ db: Database, _ condition: String = "", _ arguments: StatementArguments = []
    ) throws -> [ModelRecord] {
        try Row.fetchAll(
            db, sql: "SELECT * FROM model \(condition) ORDER BY nameKey", arguments: arguments
        ).map { row in
            ModelRecord(
                name: row["name"], path: row["path"], family: row["family"],
                facts: try JSONColumn.value(JSONValue.self, from: row["facts"]),
                addedAt: Timestamp(milliseconds: row["addedAt"]), isDefault: row["isDefault"])
        }
    }
}
