import Foundation
import Testing

@testable import PersonalCaption

struct RAPDatabaseTests {
    private func entry(_ fields: String) -> String { "{\(fields)}" }

    /// Reads a database written into a folder that has pictures `a.jpg`, `sub/b.jpg`.
    private func read(_ json: String) throws -> RAPDatabase {
        try Fixtures.withFolder { folder in
            let home = folder.appending(path: "db")
            try FileManager.default.createDirectory(
                at: home.appending(path: "sub"), withIntermediateDirectories: true)
            for name in ["a.jpg", "sub/b.jpg", "../secret.jpg"] {
                try Data([1]).write(to: home.appending(path: name))
            }
            try FileManager.default.createSymbolicLink(
                atPath: home.appending(path: "link.jpg").path,
                withDestinationPath: folder.appending(path: "secret.jpg").path)
            try Data(json.utf8).write(to: home.appending(path: "database.json"))
            return try RAPDatabase.read(home.appending(path: "database.json"))
        }
    }

    private func reasons(_ database: RAPDatabase) -> [String] {
        database.problems.map { "\($0.item): \($0.reason)" }
    }

    @Test(arguments: [("dreambooth", 30, "backpack"), ("four-concepts", 32, "Thor")])
    func publishedDatabasesAreReadInOrder(file: String, count: Int, first: String) throws {
        let url = Fixtures.golden.appending(path: "rap-database/\(file).json")
        let database = try RAPDatabase.read(url)
        #expect(database.concepts.count == count)
        #expect(database.concepts[0].name == first)
        #expect(database.concepts.allSatisfy { $0.imagePaths.count == 1 && $0.images.isEmpty })
        #expect(database.problems.count == count, "every picture is missing, and nothing else")
        #expect(database.problems.allSatisfy { $0.reason.contains("does not exist") })
    }

    @Test func publishedDatabasesSurviveWritingAndReading() throws {
        for file in ["dreambooth", "four-concepts"] {
            let url = Fixtures.golden.appending(path: "rap-database/\(file).json")
            let database = try RAPDatabase.read(url)
            let again = try RAPDatabase.parse(
                RAPDatabase.json(database.concepts), name: "again.json",
                folder: url.deletingLastPathComponent())
            #expect(again.concepts == database.concepts)
        }
    }

    @Test func pathsResolveWithAndWithoutALeadingDotAndAboveTheFolder() throws {
        for path in [
            "a.jpg", "./a.jpg", "./data/db/a.jpg", "db\\\\a.jpg", "sub/b.jpg", "./x/sub/b.jpg",
        ] {
            let database = try read(
                #"{"concept_dict": {"<x>": {"name": "x", "image": "\#(path)", "info": "i", "category": "c"}}, "path_to_concept": {"\#(path)": "<x>"}}"#
            )
            #expect(database.problems.isEmpty)
            #expect(
                database.concepts.first?.images.map(\.lastPathComponent) == [
                    path.contains("sub") ? "b.jpg" : "a.jpg"
                ])
        }
    }

    @Test(arguments: ["../secret.jpg", "/etc/passwd", "x/../../secret.jpg", "link.jpg", "C:/a.jpg"])
    func pathsOutOfTheFolderAreRefused(path: String) throws {
        let database = try read(
            #"{"concept_dict": {"<x>": {"name": "x", "image": "\#(path)"}}, "path_to_concept": {}}"#
        )
        #expect(database.concepts.map(\.name) == ["x"])
        #expect(database.concepts[0].images.isEmpty)
        #expect(
            database.problems == [
                RAPProblem(
                    item: "<x>",
                    reason: "names the picture \"\(path)\", which leads out of the folder")
            ])
    }

    @Test func aMissingListOfPathsIsRebuilt() throws {
        let database = try read(#"{"concept_dict": {"<x>": {"name": "x", "image": "./a.jpg"}}}"#)
        #expect(database.concepts[0].images.count == 1)
        #expect(reasons(database) == ["path_to_concept: is missing; rebuilt from the concepts"])
    }

    @Test func furtherPicturesComeFromTheListOfPaths() throws {
        let database = try read(
            #"{"concept_dict": {"<x>": {"name": "x", "image": "./a.jpg"}}, "path_to_concept": {"a.jpg": "<x>", "sub/b.jpg": "x", "c.jpg": "<y>"}}"#
        )
        #expect(database.concepts[0].images.map(\.lastPathComponent) == ["a.jpg", "b.jpg"])
        #expect(
            reasons(database) == ["path_to_concept: gives \"c.jpg\" to no known concept; ignored"])
    }

    @Test func everyItemIsReadAsFarAsItGoes() throws {
        let database = try read(
            #"""
            {"concept_dict": {
              "<one>": {"name": "<One>", "image": "a.jpg", "info": " two\nlines ", "category": null},
              "bare": {"image": "a.jpg"},
              "<C": {"name": "", "image": "a.jpg"},
              "<list>": ["a.jpg"],
              "<types>": {"name": 3, "info": [1], "category": true, "image": {}},
              "<none>": {"name": "none"},
              "<gone>": {"name": "gone", "image": "gone.jpg"},
              "<ONE>": {"name": "one", "image": "a.jpg"},
              "<twice>": {"name": "first", "image": "a.jpg"},
              "<twice>": {"name": "second", "image": "a.jpg"},
              "<>": {"image": "a.jpg"}
            }, "path_to_concept": {}}
            """#)
        #expect(
            database.concepts.map(\.name) == [
                "One", "bare", "C", "types", "none", "gone", "one", "second",
            ])
        #expect(database.concepts[0].info == "two lines")
        #expect(
            reasons(database) == [
                "<twice>: appears more than once; the last entry is used",
                "<C: lacks a bracket; read as <C>",
                "<list>: must be an object, but is a list; left out",
                "<types>: has a number as name, where text belongs; ignored",
                "<types>: has a list as info, where text belongs; ignored",
                "<types>: has true or false as category, where text belongs; ignored",
                "<types>: has an object as image, where text belongs; ignored",
                "<types>: names no picture", "<none>: names no picture",
                "<gone>: names the picture \"gone.jpg\", which does not exist",
                "<ONE>: reads like \"One\", so captions cannot tell them apart",
                "<>: needs a name of 1 to 200 characters, but has 0; left out",
            ])
    }

    @Test(arguments: [
        "", "[]", "{}", "nonsense", #"{"concept_dict": []}"#, #"{"concept_dict": {"a": 1"#,
    ])
    func whatIsNoDatabaseIsRefused(json: String) {
        #expect(throws: RAPDatabaseError.self) { try read(json) }
    }

    @Test func aPipeInPlaceOfTheFileIsRefused() throws {
        try Fixtures.withFolder { folder in
            let pipe = folder.appending(path: "database.json")
            #expect(mkfifo(pipe.path, 0o600) == 0)
            #expect(throws: RAPDatabaseError.self) { try RAPDatabase.read(pipe) }
        }
    }

    @Test func writingBracketsNamesAndTellsOnlyOneOfTwoThatReadAlike() throws {
        let data = RAPDatabase.json([
            RAPConcept(name: "Ann \"A\" \u{1}é", imagePaths: ["./a.jpg", "sub/b.jpg"]),
            RAPConcept(name: "no picture", imagePaths: []),
            RAPConcept(name: "ann a é", imagePaths: ["c.jpg"]),
        ])
        let json = try #require(
            try JSONSerialization.jsonObject(with: data) as? [String: [String: Any]])
        #expect(json["concept_dict"]?.keys.sorted() == ["<Ann \"A\" é>", "<no picture>"])
        let bare = json["concept_dict"]?["<no picture>"] as? [String: String]
        #expect(bare?["image"] == "")
        #expect(
            json["path_to_concept"] as? [String: String] == [
                "./a.jpg": "<Ann \"A\" é>", "sub/b.jpg": "<Ann \"A\" é>",
            ])
    }
}
