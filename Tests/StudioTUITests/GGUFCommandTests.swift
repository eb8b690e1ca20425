import Foundation
import Testing

@testable import StudioTUI

/// GGUF models at the front door, and `model assemble`.
@Suite struct GGUFCommandTests {
    private let fixtures = TestStudio.repository.appendingPathComponent("Tests/Fixtures/gguf")

    private func path(_ name: String) -> String { fixtures.appendingPathComponent(name).path }

    @Test func aFileIsAddedListedInspectedUsedAndForgotten() throws {
        let studio = try TestStudio()
        let added = studio.run("model", "add", path("tiny-Q4_K_M.gguf"), "--use", "--json")
        #expect(added.exit == .done, "\(added.error)")
        #expect(studio.run("model", "list").output.contains("* tiny-Q4_K_M"))
        let inspected = studio.run("model", "inspect", "tiny-Q4_K_M")
        #expect(inspected.exit == .done, "\(inspected.error)")
        #expect(inspected.output.contains("stored as Q4_K"))
        #expect(studio.run("doctor").exit == .done)
        let picture = path("picture.png")
        let caption = studio.run("caption", picture, "--max-tokens", "4", "--json")
        #expect(caption.exit == .done, "\(caption.error)")
        let document = try #require(caption.json() as? [String: Any])
        #expect(document["model"] as? String == "tiny-Q4_K_M")
        let tokens = studio.run(
            "model", "tokenize", path("tiny-Q8_0.gguf"), "--text", "the image", "--json")
        #expect(tokens.exit == .done, "\(tokens.error)")
        #expect(studio.run("model", "remove", "tiny-Q4_K_M").exit == .done)
        #expect(FileManager.default.fileExists(atPath: path("tiny-Q4_K_M.gguf")))
    }

    @Test func theOtherHalfMayLieElsewhere() throws {
        let studio = try TestStudio()
        let text = studio.folder.path("text.gguf")
        let vision = studio.folder.path("eyes.gguf")
        try FileManager.default.copyItem(atPath: path("tiny-Q4_0.gguf"), toPath: text)
        try FileManager.default.copyItem(atPath: path("mmproj-tiny.gguf"), toPath: vision)
        let alone = studio.run("model", "add", text)
        #expect(alone.exit == .badInput)
        #expect(alone.error.contains("no mmproj beside it"), "\(alone.error)")
        let added = studio.run("model", "add", text, "--mmproj", vision, "--json")
        #expect(added.exit == .done, "\(added.error)")
        let answer = studio.run(
            "generate", "--model", "text", "--prompt", "hello", "--max-tokens", "2", "--json")
        #expect(answer.exit == .done, "\(answer.error)")
        let models = URL(fileURLWithPath: studio.folder.path("home/data/models"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: models.path).count == 1)
        #expect(studio.run("model", "remove", "text").exit == .done)
        #expect(try FileManager.default.contentsOfDirectory(atPath: models.path).isEmpty)
        #expect(FileManager.default.fileExists(atPath: vision))
    }

    @Test func wrongFilesAreRefusedInASentence() throws {
        let studio = try TestStudio()
        let text = path("tiny-Q4_0.gguf")
        #expect(studio.run("model", "add", studio.folder.path("no.gguf")).exit == .notFound)
        let gone = studio.run("model", "add", text, "--mmproj", studio.folder.path("no.gguf"))
        #expect(gone.exit == .notFound, "\(gone.error)")
        let swapped = studio.run("model", "add", text, "--mmproj", path("tiny-Q8_0.gguf"))
        #expect(swapped.exit == .badInput && swapped.error.contains("not an mmproj"))
        let vision = studio.run("model", "add", path("mmproj-tiny.gguf"))
        #expect(vision.exit == .badInput, "\(vision.error)")
        let models = studio.folder.path("home/data/models")
        #expect((try? FileManager.default.contentsOfDirectory(atPath: models))?.isEmpty ?? true)
        let noise = studio.folder.path("noise.gguf")
        try Data("not a model".utf8).write(to: URL(fileURLWithPath: noise))
        try FileManager.default.copyItem(
            atPath: path("mmproj-tiny.gguf"), toPath: studio.folder.path("mmproj.gguf"))
        let refused = studio.run("generate", "--model", noise, "--prompt", "hello")
        #expect(refused.exit == .badInput && refused.error.contains("GGUF"), "\(refused.error)")
    }

    @Test func assemblingNeedsALanguageModel() throws {
        let studio = try TestStudio()
        let vision = TestStudio.repository.appendingPathComponent("Tests/Fixtures/golden/ckpt-tied")
        let out = studio.folder.path("out")
        let outcome = studio.run("model", "assemble", vision.path, vision.path, out)
        #expect(outcome.exit == .badInput && outcome.error.contains("expected \"qwen2\""))
        #expect(!FileManager.default.fileExists(atPath: out))
        #expect(
            studio.run("model", "assemble", studio.folder.path("no"), vision.path, out).exit
                == .notFound)
        #expect(studio.run("model", "assemble", "a", "b", out, "--seed", "3").exit == .usage)
    }
}
