import GRDB

extension ConceptStore {
    /// The value of a setting, if it was ever set.
    public func setting(_ key: String) throws(ConceptStoreError) -> String? {
        try read { db in try Self.setting(db, key) }
    }

    /// All settings.
    public func settings() throws(ConceptStoreError) -> [String: String] {
        try read { db in
            let rows = try Row.fetchAll(db, sql: "SELECT key, value FROM setting")
            return Dictionary(rows.map { ($0[0], $0[1]) }, uniquingKeysWith: { first, _ in first })
        }
    }

    /// Sets or, with `nil`, forgets a setting.
    ///
    /// - Returns: the value until now, which undoes this.
    /// - Throws: `.emptyText`, `.textTooLong`, `.controlCharacters` for a bad key.
    @discardableResult
    public func setSetting(_ key: String, to value: String?) throws(ConceptStoreError) -> String? {
        let key = try TextField.settingKey.required(key)
        return try write { db in
            let before = try Self.setting(db, key)
            if let value {
                try db.execute(
                    sql: """
                        INSERT INTO setting (key, value) VALUES (?, ?)
                        ON CONFLICT (key) DO UPDATE SET value = excluded.value
                        """, arguments: [key, value])
            } else {
                try db.execute(sql: "DELETE FROM setting WHERE key = ?", arguments: [key])
            }
            return before
        }
    }

    private static func setting(_ db: Database, _ key: String) throws -> String? {
        try String.fetchOne(
            db, sql: "SELECT value FROM setting WHERE key = ?", arguments: [key])
    }
}
