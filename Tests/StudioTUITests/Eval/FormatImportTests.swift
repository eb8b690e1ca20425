import Foundation
import Testing

@testable import StudioTUI

/// Published databases and folders through the command line.
@Suite struct FormatImportTests {
    private let databases = TestStudio.repository
        .appendingPathComponent("Tests/Fixtures/golden/rap-database").path

    private func write(_ text: String, to path: String) throws {
        let url = URL(fileURLWithPath: path)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    /// Two infos of the published file begin with a space, which the library does not keep.
    private func trimmed(_ text: String) -> String { text.trimmingCharacters(in: .whitespaces) }

    /// What a database says of its concepts, by name.
    private func texts(_ path: String) throws -> [String: [String]] {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        let json = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        let concepts = try #require(json?["concept_dict"] as? [String: [String: String]])
        return Dictionary(
            uniqueKeysWithValues: concepts.values.map {
                ($0["name"] ?? "", [$0["info"] ?? "", $0["category"] ?? ""].map(trimmed))
            })
    }

    /// Without their pictures, which the fixtures do not have: each is reported, no word is lost.
    @Test(arguments: [("dreambooth", 30), ("four-concepts", 32)])
    func publishedDatabasesComeInAndGoOut(_ file: String, _ count: Int) throws {
        let studio = try TestStudio()
        let source = "\(databases)/\(file).json"
        let imported = studio.run("concept", "import", source, "--json")
        #expect(imported.exit == .done, "\(imported.error)")
        let document = try #require(imported.json() as? [String: Any])
        #expect(document["imported"] as? Int == count)
        #expect((document["problems"] as? [Any])?.count == count)
        let copy = studio.folder.path("copy/database.json")
        try write("", to: copy)
        #expect(studio.run("concept", "export", copy, "--format", "rap").exit == .done)
        #expect(try texts(copy) == texts(source))
    }

    @Test func aDatabaseWithItsPicturesSurvivesTheLibrary() throws {
        var studio = try TestStudio()
        try FileManager.default.createDirectory(
            atPath: studio.folder.path("database_dreambooth"), withIntermediateDirectories: true)
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(databases)/dreambooth.json"))
        try data.write(to: URL(fileURLWithPath: studio.folder.path("database_mod.json")))
        let json = try JSONSerialization.jsonObject(with: data) as? [String: [String: Any]]
        for (index, path) in (json?["path_to_concept"]?.keys.sorted() ?? []).enumerated() {
            _ = try studio.folder.picture(path, red: UInt8(index * 8))
        }
        let imported = studio.run("concept", "import", studio.folder.path("."), "--json")
        let document = try #require(imported.json() as? [String: Any])
        #expect(document["imported"] as? Int == 30)
        #expect((document["problems"] as? [Any])?.isEmpty == true, "\(imported.output)")
        let copy = studio.folder.path("copy/database.json")
        try write("", to: copy)
        _ = studio.run("concept", "export", copy, "--format", "rap")
        let library = studio.run("concept", "list", "--json")
        studio.environment["STUDIO_HOME"] = studio.folder.path("other")
        #expect(studio.run("concept", "import", copy).exit == .done)
        let again = studio.run("concept", "list", "--json")
        func essence(_ outcome: TestStudio.Outcome) throws -> [[String]] {
            let document = try outcome.json() as? [String: Any]
            let concepts = try #require(document?["concepts"] as? [[String: Any]])
            return concepts.map { concept in
                let images = concept["images"] as? [[String: Any]] ?? []
                return [concept["name"], concept["info"], concept["category"]]
                    .map { $0 as? String ?? "" } + images.map { $0["sha256"] as? String ?? "" }
            }
        }
        #expect(try essence(library) == essence(again))
        #expect(try essence(library).allSatisfy { $0.count == 4 })
    }

    @Test func foldersOfPicturesBecomeConcepts() throws {
        let studio = try TestStudio()
        for path in ["data/train/Bo", "data/train/Mug", "data/test/Bo"] {
            try FileManager.default.createDirectory(
                atPath: studio.folder.path(path), withIntermediateDirectories: true)
        }
        _ = try studio.folder.picture("data/train/Bo/0.png", red: 1)
        _ = try studio.folder.picture("data/train/Bo/1.png", red: 2)
        _ = try studio.folder.picture("data/train/Mug/0.png", red: 3)
        try write("no picture", to: studio.folder.path("data/train/Mug/1.png"))
        let outcome = studio.run("concept", "import", studio.folder.path("data"))
        #expect(outcome.exit == .done, "\(outcome.error)")
        #expect(studio.run("concept", "list").output == "Bo\t\t2\t\t\nMug\t\t1\t\t\n")
        #expect(outcome.error.contains("Mug: has no folder in test"))
        #expect(outcome.error.contains("1.png"))
        let wrong = studio.run(
            "concept", "import", studio.folder.path("data"), "--format", "myvlm")
        #expect(wrong.exit == .badInput)
        #expect(studio.run("concept", "import", studio.folder.path("no")).exit == .notFound)
    }
}
