import ConceptDB
import Foundation
import Testing

@testable import StudioTUI

@Suite struct ReportCommandTests {
    private func page(_ setting: SharingFixture, _ arguments: String...) throws -> String {
        let file = setting.studio.folder.path("page.html")
        let outcome = setting.studio.run(["report", file, "--force"] + arguments)
        #expect(outcome.exit == .done, "\(outcome.error)")
        return try String(contentsOfFile: file, encoding: .utf8)
    }

    @Test func theNewestCaptionsAreShownWithTheirConcepts() throws {
        let setting = try SharingFixture()
        for number in 1...13 { try setting.add("Caption \(number) of <Milo>.") }
        let html = try page(setting)
        #expect(html.contains("Caption 13 of") && html.contains("Caption 2 of"))
        #expect(!html.contains("Caption 1 of"))
        #expect(html.contains("&lt;b&gt;Otto &amp; &quot;Söhne&quot;&lt;/b&gt;"))
        #expect(!html.contains("<b>Otto"))
        // Two concepts, thirteen views and references of one picture each.
        #expect(html.components(separatedBy: "data:image/jpeg;base64,").count == 1 + 2 + 12 * 3)
        #expect(!html.contains("://"))
        #expect(!html.contains(setting.studio.folder.path("")), "the page tells nobody's folders")
    }

    @Test func whatItShowsCanBeChosen() throws {
        let setting = try SharingFixture()
        try setting.add("One with <Milo>.")
        try setting.add("Two.")
        let boxes = setting.studio.folder.path("boxes.json")
        try Data(
            #"{"image": "elsewhere/harbour.png", "boxes": [{"name": "milo", "box": [1, 2, 30, 40]}]}"#
                .utf8
        ).write(to: URL(fileURLWithPath: boxes))
        let html = try page(
            setting, "--captions", "1", "--boxes", boxes, "--title", "<i>T", "--note", "by me",
            "--introduction", "hello", "--no-facts")
        #expect(html.contains("<h1>&lt;i&gt;T</h1>") && html.contains("by me"))
        #expect(html.contains("One with") && !html.contains("Two."))
        #expect(html.contains("width=\"29\" height=\"38\""))
        #expect(!html.contains("Describe this image"))
        let pair = try page(setting, "--pair", "2,1", "--concepts", "none")
        #expect(pair.contains("<h3>Before</h3>") && pair.contains("<h3>After</h3>"))
        #expect(!pair.contains("Who is who"))
        let file = try setting.folderCaptions()
        #expect(try page(setting, "--from", file).contains("A boat."))
    }

    @Test func filesAreReplacedOnlyOnDemand() throws {
        let setting = try SharingFixture()
        try setting.add("One.")
        let file = setting.studio.folder.path("page.html")
        try Data("mine".utf8).write(to: URL(fileURLWithPath: file))
        let refused = setting.studio.run("report", file)
        #expect(refused.exit == .badInput && refused.error.contains("--force"))
        #expect(try setting.text("page.html") == "mine")
        // What fails leaves the file as it was.
        #expect(setting.studio.run("report", file, "--force", "--run", "nix").exit == .notFound)
        #expect(setting.studio.run("report", file, "--force", "--eval", "nix").exit == .notFound)
        #expect(setting.studio.run("report", file, "--force", "--captions", "99").exit == .notFound)
        #expect(try setting.text("page.html") == "mine")
        let done = setting.studio.run("report", file, "--force", "--json")
        #expect(done.exit == .done)
        #expect(
            try done.keys() == [
                "file", "bytes", "captions", "concepts", "pairs", "runs", "evaluations", "problems",
            ])
        #expect(setting.studio.run("report", setting.studio.folder.path("")).exit == .badInput)
    }

    @Test func nothingToShowIsSaid() throws {
        let studio = try TestStudio()
        let outcome = studio.run("report", studio.folder.path("p.html"))
        #expect(outcome.exit == .badInput && outcome.error.contains("studio caption"))
        #expect(!FileManager.default.fileExists(atPath: studio.folder.path("p.html")))
        for line in [["--pair", "1"], ["--picture-size", "5"], ["--scenes", "-1"]] {
            #expect(studio.run(["report", "p.html"] + line).exit == .usage)
        }
    }

    @Test func captionsOfDifferentPicturesAreNoPair() throws {
        let setting = try SharingFixture()
        try setting.add("One.")
        try setting.add("Two.", to: try setting.studio.picture("other.png", red: 3))
        let outcome = setting.studio.run(
            "report", setting.studio.folder.path("p.html"), "--pair", "1,2")
        #expect(outcome.exit == .badInput && outcome.error.contains("different pictures"))
    }
}
