import ConceptDB
import Foundation
import ImageCodecs
import Testing

@testable import StudioTUI

@Suite struct CaptionExportTests {
    @Test func aLineForEachCaptionHasTheKeysOfCaptionFolder() throws {
        let setting = try SharingFixture()
        try setting.add("<Milo> sails.")
        try setting.add("Nobody.")
        let outcome = setting.studio.run("history", "export", "-", "--format", "jsonl")
        #expect(outcome.exit == .done, "\(outcome.error)")
        let lines = try outcome.output.split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        #expect(lines.map { $0["caption"] as? String } == ["Nobody.", "<Milo> sails."])
        #expect(
            Set(lines[0].keys) == [
                "image", "caption", "model", "question", "concepts", "named", "finishReason", "id",
                "createdAt", "seed",
            ])
        let one = setting.studio.run("history", "export", "-", "--format", "jsonl", "--last", "1")
        #expect(one.output.split(separator: "\n").count == 1)
        let chosen = setting.studio.run(
            "history", "export", "-", "--format", "jsonl", "--captions", "1,2")
        #expect(chosen.output.split(separator: "\n").first?.contains("sails") == true)
        #expect(
            setting.studio.run("history", "export", "-", "--captions", "1,9").exit == .notFound)
    }

    /// `<Milo>` would be a tag to Markdown, and users' marks would be marks.
    @Test func markdownShowsNamesAndEscapesTheRest() throws {
        let setting = try SharingFixture()
        try setting.add("<Milo> *sails*; <script>alert(1)</script>")
        let file = setting.studio.folder.path("out.md")
        #expect(setting.studio.run("history", "export", file).exit == .done)
        let text = try setting.text("out.md")
        #expect(text.contains("**Milo** \\*sails\\*; "))
        #expect(!text.contains("<") || !text.contains("<script"))
    }

    @Test func textsGoBesidePicturesAndNeverOverFiles() throws {
        let setting = try SharingFixture()
        let file = try setting.folderCaptions()
        let outcome = setting.studio.run(
            "history", "export", "--from", file, "--format", "txt", "--beside", "--json")
        #expect(outcome.exit == .done, "\(outcome.error)")
        #expect(try setting.text("album/a.txt") == "A boat.\n")
        #expect(try setting.text("album/sub/b.txt") == "Milo & co.\n")
        #expect(try setting.files("album").count == 6)
        let again = setting.studio.run(
            "history", "export", "--from", file, "--format", "txt", "--beside")
        #expect(again.exit == .badInput)
        #expect(again.error.contains("--force"))
        let forced = setting.studio.run(
            "history", "export", "--from", file, "--beside", "--brackets", "--force")
        #expect(forced.exit == .done, "\(forced.error)")
        #expect(try setting.text("album/sub/b.txt") == "<Milo> & co.\n")
        let folder = setting.studio.folder.path("texts")
        #expect(
            setting.studio.run("history", "export", folder, "--from", file, "--format", "txt").exit
                == .done)
        #expect(try setting.files("texts") == ["a.txt", "sub", "sub/b.txt"])
    }

    @Test func copiesSayWhatTheyShowAndTheOriginalsStay() throws {
        let setting = try SharingFixture()
        try setting.add("Old.")
        try setting.add("<Milo> sails past 港.")
        let other = try setting.studio.picture("other/harbour.png".replacing("other/", with: "x"))
        try setting.add("Another.", to: other)
        let before = try Data(contentsOf: URL(fileURLWithPath: setting.picture))
        let folder = setting.studio.folder.path("copies")
        let outcome = setting.studio.run("history", "export", folder, "--format", "xmp")
        #expect(outcome.exit == .done, "\(outcome.error)")
        #expect(try setting.files("copies") == ["harbour.png", "xharbour.png"])
        let copy = try Data(contentsOf: URL(fileURLWithPath: folder + "/harbour.png"))
        #expect(copy.range(of: Data(">Milo sails past 港.<".utf8)) != nil)
        #expect(copy.range(of: Data("<rdf:li>Milo</rdf:li>".utf8)) != nil)
        #expect(
            try ImageDecoder.decode(copy, name: "") == ImageDecoder.decode(before, name: ""))
        #expect(try Data(contentsOf: URL(fileURLWithPath: setting.picture)) == before)
        // Into the pictures' own folder the copy would be the picture.
        let own = setting.studio.run(
            "history", "export", setting.studio.folder.path(""), "--format", "xmp", "--force")
        #expect(own.exit == .badInput)
        #expect(own.error.contains("never changed"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: setting.picture)) == before)
    }

    /// Two pictures of one name, and one that is gone.
    @Test func sameNamesGetNumbersAndLostPicturesAreSaid() throws {
        let setting = try SharingFixture()
        let file = try setting.folderCaptions()
        try FileManager.default.removeItem(atPath: setting.studio.folder.path("album/a.png"))
        let outcome = setting.studio.run(
            "history", "export", setting.studio.folder.path("c"), "--from", file, "--format", "xmp",
            "--json")
        #expect(outcome.exit == .done, "\(outcome.error)")
        let document = try #require(outcome.json() as? [String: Any])
        #expect((document["files"] as? [String])?.count == 1)
        #expect((document["problems"] as? [String])?.first?.contains("a.png") == true)
    }

    @Test(arguments: [
        "history export", "history export f --beside --format txt", "history export - --format xmp",
        "history export f --format json --beside", "history export f --keep-metadata",
        "history export f --captions 3-1", "history export f --captions 1 --last 2",
        "history export f --image-root d", "history export f --last 0",
    ])
    func wrongOptionsAreUsageErrors(_ line: String) throws {
        let outcome = try TestStudio().run(line.split(separator: " ").map(String.init))
        #expect(outcome.exit == .usage, "\(outcome.error)")
    }

    @Test func aFileThatHoldsNoCaptionsIsRefused() throws {
        let studio = try TestStudio()
        let file = try studio.picture("a.png")
        #expect(studio.run("history", "export", "-", "--from", file).exit == .badInput)
        #expect(studio.run("history", "export", "-", "--from", file + "x").exit == .notFound)
    }
}
