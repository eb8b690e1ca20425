import Foundation
import Testing

@testable import PersonalCaption

@Suite struct ConceptFoldersTests {
    /// Writes empty files, since only their names count here; a name ending in `/` is a folder.
    private func write(_ names: [String], in folder: URL, _ text: [String: String] = [:]) throws {
        for name in names + text.keys {
            let url = folder.appending(path: name)
            let home = name.hasSuffix("/") ? url : url.deletingLastPathComponent()
            try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
            if !name.hasSuffix("/") { try Data((text[name] ?? "x").utf8).write(to: url) }
        }
    }

    private func names(_ urls: [URL]) -> [String] { urls.map(\.lastPathComponent) }

    @Test func myVLMFoldersAreRead() throws {
        try Fixtures.withFolder { folder in
            try write(
                ["dog/2.png", "dog/10.jpg", "dog/notes.txt", "mug/images/a.webp", "empty/"],
                in: folder, ["dog/captions.json": #"{"2.png": ["c"], "9.png": []}"#])
            let found = try ConceptFolders(folder)
            #expect(found.layout == .myVLM)
            #expect(found.concepts.map(\.name) == ["dog", "mug"])
            #expect(names(found.concepts[0].references) == ["2.png", "10.jpg"])
            #expect(names(found.concepts[0].queries) == ["10.jpg"])
            #expect(names(found.concepts[1].references) == ["a.webp"])
            #expect(
                found.problems.map { "\($0.item): \($0.reason)" } == [
                    "dog/captions.json: describes \"9.png\", which does not exist",
                    "empty: has no picture to know it by; left out",
                ])
        }
    }

    @Test func yoLLaVAFoldersAreRead() throws {
        try Fixtures.withFolder { folder in
            try write(
                [
                    "train/bo/0.png", "train/bo/1.png", "train/bo/negative_example/9.png",
                    "test/bo/0.png", "train/alone/0.png", "test/stranger/0.png",
                ], in: folder)
            let found = try ConceptFolders(folder)
            #expect(found.layout == .yoLLaVA)
            #expect(found.concepts.map(\.name) == ["alone", "bo"])
            #expect(found.concepts[1].references.count == 2)
            #expect(found.concepts[1].queries.count == 1)
            #expect(
                found.problems.map { "\($0.item): \($0.reason)" } == [
                    "alone: has no folder in test", "stranger: has no folder in train; left out",
                ])
        }
    }

    @Test func linksAndOddNamesStayOutside() throws {
        try Fixtures.withFolder { outside in
            let folder = outside.appending(path: "data")
            try write(["dog/a.png", "odd\u{1B}name/a.png"], in: folder)
            try write(["secret.png", "secrets/a.png"], in: outside)
            for (name, target) in [("dog/b.png", "secret.png"), ("cat", "secrets")] {
                try FileManager.default.createSymbolicLink(
                    atPath: folder.appending(path: name).path,
                    withDestinationPath: outside.appending(path: target).path)
            }
            #expect(mkfifo(folder.appending(path: "dog/c.png").path, 0o600) == 0)
            let found = try ConceptFolders(folder)
            #expect(found.concepts.map(\.name) == ["dog"])
            #expect(names(found.concepts[0].references) == ["a.png"])
            #expect(found.problems.count == 3)
            #expect(found.problems.allSatisfy { !$0.item.contains("\u{1B}") })
        }
    }

    @Test func whatHoldsNoConceptsIsRefused() throws {
        try Fixtures.withFolder { folder in
            #expect(throws: ConceptFoldersError.noConcepts(folder.relativePath)) {
                try ConceptFolders(folder)
            }
            let error = #expect(throws: ConceptFoldersError.self) {
                try ConceptFolders(folder.appending(path: "nowhere"))
            }
            #expect(error?.isMissing == true)
        }
    }
}

@Suite struct QueryTemplateTests {
    private func parse(_ json: String, images: URL) throws -> QueryTemplate {
        try QueryTemplate.parse(Data(json.utf8), name: "queries.json", images: images)
    }

    @Test func flatAndNestedTemplatesAreRead() throws {
        try Fixtures.withFolder { folder in
            try Data([1]).write(to: folder.appending(path: "group photo.jpg"))
            let flat = try parse(
                #"{"./data/q/group photo.jpg": ["<a>", "<b>"], "b.jpg": "<a>", "c.jpg": []}"#,
                images: folder)
            #expect(flat.queries.map(\.combinations) == [[["<a>", "<b>"]], [["<a>"]], [[]]])
            #expect(flat.queries[0].file?.lastPathComponent == "group photo.jpg")
            #expect(
                flat.problems.map { "\($0.item): \($0.reason)" } == [
                    "b.jpg: does not exist", "c.jpg: does not exist",
                ])
            let nested = try parse(
                #"{"group photo.jpg": [["<a>", "<b>"], ["<c>", "<d>"]]}"#, images: folder)
            #expect(nested.queries[0].combinations == [["<a>", "<b>"], ["<c>", "<d>"]])
            #expect(nested.problems.isEmpty)
        }
    }

    @Test func badEntriesAreListedAndPathsStayInside() throws {
        try Fixtures.withFolder { folder in
            let found = try parse(
                #"{"a.jpg": ["<a>"], "../x.jpg": ["<a>"], "b.jpg": [3], "c.jpg": {"x": 1}}"#,
                images: folder)
            #expect(found.queries.map(\.image) == ["a.jpg", "../x.jpg"])
            #expect(found.queries.allSatisfy { $0.file == nil })
            #expect(
                found.problems.map(\.reason) == [
                    "does not exist", "leads out of the folder",
                    "has a list where tags belong; left out",
                    "has an object where tags belong; left out",
                ])
        }
    }

    @Test(arguments: ["[]", "{", "3", #"{"a": {"b": 1}}"#])
    func otherFilesAreRefused(json: String) {
        #expect(throws: QueryTemplateError.self) {
            try parse(json, images: FileManager.default.temporaryDirectory)
        }
    }
}
