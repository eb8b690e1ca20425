import GRDB

/// The tables of `library.sqlite`, as numbered migrations that are never edited once released.
///
/// Text keys (`nameKey`, `categoryKey`, `folded`) hold the case-folded form, because SQLite itself
/// only knows the case of ASCII. Moments are milliseconds since 1970.
enum LibrarySchema {
    /// Marks the file as a library of this program: "CLib" in ASCII.
    static let applicationID = 0x434C_6962

    /// All versions, oldest first.
    ///
    /// Tests hold a database of each and open it with this program; a new entry needs its fixture.
    static let versions = ["v1"]

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("v1") { db in
            try db.execute(sql: "PRAGMA application_id = \(applicationID)")
            for statement in concepts + history + others { try db.execute(sql: statement) }
        }
        return migrator
    }

    /// The words of each concept under its number; made anew when an index is repaired.
    static let conceptWords = """
        CREATE VIRTUAL TABLE concept_words USING fts5(
            name, category, info, tags,
            tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3')
        """

    private static let concepts = [
        """
        CREATE TABLE image (
            sha256 TEXT NOT NULL PRIMARY KEY CHECK (length(sha256) = 64),
            format TEXT NOT NULL,
            width INTEGER NOT NULL,
            height INTEGER NOT NULL,
            byteCount INTEGER NOT NULL,
            addedAt INTEGER NOT NULL
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE concept (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL,
            nameKey TEXT NOT NULL,
            sortKey TEXT NOT NULL,
            category TEXT NOT NULL,
            categoryKey TEXT NOT NULL,
            info TEXT NOT NULL,
            cover INTEGER REFERENCES reference_image(id) ON DELETE SET NULL,
            createdAt INTEGER NOT NULL,
            updatedAt INTEGER NOT NULL,
            trashedAt INTEGER
        )
        """,
        // The trash may hold any number of concepts of one name; the living are unique.
        "CREATE UNIQUE INDEX concept_name ON concept(nameKey) WHERE trashedAt IS NULL",
        "CREATE INDEX concept_order ON concept(sortKey, id)",
        "CREATE INDEX concept_category ON concept(categoryKey)",
        "CREATE INDEX concept_created ON concept(createdAt, id)",
        "CREATE INDEX concept_updated ON concept(updatedAt, id)",
        """
        CREATE TABLE reference_image (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            conceptID INTEGER NOT NULL REFERENCES concept(id) ON DELETE CASCADE,
            sha256 TEXT NOT NULL REFERENCES image(sha256),
            position INTEGER NOT NULL,
            originalPath TEXT NOT NULL,
            addedAt INTEGER NOT NULL,
            trashedAt INTEGER,
            UNIQUE (conceptID, sha256)
        )
        """,
        "CREATE INDEX reference_image_file ON reference_image(sha256)",
        // Deleting a row of reference_image looks for concepts it is the cover of.
        "CREATE INDEX concept_cover ON concept(cover)",
        """
        CREATE TABLE concept_tag (
            conceptID INTEGER NOT NULL REFERENCES concept(id) ON DELETE CASCADE,
            tag TEXT NOT NULL,
            PRIMARY KEY (conceptID, tag)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX concept_tag_tag ON concept_tag(tag, conceptID)",
        conceptWords,
        // For parts of words, and for scripts that write no spaces between words.
        """
        CREATE TABLE concept_text (
            conceptID INTEGER PRIMARY KEY REFERENCES concept(id) ON DELETE CASCADE,
            folded TEXT NOT NULL
        )
        """,
    ]

    private static let history = [
        """
        CREATE TABLE caption (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            createdAt INTEGER NOT NULL,
            sha256 TEXT REFERENCES image(sha256),
            originalPath TEXT NOT NULL,
            concepts TEXT NOT NULL,
            question TEXT NOT NULL,
            caption TEXT NOT NULL,
            folded TEXT NOT NULL,
            model TEXT NOT NULL,
            modelPath TEXT NOT NULL,
            adapter TEXT,
            options TEXT NOT NULL,
            seed INTEGER NOT NULL,
            finishReason TEXT NOT NULL,
            usage TEXT NOT NULL,
            timings TEXT NOT NULL,
            named TEXT NOT NULL,
            unnamed TEXT NOT NULL,
            absent TEXT NOT NULL,
            trashedAt INTEGER
        )
        """,
        "CREATE INDEX caption_order ON caption(createdAt, id)",
        "CREATE INDEX caption_file ON caption(sha256)",
        // No foreign key to concept: the history outlives purged concepts.
        """
        CREATE TABLE caption_concept (
            captionID INTEGER NOT NULL REFERENCES caption(id) ON DELETE CASCADE,
            conceptID INTEGER NOT NULL,
            PRIMARY KEY (captionID, conceptID)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX caption_concept_concept ON caption_concept(conceptID, captionID)",
    ]

    private static let others = [
        """
        CREATE TABLE model (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL,
            nameKey TEXT NOT NULL UNIQUE,
            path TEXT NOT NULL,
            family TEXT NOT NULL,
            facts TEXT NOT NULL,
            addedAt INTEGER NOT NULL,
            isDefault INTEGER NOT NULL DEFAULT 0 CHECK (isDefault IN (0, 1))
        )
        """,
        "CREATE UNIQUE INDEX model_default ON model(isDefault) WHERE isDefault = 1",
        "CREATE TABLE setting (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        """
        CREATE TABLE repair (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at INTEGER NOT NULL,
            kind TEXT NOT NULL,
            what TEXT NOT NULL
        )
        """,
    ]
}
