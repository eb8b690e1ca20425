import Foundation
import Testing

@testable import StudioTUI

@Suite struct ModelCommandTests {
    private let checkpoint = TestStudio.repository
        .appendingPathComponent("Tests/Fixtures/golden/ckpt-tied").path

    @Test func theEmbeddedModelIsTheDefault() throws {
        let outcome = try TestStudio().run("model", "list", "--json")
        let models = try (outcome.json() as? [String: Any])?["models"] as? [[String: Any]]
        let mini = try #require(models?.first)
        #expect(mini["name"] as? String == "mini")
        #expect(mini["isDefault"] as? Bool == true)
        #expect(mini["embedded"] as? Bool == true)
        #expect(
            Set(mini.keys) == [
                "name", "path", "family", "facts", "isDefault", "embedded", "addedAt",
            ])
    }

    @Test func checkpointsAreAddedUsedAndForgotten() throws {
        let studio = try TestStudio()
        let added = studio.run("model", "add", checkpoint, "--name", "tiny", "--json")
        #expect(added.exit == .done, "\(added.error)")
        #expect(studio.run("model", "use", "tiny").exit == .done)
        #expect(studio.run("model", "list").output.contains("* tiny"))
        #expect(studio.run("model", "use", "tinny").exit == .notFound)
        #expect(studio.run("model", "use", "mini").exit == .done)
        #expect(studio.run("model", "list").output.contains("* mini"))
        #expect(studio.run("model", "remove", "tiny").exit == .done)
        #expect(FileManager.default.fileExists(atPath: checkpoint))
    }

    @Test func anIncompleteFolderIsRefused() throws {
        let studio = try TestStudio()
        #expect(studio.run("model", "add", studio.folder.url.path).exit == .badInput)
        #expect(studio.run("model", "inspect", studio.folder.path("no/where")).exit == .notFound)
        #expect(studio.run("model", "list").output.split(separator: "\n").count == 1)
    }

    @Test func tokenizingPrintsIdsAndText() throws {
        let outcome = try TestStudio().run("model", "tokenize", "--text", "a <|im_end|>", "--json")
        #expect(try outcome.keys() == ["ids", "text"])
        let document = try #require(outcome.json() as? [String: Any])
        #expect(document["text"] as? String == "a <|im_end|>")
        #expect((document["ids"] as? [Int])?.count ?? 0 > 3)
    }

    @Test func theBenchmarkHasTheKeysOfTheContract() throws {
        let outcome = try TestStudio().run(
            "model", "bench", "--prompt-tokens", "8", "--generate", "2", "--image", "56x56",
            "--repeats", "1", "--json")
        #expect(outcome.exit == .done, "\(outcome.error)")
        let document = try #require(outcome.json() as? [String: Any])
        for stage in ["load", "vision", "prefill", "decode", "batchDecode"] {
            #expect((document[stage] as? [String: Any])?["seconds"] is Double, "\(stage)")
        }
        let together = try #require(document["batchDecode"] as? [String: Any])
        #expect(together["tokens"] as? Int == 16)
        #expect((document["peakMemoryBytes"] as? Int ?? 0) > 0)
    }

    @Test func theDoctorFindsNothingWrong() throws {
        let outcome = try TestStudio().run("doctor", "--json")
        #expect(outcome.exit == .done, "\(outcome.error)")
        #expect(
            try outcome.keys() == [
                "version", "runtime", "terminal", "library", "models", "samples",
            ])
    }

    @Test func theDoctorSaysWhenTheModelInUseIsGone() throws {
        let studio = try TestStudio()
        let copy = studio.folder.path("copy")
        try FileManager.default.copyItem(atPath: checkpoint, toPath: copy)
        _ = studio.run("model", "add", copy, "--use")
        try FileManager.default.removeItem(atPath: copy)
        let outcome = studio.run("doctor")
        #expect(outcome.exit == .failed)
        #expect(outcome.error.contains("the model copy"))
    }
}
