import Foundation
import GRDB
import Synchronization
import Testing

@testable import ConceptDB

@Suite struct OpeningTests {
    let library: TemporaryLibrary
    var store: ConceptStore { library.store }

    init() throws { library = try TemporaryLibrary() }

    private func open(_ name: String) throws -> ConceptStore {
        try ConceptStore(directory: library.folder.appending(path: name), busyTimeout: 0.1)
    }

    private func write(_ data: Data, as name: String) throws {
        let file = library.folder.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: file)
    }

    @Test func settingsOfTheDatabaseProtectTheUser() throws {
        let (mode, level, keys) = try store.pool.writeWithoutTransaction { db in
            (
                try String.fetchOne(db, sql: "PRAGMA journal_mode"),
                try Int.fetchOne(db, sql: "PRAGMA synchronous"),
                try Bool.fetchOne(db, sql: "PRAGMA foreign_keys")
            )
        }
        #expect(mode == "wal" && level == 2 && keys == true)
    }

    @Test func foldersAreCreatedWithTheirParents() throws {
        let deep = try open("a/b/c")
        #expect(try deep.counts().concepts == 0)
    }

    @Test func textFileIsNotADatabase() throws {
        let text = Data("this is a letter, and a long enough one\n".utf8)
        try write(text, as: "letters/library.sqlite")
        let file = library.folder.path + "/letters/library.sqlite"
        #expect(throws: ConceptStoreError.notADatabase(file: file)) { try open("letters") }
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == text)
    }

    @Test func databaseOfAnotherProgramIsLeftAlone() throws {
        let folder = library.folder.appending(path: "other")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appending(path: "library.sqlite").path
        try DatabaseQueue(path: file).write { db in
            try db.execute(sql: "CREATE TABLE song (title TEXT)")
        }
        #expect(throws: ConceptStoreError.notALibrary(file: file)) { try open("other") }
        let tables = try DatabaseQueue(path: file).read { db in
            try String.fetchAll(db, sql: "SELECT name FROM sqlite_master")
        }
        #expect(tables == ["song"])
    }

    @Test func folderThatIsAFileIsNamed() throws {
        try write(Data("x".utf8), as: "file")
        let path = library.folder.path + "/file"
        #expect(
            throws: ConceptStoreError.unusableFolder(folder: path, reason: "it is not a folder")
        ) { try open("file") }
    }

    @Test func libraryOfANewerVersionIsRefused() throws {
        try store.pool.write { db in
            try db.execute(sql: "INSERT INTO grdb_migrations VALUES ('v999')")
        }
        let error = #expect(throws: ConceptStoreError.self) { try library.reopened() }
        guard case .newerVersion(_, "v999", _) = try #require(error) else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func readersDoNotWaitForAWriterAndOtherWritersSayWhy() throws {
        let mochi = try store.add(NewConcept(name: "Mochi"))
        try store.pool.write { db in
            try db.execute(sql: "UPDATE concept SET info = 'half done'")
            // Another process, while this one is in the middle of its transaction.
            let other = try library.reopened(busyTimeout: 0.1)
            #expect(try other.concepts().concepts == [mochi])
            let error = #expect(throws: ConceptStoreError.busy(library: library.home.path)) {
                try other.add(NewConcept(name: "Bo"))
            }
            #expect(error?.description.contains(library.home.path) == true)
            #expect(throws: ConceptStoreError.busy(library: library.home.path)) {
                try other.add(NewConcept(name: "Bo"), images: [.file(try library.picture(1))])
            }
        }
        #expect(library.imageFiles().isEmpty)
        #expect(try library.reopened().add(NewConcept(name: "Bo")).name == "Bo")
    }

    @Test func manyOpenersAtOnceMakeOneLibrary() throws {
        let folder = library.folder.appending(path: "fresh")
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 8) { number in
            do {
                let store = try ConceptStore(directory: folder)
                _ = try store.add(
                    NewConcept(name: "n\(number)"),
                    images: [.data(try Pictures.png(number % 2), name: "p")])
            } catch {
                failures.withLock { $0.append("\(error)") }
            }
        }
        #expect(failures.withLock { $0 }.isEmpty)
        let store = try ConceptStore(directory: folder)
        #expect(try store.counts().concepts == 8)
        #expect(try store.verify().problems.isEmpty)
    }

    @Test func crashBetweenFileAndRowLeavesNothingBehind() throws {
        let kept = try store.add(
            NewConcept(name: "Mochi"), images: [.file(try library.picture(1))])
        let staging = try StagingFolder(store.vault)
        let images = try [1, 2, 3].map {
            try PreparedImage(.data(try Pictures.png($0), name: "p"))
        }
        for image in images { try staging.stage(image) }
        try staging.place(images.dropLast().map(\.stored))
        // One kept, one placed, two staged, and the list of the staging folder.
        #expect(library.imageFiles().count == 5)
        // While its process lives, a staging folder is nobody else's business.
        _ = try library.reopened()
        #expect(library.imageFiles().count == 5)
        // The lock ends with the process, here with the file.
        staging.close()
        let reopened = try library.reopened()
        #expect(library.imageFiles() == [String(kept.images[0].path.dropFirst(7))])
        #expect(try reopened.verify().problems.isEmpty)
    }

    @Test func crashInTheMiddleOfAPurgeIsFinishedLater() throws {
        let concept = try store.add(
            NewConcept(name: "Mochi"), images: [.file(try library.picture(1))])
        try store.remove([concept.id])
        let staging = try StagingFolder(store.vault)
        try store.pool.write { db in
            try db.execute(sql: "DELETE FROM concept")
            for image in try ImageRows.unused(db) { try staging.listLeaving(image) }
            try db.execute(sql: "DELETE FROM image")
        }
        staging.close()
        _ = try library.reopened()
        #expect(library.imageFiles().isEmpty)
    }
}
