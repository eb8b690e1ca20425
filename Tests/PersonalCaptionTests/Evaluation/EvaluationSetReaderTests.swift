import Foundation
import Testing

@testable import PersonalCaption

@Suite struct EvaluationSetReaderTests {
    private func write(_ files: [String: String], in folder: URL) throws {
        for (name, text) in files {
            let url = folder.appending(path: name)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
    }

    private let database = """
        {"concept_dict": {
          "<ann>": {"name": "Ann", "image": "./data/a.jpg", "info": "a", "category": "dog"},
          "<b o>": {"name": "Bo", "image": "b.jpg", "info": "b", "category": "dog"}},
         "path_to_concept": {}}
        """

    @Test func databasesFindTheirTemplate() throws {
        try Fixtures.withFolder { folder in
            try write(
                [
                    "database.json": database, "a.jpg": "x", "b.jpg": "x", "q/1.jpg": "x",
                    "aaa.json": "[1, 2]",
                    "queries.json":
                        #"{"./data/q/1.jpg": [["<ann>", "<B O>"], ["<ann>", "<zed>"], ["<ann>"]]}"#,
                ], in: folder)
            let set = try EvaluationSet.read(folder)
            #expect(set.questions == .rotating)
            #expect(set.concepts.map(\.tag) == ["<ann>", "<b o>"])
            #expect(set.concepts.map(\.name) == ["Ann", "Bo"])
            #expect(set.queries.map(\.present) == [[0, 1], [0]])
            #expect(
                set.queries.map(\.id) == ["./data/q/1.jpg <ann> <B O>", "./data/q/1.jpg <ann>"])
            #expect(set.queries.allSatisfy { $0.picture != nil })
            #expect(
                set.problems.map(\.reason) == ["asks for <zed>, not in the database; left out"])
        }
    }

    @Test func aDatabaseAloneAsksForATemplate() throws {
        try Fixtures.withFolder { folder in
            try write(["database.json": database], in: folder)
            #expect(throws: EvaluationSetError.self) { try EvaluationSet.read(folder) }
            try write(["elsewhere/q.json": #"{"x.jpg": ["<ann>"]}"#], in: folder)
            let set = try EvaluationSet.read(
                folder, queries: folder.appending(path: "elsewhere/q.json"))
            #expect(set.queries.map { $0.picture == nil } == [true])
        }
    }

    @Test func foldersAndSampleSetsAreRead() throws {
        try Fixtures.withFolder { folder in
            try write(["dog/1.png": "x", "dog/2.png": "x"], in: folder)
            let set = try EvaluationSet.read(folder)
            #expect(set.concepts.map(\.tag) == ["<dog>"])
            #expect(set.queries.map(\.id) == ["dog/2.png"])
        }
        try Fixtures.withFolder { folder in
            try write(
                [
                    "c.png": "x", "d.png": "x", "q.png": "x",
                    "truth.json": """
                    {"concepts": [{"id": 7, "file": "c.png", "name": "Max"},
                                  {"id": 9, "file": "d.png", "name": "Bo"}],
                     "queries": [{"file": "q.png", "suggested_absent": [9],
                                  "objects": [{"concept": 7, "box": [1, 2, 3, 4]},
                                              {"concept": 7, "box": [5, 6, 7, 8]}]}]}
                    """,
                ], in: folder)
            let set = try EvaluationSet.read(folder)
            #expect(set.queries[0].present == [0])
            #expect(set.queries[0].absent == [1])
            #expect(try set.queries[0].boxes() == [0: [1, 2, 3, 4]])
        }
        #expect(throws: EvaluationSetError.self) {
            try EvaluationSet.read(URL(filePath: "/nowhere/at/all"))
        }
    }
}
