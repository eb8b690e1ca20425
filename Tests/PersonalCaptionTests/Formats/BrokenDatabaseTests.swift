import Foundation
import Testing

@testable import PersonalCaption

/// Databases no editor would write, but somebody might send.
@Suite struct BrokenDatabaseTests {
    private func parse(_ json: String) throws -> RAPDatabase {
        try RAPDatabase.parse(
            Data(json.utf8), name: "database.json",
            folder: FileManager.default.temporaryDirectory)
    }

    @Test func aHundredMegabytesAreRefusedUnread() throws {
        try Fixtures.withFolder { folder in
            let file = folder.appending(path: "database.json")
            #expect(FileManager.default.createFile(atPath: file.path, contents: nil))
            let handle = try FileHandle(forWritingTo: file)
            try handle.truncate(atOffset: 100_000_000)
            try handle.close()
            let error = #expect(throws: RAPDatabaseError.self) { try RAPDatabase.read(file) }
            #expect(error?.description.contains("more than the limit") == true)
        }
    }

    @Test(arguments: ["[", #"{"a":"#])
    func deepNestingIsRefused(opening: String) {
        let error = #expect(throws: RAPDatabaseError.self) {
            try parse(String(repeating: opening, count: 100_000))
        }
        #expect(error?.description.contains("64 levels") == true)
    }

    @Test func anyByteMayBeWrongAndNothingTraps() throws {
        let url = Fixtures.golden.appending(path: "rap-database/four-concepts.json")
        let good = try Data(contentsOf: url)
        var draw = IndexDraw(seed: 3)
        var read = 0
        for _ in 0..<300 {
            var bytes = good
            for _ in 0..<1 + draw.next(below: 4) {
                bytes[draw.next(below: bytes.count)] = UInt8(draw.next(below: 256))
            }
            if draw.nextFlip() { bytes = bytes.prefix(draw.next(below: bytes.count)) }
            let found = try? RAPDatabase.parse(
                bytes, name: "database.json", folder: url.deletingLastPathComponent())
            if found != nil { read += 1 }
        }
        #expect(read > 0 && read < 300)
    }

    @Test func tagsDifferFromNamesAndSurvive() throws {
        let url = Fixtures.golden.appending(path: "rap-database/four-concepts.json")
        let database = try RAPDatabase.read(url)
        let man = try #require(database.concepts.first { $0.name == "Iron Man" })
        #expect(man.tag == "<ironman>")
        let again = try RAPDatabase.parse(
            RAPDatabase.json(database.concepts), name: "again.json",
            folder: url.deletingLastPathComponent())
        #expect(again.concepts == database.concepts)
        #expect(again.problems.count == database.problems.count)
    }
}
