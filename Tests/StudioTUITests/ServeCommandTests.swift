import Foundation
import Testing

@testable import StudioTUI

/// The command lines of `serve`, `caption-folder` and `--engine`; the server has tests of its own.
///
/// One after the other: engines are waited for on threads that the waiting itself needs.
@Suite(.serialized) struct ServeCommandTests {
    @Test func strangersNeedAKey() throws {
        let studio = try TestStudio()
        let open = studio.run("serve", "--host", "0.0.0.0")
        #expect(open.exit == .usage)
        #expect(open.error.contains("--api-key-file"))
        let missing = studio.run("serve", "--api-key-file", studio.folder.path("none"))
        #expect(missing.exit == .notFound)
        let file = studio.folder.path("keys")
        try Data("short\n".utf8).write(to: URL(fileURLWithPath: file))
        #expect(studio.run("serve", "--api-key-file", file).exit == .badInput)
        #expect(studio.run("serve", "--batch", "17").exit == .usage)
        #expect(studio.run("serve", "--port", "70000").exit == .usage)
    }

    @Test func aFolderIsCaptionedOnce() throws {
        let studio = try TestStudio()
        let pictures = studio.folder.path("pictures")
        try FileManager.default.createDirectory(
            atPath: pictures, withIntermediateDirectories: true)
        for number in 0..<3 {
            let name = String(format: "query_%02d.png", number)
            try FileManager.default.copyItem(
                atPath: "\(TestStudio.samples)/queries/\(name)", toPath: "\(pictures)/\(name)")
        }
        let first = studio.run("caption-folder", pictures, "--max-tokens", "8", "--json")
        #expect(first.exit == .done, "\(first.error)")
        let document = try first.json() as? [String: Any]
        #expect(document?["captioned"] as? Int == 3)
        #expect(document?["engine"] is NSNull)
        let again = studio.run("caption-folder", pictures, "--max-tokens", "8", "--json")
        #expect((try again.json() as? [String: Any])?["captioned"] as? Int == 0)
        let text = try String(contentsOfFile: pictures + "/captions.jsonl", encoding: .utf8)
        #expect(text.split(separator: "\n").count == 3)
        let other = studio.run("caption-folder", pictures, "--question", "Who?")
        #expect(other.exit == .badInput)
        #expect(studio.run("caption-folder", studio.folder.path("none")).exit == .notFound)
    }

    @Test func enginesAreNamedAndRefusedClearly() throws {
        let studio = try TestStudio()
        let picture = try studio.picture("p.png")
        let bad = studio.run("caption", picture, "--engine", "localhost:8000")
        #expect(bad.exit == .badInput)
        #expect(bad.error.contains("http://host:8000"))
        let nobody = studio.run(
            "caption", picture, "--engine", "http://127.0.0.1:1", "--model", "m",
            "--engine-patience", "0")
        #expect(nobody.exit == .failed)
        #expect(nobody.error.contains("does not answer"))
        #expect(!nobody.error.contains("leave this machine"))
        let away = studio.run(
            "caption", picture, "--engine", "http://192.0.2.1:9", "--model", "m", "--auto")
        #expect(away.error.contains("pictures leave this machine: they are sent to 192.0.2.1"))
        #expect(away.error.contains("--auto needs a model in this program"))
        let key = studio.run(
            "caption", picture, "--engine", "http://me:secret@host", "--model", "m")
        #expect(key.exit == .badInput && !key.error.contains("secret"))
    }

    @Test func theAppAsksTheEngineOfTheSettings() throws {
        let engine = try EngineImitation(answer: "Somebody far away sees a dog.")
        defer { engine.end() }
        let folder = try TemporaryFolder()
        let home = StudioHome(directory: folder.url)
        let option = try #require(SettingCatalogue["engine.urls"])
        try SettingsFile(home).set(option, to: .text("http://127.0.0.1:\(engine.port)"))
        let robot = AppRobot(home: folder.url)
        try robot.wait(for: "the library") { $0.core.state.library.phase == .ready }
        try robot.press("2")
        robot.paste(TestStudio.samples + "/queries/query_00.png")
        try robot.wait(forText: "224x224")
        #expect(robot.screen.contains("asks an engine on this machine"))
        try robot.press("enter")
        try robot.wait(forText: "kept in the history as 1")
        #expect(robot.core.state.ask.current?.text == "Somebody far away sees a dog.")
        #expect(robot.core.state.ask.current?.facts?.writer.contains("imitated") == true)
        #expect(robot.core.state.model == .idle, "nothing was loaded here")
        let question = try #require(engine.questions.first)
        #expect(String(decoding: question, as: UTF8.self).contains("data:image"))

        // An adapter of this machine says nothing to an engine.
        var adapted = robot.core.state
        adapted.ask.adapterWish = "milo-1"
        #expect(AskRuns.refusal(adapted)?.contains("models of their own") == true)

        // From the history it is asked again, with a word about who answered.
        try robot.press("5")
        try robot.wait(for: "the newest caption") { $0.core.state.history.currentID == 1 }
        try robot.press("enter")
        try robot.wait(forText: "imitated was asked at http://127.0.0.1")
    }

    @Test func whereAnEnginesPicturesGoIsSaid() {
        #expect(EngineWish(urls: ["http://gpu:1"]).line.contains("leave this machine, to gpu"))
        #expect(EngineWish(urls: ["http://127.0.0.1:1"]).line.contains("on this machine"))
        #expect(EngineWish(urls: ["gpu"]).line.contains("no address"))
    }
}
