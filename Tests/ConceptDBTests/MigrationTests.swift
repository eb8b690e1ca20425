import Foundation
import GRDB
import Testing

@testable import ConceptDB

/// Opens a library of every released version with this program.
///
/// `Tests/Fixtures/libraries/<version>` holds the database and pictures that the release of that version
/// wrote. A new migration makes `everyVersionHasAFixture` fail until its folder is there: run this
/// suite once with `STUDIO_WRITE_FIXTURE=1`, and commit the folder. Fixtures are never rewritten.
@Suite struct MigrationTests {
    static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/libraries")

    static func fixture(_ version: String) -> URL { fixtures.appending(path: version) }

    @Test(arguments: LibrarySchema.versions)
    func everyVersionHasAFixture(version: String) throws {
        let folder = Self.fixture(version)
        if ProcessInfo.processInfo.environment["STUDIO_WRITE_FIXTURE"] == "1",
            version == LibrarySchema.versions.last,
            !FileManager.default.fileExists(atPath: folder.path)
        {
            try Self.write(folder)
        }
        let copy = try Self.copy(version)
        defer { try? FileManager.default.removeItem(at: copy) }
        let file = copy.appending(path: "library.sqlite").path
        let applied = try DatabaseQueue(path: file).read { db in
            try String.fetchAll(db, sql: "SELECT identifier FROM grdb_migrations ORDER BY 1")
        }
        #expect(applied.max() == version)
    }

    @Test(arguments: LibrarySchema.versions)
    func libraryOfEveryVersionOpensWithAllItHolds(version: String) throws {
        let copy = try Self.copy(version)
        defer { try? FileManager.default.removeItem(at: copy) }
        let store = try ConceptStore(directory: copy)
        #expect(try store.verify().problems.isEmpty)
        let mochi = try store.concept(named: "mochi")
        #expect(mochi.category == "cat" && mochi.info == "white, sleeps a lot")
        #expect(mochi.tags == ["family", "pet"] && mochi.images.count == 2)
        #expect(mochi.cover == mochi.images[1].id)
        #expect(try store.concepts(ConceptQuery(text: "sleep")).concepts == [mochi])
        #expect(try store.concepts(ConceptQuery(inTrash: true)).concepts.map(\.name) == ["Bo"])
        let caption = try #require(try store.captions().captions.first)
        #expect(caption.caption == "Mochi sleeps." && caption.seed == 42)
        #expect(caption.concepts.map(\.name) == ["Mochi"] && caption.image.path != nil)
        #expect(try store.defaultModel()?.name == "mini")
        #expect(try store.setting("theme") == "dark")
        #expect(try store.pool.read { try LibrarySchema.migrator.hasCompletedMigrations($0) })
        // It can be written too.
        #expect(try store.rename(mochi.id, to: "Biscuit").after.name == "Biscuit")
    }

    /// Opening a database writes beside it, so the fixture itself is never opened.
    private static func copy(_ version: String) throws -> URL {
        let copy = FileManager.default.temporaryDirectory
            .appending(path: "concept-db-tests-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: fixture(version), to: copy)
        return copy
    }

    private static func write(_ folder: URL) throws {
        let store = try ConceptStore(directory: folder)
        let mochi = try store.add(
            NewConcept(
                name: "Mochi", category: "cat", info: "white, sleeps a lot",
                tags: ["pet", "family"]),
            images: [
                .data(try Pictures.png(1), name: "1.png"),
                .data(try Pictures.jpeg(2), name: "2.jpg"),
            ])
        _ = try store.setCover(mochi.images[1].id, of: mochi.id)
        try store.remove([try store.add(NewConcept(name: "Bo")).id])
        _ = try store.addCaption(
            NewCaption(
                image: .data(try Pictures.png(3), name: "query.png"),
                concepts: [CaptionConcept(mochi)], question: "What is here?",
                caption: "Mochi sleeps.", model: "mini", modelPath: "/models/mini", seed: 42,
                finishReason: "endOfTurn", named: ["Mochi"]))
        try store.addModel(
            ModelRecord(name: "mini", path: "/models/mini", family: "qwen", isDefault: true))
        try store.setSetting("theme", to: "dark")
        // One plain file: no journal beside it to commit.
        try store.pool.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
        try store.pool.close()
        try? FileManager.default.removeItem(at: folder.appending(path: ".open-lock"))
    }
}
