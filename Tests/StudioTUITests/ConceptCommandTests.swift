import Foundation
import Testing

@testable import StudioTUI

@Suite struct ConceptCommandTests {
    @Test func addedConceptsAreListedWithTheKeysOfTheContract() throws {
        let studio = try TestStudio()
        let added = studio.run(
            "concept", "add", "Möhre 🥕", try studio.picture("a.png"), "--info", "a vegetable",
            "--category", "food", "--tag", "Orange", "--json")
        #expect(added.exit == .done)
        let listed = studio.run("concept", "list", "--json")
        #expect(try listed.keys() == ["concepts", "total"])
        let concepts = try (listed.json() as? [String: Any])?["concepts"] as? [[String: Any]]
        let concept = try #require(concepts?.first)
        #expect(
            Set(concept.keys) == [
                "id", "name", "category", "info", "tags", "images", "cover", "createdAt",
                "updatedAt",
            ])
        #expect(concept["name"] as? String == "Möhre 🥕")
        #expect(concept["tags"] as? [String] == ["orange"])
        let image = try #require((concept["images"] as? [[String: Any]])?.first)
        #expect(Set(image.keys) == ["id", "path", "width", "height", "sha256"])
    }

    @Test func manyPicturesAreAddedInSteps() throws {
        let studio = try TestStudio()
        let pictures = try (0..<19).map { try studio.picture("\($0).png", red: UInt8($0 * 9)) }
        let outcome = studio.run(["concept", "add", "Mochi"] + pictures)
        #expect(outcome.error == "added Mochi with 19 pictures\n")
        #expect(outcome.output.isEmpty)
    }

    /// Nothing may be half-registered because the last of many pictures is no picture.
    @Test func oneBadPictureMeansNothingIsAdded() throws {
        let studio = try TestStudio()
        var pictures = try (0..<12).map { try studio.picture("\($0).png", red: UInt8($0 * 9)) }
        let text = studio.folder.path("text.png")
        try Data("no picture".utf8).write(to: URL(fileURLWithPath: text))
        pictures.append(text)
        let outcome = studio.run(["concept", "add", "Mochi"] + pictures)
        #expect(outcome.exit == .badInput)
        #expect(studio.run("concept", "list").output.isEmpty)
    }

    @Test func aMisspeltNameIsNotFoundButGuessed() throws {
        let studio = try TestStudio()
        _ = studio.run("concept", "add", "Mochi", try studio.picture("a.png"))
        let outcome = studio.run("concept", "show", "Mohci")
        #expect(outcome.exit == .notFound)
        #expect(outcome.error.contains("did you mean \"Mochi\"?"))
    }

    @Test func removedConceptsComeBackFromTheTrash() throws {
        let studio = try TestStudio()
        _ = studio.run("concept", "add", "Mochi", try studio.picture("a.png"))
        #expect(studio.run("concept", "remove", "mochi").exit == .done)
        #expect(studio.run("concept", "list", "--trash").output.hasPrefix("Mochi\t"))
        #expect(studio.run("concept", "restore", "mochi", "--as", "Momo").exit == .done)
        #expect(studio.run("concept", "list").output.hasPrefix("Momo\t"))
        #expect(studio.run("concept", "restore", "Mochi").exit == .notFound)
    }

    @Test func purgingCountsWhatIsGone() throws {
        let studio = try TestStudio()
        _ = studio.run("concept", "add", "Mochi", try studio.picture("a.png"))
        _ = studio.run("concept", "remove", "Mochi")
        let outcome = studio.run("concept", "purge", "--all", "--json")
        #expect(try outcome.keys() == ["concepts", "images", "captions", "files"])
        #expect(studio.run("concept", "list", "--trash").output.isEmpty)
    }

    @Test func editingChangesWordsAndPictures() throws {
        let studio = try TestStudio()
        _ = studio.run("concept", "add", "Mochi", try studio.picture("a.png"), "--tag", "old")
        let outcome = studio.run(
            "concept", "edit", "Mochi", "--info", "a dog", "--add-tag", "new", "--remove-tag",
            "old",
            "--add-image", try studio.picture("b.png", red: 10))
        #expect(outcome.exit == .done)
        #expect(studio.run("concept", "list").output == "Mochi\t\t2\ta dog\tnew\n")
    }

    @Test func searchFindsBeginningsOfWords() throws {
        let studio = try TestStudio()
        _ = studio.run(
            "concept", "add", "Mochi", try studio.picture("a.png"), "--info", "brown corgi")
        #expect(studio.run("concept", "search", "cor").output.hasPrefix("Mochi\t"))
        #expect(studio.run("concept", "search", "cat").output.isEmpty)
    }

    @Test(arguments: ["studio", "rap"])
    func exportedLibrariesCanBeImported(_ format: String) throws {
        let studio = try TestStudio()
        _ = studio.run(
            "concept", "add", "Mochi", try studio.picture("a.png"), "--info", "a dog")
        let file = studio.folder.path(format == "rap" ? "database.json" : "all.tar")
        #expect(studio.run("concept", "export", file, "--format", format).exit == .done)
        var other = try TestStudio()
        other.environment["STUDIO_HOME"] = studio.folder.path("other")
        let outcome = other.run("concept", "import", file, "--json")
        #expect(outcome.exit == .done)
        #expect(try outcome.keys() == ["imported", "concepts", "renamed", "problems"])
        #expect(other.run("concept", "list").output == "Mochi\t\t1\ta dog\t\n")
        let again = other.run("concept", "import", file, "--on-conflict", "rename")
        #expect(again.exit == .done)
        #expect(other.run("concept", "list").output.split(separator: "\n").count == 2)
    }

    @Test func aSoundLibraryVerifies() throws {
        let studio = try TestStudio()
        _ = studio.run("concept", "add", "Mochi", try studio.picture("a.png"))
        let outcome = studio.run("concept", "verify", "--json")
        #expect(outcome.exit == .done)
        #expect(outcome.output == "{\n  \"ok\" : true,\n  \"problems\" : []\n}\n")
    }

    @Test func aMissingPictureIsAFailedVerification() throws {
        let studio = try TestStudio()
        _ = studio.run("concept", "add", "Mochi", try studio.picture("a.png"))
        try FileManager.default.removeItem(atPath: studio.folder.path("home/data/library/images"))
        let outcome = studio.run("concept", "verify")
        #expect(outcome.exit == .failed)
        #expect(outcome.output.contains("problem: "))
    }

    @Test func composedPicturesReportTheirBoxes() throws {
        let studio = try TestStudio()
        _ = studio.run("concept", "add", "Mochi", try studio.picture("a.png"))
        let file = studio.folder.path("out.png")
        let outcome = studio.run(
            "compose", file, "--background", "sky", "--size", "64x64", "--place", "mochi@8,16,32",
            "--json")
        #expect(try outcome.keys() == ["image", "width", "height", "boxes"])
        let boxes = try (outcome.json() as? [String: Any])?["boxes"] as? [[String: Any]]
        #expect(boxes?.first?["name"] as? String == "Mochi")
        #expect(boxes?.first?["box"] as? [Int] == [8, 16, 40, 48])
        #expect(FileManager.default.fileExists(atPath: file))
    }
}
