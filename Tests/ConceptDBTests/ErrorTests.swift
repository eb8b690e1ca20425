import Foundation
import GRDB
import ImageCodecs
import Testing

@testable import ConceptDB

@Suite struct ErrorTests {
    @Test(arguments: [
        (ResultCode.SQLITE_BUSY, ConceptStoreError.busy(library: "/lib")),
        (.SQLITE_FULL, .diskFull(folder: "/lib")),
        (.SQLITE_READONLY, .readOnly(folder: "/lib")),
        (.SQLITE_NOTADB, .notADatabase(file: "/lib/library.sqlite")),
    ])
    func failuresOfSQLiteHaveTheirSentence(code: ResultCode, expected: ConceptStoreError) {
        let error = DatabaseError(resultCode: code, message: "x")
        #expect(ConceptStoreError(error, library: "/lib") == expected)
    }

    @Test(arguments: [
        (ENOSPC, ConceptStoreError.diskFull(folder: "/lib")),
        (EDQUOT, .diskFull(folder: "/lib")),
        (EROFS, .readOnly(folder: "/lib")),
        (EACCES, .readOnly(folder: "/lib")),
    ])
    func failuresOfTheSystemNameTheLibrary(code: Int32, expected: ConceptStoreError) {
        let failure = SystemFailure(path: "/lib/images/file", code: code)
        #expect(ConceptStoreError(failure, library: "/lib") == expected)
    }

    @Test func fullDiskSaysWhatToDo() {
        #expect(
            ConceptStoreError.diskFull(folder: "/lib").description
                == "the disk holding /lib is full; free some space and try again")
    }

    /// One of each, with an escape code in every text.
    static let hostile: [ConceptStoreError] = {
        let text = "a\u{1B}[2J\nb\u{202E}"
        return [
            .busy(library: text), .diskFull(folder: text), .readOnly(folder: text),
            .unusableFolder(folder: text, reason: text), .notADatabase(file: text),
            .notALibrary(file: text), .newerVersion(library: text, found: text, known: "v1"),
            .damagedDatabase(library: text, reason: text), .emptyText(field: "name"),
            .textTooLong(field: "name", found: 300, allowed: 200),
            .controlCharacters(field: "name", text: text), .tooManyTags(found: 65, allowed: 64),
            .duplicateName(name: text, existing: text),
            .restoreConflict(name: text, existing: text),
            .noSuchConcept(name: text, nearest: [text, text]), .noSuchConceptID(1),
            .notInTrash(1), .noSuchImage(1), .noSuchStoredImage(sha256: text), .noSuchCaption(1),
            .duplicateModel(name: text, existing: text),
            .noSuchModel(name: text, nearest: [text]), .image(.notFound(file: text)),
            .archive(file: text, reason: text), .file(path: text, reason: text), .stopped,
            .database(library: text, reason: text),
        ]
    }()

    @Test func longNamesAreCutAndLongPathsAreNot() {
        let long = "/" + String(repeating: "é", count: 300)
        #expect(ConceptStoreError.busy(library: long).description.contains(long))
        let name = ConceptStoreError.noSuchConcept(name: long, nearest: []).description
        #expect(name.contains("…\"") && name.count < 120)
    }

    @Test(arguments: hostile)
    func everyErrorIsOnePrintableSentence(error: ConceptStoreError) {
        let sentence = error.description
        #expect(sentence.count > 15)
        #expect(!sentence.unicodeScalars.contains { $0.isUnprintable })
    }
}
