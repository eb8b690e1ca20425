import Foundation
import Testing

@testable import StudioTUI

@Suite struct FolderTests {
    @Test func theOptionWinsOverTheEnvironment() {
        let home = StudioHome.resolve(option: "/a", environment: ["STUDIO_HOME": "/b"])
        #expect(home.library.path == "/a/data/library")
        #expect(home.thumbnails.path == "/a/cache/thumbnails")
        let other = StudioHome.resolve(option: nil, environment: ["STUDIO_HOME": "/b"])
        #expect(other.state.path == "/b/state")
    }

    @Test func otherwiseTheXDGFoldersAreUsed() {
        let home = StudioHome.resolve(
            option: nil,
            environment: ["HOME": "/u", "XDG_DATA_HOME": "/d", "XDG_CACHE_HOME": "relative"])
        #expect(home.data.path == "/d/studio")
        #expect(home.cache.path == "/u/.cache/studio")
        #expect(home.configuration.path == "/u/.config/studio")
        #expect(home.state.path == "/u/.local/state/studio")
    }

    @Test func samplesAreFoundAboveTheProgram() throws {
        let folder = try TemporaryFolder()
        let model = folder.url.appendingPathComponent("Samples/mini")
        try FileManager.default.createDirectory(at: model, withIntermediateDirectories: true)
        try Data("{}".utf8).write(to: model.appendingPathComponent("config.json"))
        let program = folder.url.appendingPathComponent(".build/release/studio")
        let samples = try #require(Samples.find(environment: [:], executable: program))
        #expect(
            samples.directory.resolvingSymlinksInPath().path
                == folder.url.appendingPathComponent("Samples").resolvingSymlinksInPath().path)
    }

    @Test func samplesAreFoundWhereTheyAreInstalled() throws {
        let folder = try TemporaryFolder()
        let model = folder.url.appendingPathComponent("share/studio/Samples/mini")
        try FileManager.default.createDirectory(at: model, withIntermediateDirectories: true)
        try Data("{}".utf8).write(to: model.appendingPathComponent("config.json"))
        let program = folder.url.appendingPathComponent("bin/studio")
        #expect(Samples.find(environment: [:], executable: program) != nil)
    }

    @Test func jsonIsSafeOnATerminal() throws {
        let text = try StudioJSON.text(["a\u{1B}b": "c\u{9B}d\u{202E}\u{7F}é🥕"])
        #expect(text == "{\n  \"a\\u001bb\" : \"c\\u009bd\\u202e\\u007fé🥕\"\n}")
        #expect(try StudioJSON.text(["a": [Int]()]) == "{\n  \"a\" : []\n}")
    }
}
