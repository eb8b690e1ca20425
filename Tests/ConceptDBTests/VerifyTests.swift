import ConceptDB
import Foundation
import GRDB
import Testing

@testable import ConceptDB

@Suite struct VerifyTests {
    let library: TemporaryLibrary
    let concept: Concept
    var store: ConceptStore { library.store }

    init() throws {
        library = try TemporaryLibrary()
        concept = try library.store.add(
            NewConcept(name: "Mochi", info: "white", tags: ["cat"]),
            images: [.file(try library.picture(1)), .file(try library.picture(2))])
    }

    /// Expects one kind of problem, and after a repair none.
    private func expectRepairable(_ kind: LibraryProblem.Kind) throws {
        let found = try store.verify()
        #expect(!found.ok && found.problems.map(\.kind) == [kind])
        #expect(found.problems.allSatisfy { !$0.repaired })
        let repaired = try store.verify(repair: true)
        #expect(repaired.ok && repaired.problems.map(\.kind) == [kind])
        #expect(try store.verify().problems.isEmpty)
    }

    private func execute(_ sql: String, _ arguments: StatementArguments = []) throws {
        try store.pool.write { db in try db.execute(sql: sql, arguments: arguments) }
    }

    @Test func healthyLibraryHasNoProblems() throws {
        let report = try store.verify(repair: true)
        #expect(report.ok && report.problems.isEmpty)
    }

    @Test func missingFileIsFoundAndItsRowDroppedOnlyByRepair() throws {
        try FileManager.default.removeItem(at: store.url(of: concept.images[0]))
        _ = try store.verify()
        #expect(try store.concept(id: concept.id).images.count == 2)
        try expectRepairable(.imageMissing)
        let mended = try store.concept(id: concept.id)
        #expect(mended.images == [concept.images[1]] && mended.cover == concept.images[1].id)
        let notes = try store.pool.read { db in
            try String.fetchAll(db, sql: "SELECT what FROM repair")
        }
        #expect(notes.count == 1 && notes[0].contains("Mochi"))
    }

    @Test func missingQueryPictureLeavesTheCaption() throws {
        let record = try store.addCaption(
            NewCaption(
                image: .file(try library.picture(5)), concepts: [], question: "q",
                caption: "c", model: "m", modelPath: "/m", finishReason: "length"))
        try FileManager.default.removeItem(at: try #require(store.url(of: record.image)))
        try expectRepairable(.imageMissing)
        let mended = try store.caption(id: record.id)
        #expect(mended.caption == "c" && mended.image.path == nil)
    }

    @Test func damagedFileStaysAndAddingThePictureAgainHealsIt() throws {
        let file = store.url(of: concept.images[0])
        var data = try Data(contentsOf: file)
        data[data.count / 2] ^= 1
        try data.write(to: file)
        for repair in [false, true] {
            let report = try store.verify(repair: repair)
            #expect(!report.ok && report.problems.map(\.kind) == [.imageDamaged])
            #expect(report.problems[0].path == concept.images[0].path)
        }
        #expect(try Data(contentsOf: file) == data)
        _ = try store.addImages([.file(try library.picture(1))], to: concept.id)
        #expect(try store.verify().problems.isEmpty)
    }

    @Test func unknownFilesMoveToLostAndFound() throws {
        let stray = library.home.appending(
            path: "images/ab/\(String(repeating: "0", count: 62)).png")
        try FileManager.default.createDirectory(
            at: stray.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data("precious".utf8).write(to: stray)
        try expectRepairable(.fileUnknown)
        let kept = try FileManager.default.contentsOfDirectory(atPath: library.path("lost+found"))
        #expect(kept.count == 1)
        let moved = library.home.appending(path: "lost+found").appending(path: kept[0])
        #expect(try Data(contentsOf: moved) == Data("precious".utf8))
    }

    @Test func secondStrayFileOfANameDoesNotReplaceTheFirst() throws {
        for text in ["first", "second"] {
            try Data(text.utf8).write(to: library.home.appending(path: "images/notes.txt"))
            #expect(try store.verify(repair: true).problems.map(\.kind) == [.fileUnknown])
        }
        let kept = try FileManager.default.contentsOfDirectory(atPath: library.path("lost+found"))
        #expect(kept.count == 2)
    }

    @Test func wrongSizeIsPutRight() throws {
        try execute("UPDATE image SET width = 999 WHERE sha256 = ?", [concept.images[0].sha256])
        try expectRepairable(.imageSizeWrong)
        #expect(try store.concept(id: concept.id) == concept)
    }

    @Test func wrongCoverIsPutRight() throws {
        let other = try store.add(
            NewConcept(name: "Bo"), images: [.file(try library.picture(3))])
        try execute(
            "UPDATE concept SET cover = ? WHERE id = ?", [other.images[0].id, concept.id])
        try expectRepairable(.coverWrong)
        #expect(try store.concept(id: concept.id).cover == concept.images[0].id)
    }

    @Test func unusedPictureGoesToLostAndFound() throws {
        let sha256 = concept.images[0].sha256
        try execute("DELETE FROM reference_image WHERE sha256 = ?", [sha256])
        try execute("UPDATE concept SET cover = ?", [concept.images[1].id])
        try expectRepairable(.imageUnused)
        #expect(
            try FileManager.default.contentsOfDirectory(
                atPath: library.path("lost+found")
            ).count == 1)
    }

    @Test(arguments: [
        "UPDATE concept_words SET info = 'other' WHERE rowid = 1",
        "DELETE FROM concept_words",
        "DELETE FROM concept_text",
        "INSERT INTO concept_words (rowid, name) VALUES (99, 'ghost')",
        "DELETE FROM concept_words_data WHERE id > 10",
    ])
    func searchIndexOutOfStepIsMadeAnew(damage: String) throws {
        try execute(damage)
        try expectRepairable(.searchIndexStale)
        #expect(try store.concepts(ConceptQuery(text: "whit")).concepts == [concept])
        #expect(try store.concepts(ConceptQuery(text: "hit")).concepts == [concept])
    }

    @Test func danglingRowsAreDropped() throws {
        // Foreign keys stop every path of this program; a foreign tool may not.
        try store.pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA foreign_keys = OFF")
            try db.execute(sql: "INSERT INTO concept_tag VALUES (99, 'x')")
            try db.execute(sql: "PRAGMA foreign_keys = ON")
        }
        try expectRepairable(.danglingRow)
    }

    @Test func checkingCanBeStopped() throws {
        #expect(throws: ConceptStoreError.stopped) { try store.verify { _, _ in false } }
    }

    @Test func damagedPagesAreReportedNotThrown() throws {
        for number in 0..<200 {
            _ = try store.pool.write { db in
                try ConceptStore.insert(
                    db, try CheckedFields(NewConcept(name: "concept number \(number)")))
            }
        }
        try store.pool.writeWithoutTransaction { db in
            _ = try db.checkpoint(.truncate)
        }
        let file = library.home.appending(path: "library.sqlite")
        var bytes = try Data(contentsOf: file)
        // The first page, with the schema, stays: the library still opens.
        for page in stride(from: 4096 * 3, to: bytes.count - 4096, by: 4096 * 2) {
            bytes.replaceSubrange(page..<page + 64, with: Data(repeating: 0xA5, count: 64))
        }
        let copy = library.folder.appending(path: "damaged")
        try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: true)
        try bytes.write(to: copy.appending(path: "library.sqlite"))
        let result = Result { try ConceptStore(directory: copy).verify() }
        switch result {
        case .success(let report):
            #expect(!report.ok && report.problems.contains { $0.kind == .databaseDamaged })
        case .failure(let error):
            // Also right, if the damage already shows while opening.
            guard case .damagedDatabase? = error as? ConceptStoreError else { throw error }
        }
    }
}
