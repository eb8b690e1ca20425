import Foundation
import Testing

@testable import StudioTUI

/// The embedded model captions small pictures in well under a second.
@Suite struct CaptionCommandTests {
    @Test func captionsHaveTheKeysOfTheContract() throws {
        let studio = try TestStudio()
        _ = studio.run("concept", "add", "Mochi", try studio.picture("a.png"))
        let outcome = studio.run(
            "caption", try studio.picture("q.png", red: 20, size: 112), "--concept", "Mochi",
            "--max-tokens", "6", "--json")
        #expect(outcome.exit == .done, "\(outcome.error)")
        #expect(
            try outcome.keys() == [
                "caption", "concepts", "named", "unnamed", "absent", "question", "model", "adapter",
                "seed", "finishReason", "usage", "timings", "cache", "sampling", "id", "image",
                "evidence", "original",
            ])
        let document = try #require(outcome.json() as? [String: Any])
        #expect(document["adapter"] is NSNull)
        #expect(document["model"] as? String == "mini")
        func keys(_ name: String) -> Set<String> {
            Set((document[name] as? [String: Any] ?? [:]).keys)
        }
        #expect(keys("usage") == ["promptTokens", "imageTokens", "generatedTokens"])
        #expect(
            keys("timings") == [
                "load", "preprocess", "vision", "prefill", "firstToken", "decode", "total",
                "tokensPerSecond",
            ])
        #expect(keys("cache") == ["imagesEncoded", "imagesReused", "promptTokensReused"])
    }

    @Test func referencesAreEncodedOnceForAllRuns() throws {
        let studio = try TestStudio()
        _ = studio.run("concept", "add", "Mochi", try studio.picture("a.png"))
        _ = studio.run("concept", "add", "Luna", try studio.picture("b.png", red: 90))
        let query = try studio.picture("q.png", red: 20, size: 112)
        func caption(_ names: String...) throws -> (text: String?, cache: [String: Int]?) {
            let outcome = studio.run(
                ["caption", query, "--max-tokens", "8", "--json"]
                    + names.flatMap { ["--concept", $0] })
            let document = try #require(outcome.json() as? [String: Any])
            #expect(document["concepts"] as? [String] == names, "the user's order is kept")
            return (document["caption"] as? String, document["cache"] as? [String: Int])
        }
        let first = try caption("Mochi", "Luna")
        #expect(first.cache?["imagesEncoded"] == 3)
        let second = try caption("Luna", "Mochi")
        #expect(second.cache == ["imagesEncoded": 1, "imagesReused": 2, "promptTokensReused": 0])
        #expect(second.text == first.text)
        try FileManager.default.removeItem(atPath: studio.folder.path("home/cache"))
        let third = try caption("Mochi", "Luna")
        #expect(third.cache?["imagesEncoded"] == 3, "the cache may be deleted at any time")
        #expect(third.text == first.text)
    }

    @Test(arguments: ["32", "16", "8"])
    func keysAndValuesInFewerBitsStillNameTheSamplesDog(_ bits: String) throws {
        let studio = try TestStudio()
        let samples = URL(fileURLWithPath: TestStudio.samples)
        let milo = samples.appendingPathComponent("concepts/milo.png").path
        _ = studio.run("concept", "add", "Milo", milo)
        let outcome = studio.run(
            "caption", samples.appendingPathComponent("queries/query_00.png").path, "--concept",
            "Milo", "--kv-bits", bits, "--json")
        #expect(outcome.exit == .done, "\(outcome.error)")
        let document = try #require(outcome.json() as? [String: Any])
        #expect(document["named"] as? [String] == ["Milo"])
    }

    @Test(arguments: ["float32", "bfloat16"])
    func otherArithmeticStillNamesTheSamplesDog(_ arithmetic: String) throws {
        let studio = try TestStudio()
        let samples = URL(fileURLWithPath: TestStudio.samples)
        _ = studio.run(
            "concept", "add", "Milo", samples.appendingPathComponent("concepts/milo.png").path)
        let outcome = studio.run(
            "caption", samples.appendingPathComponent("queries/query_00.png").path, "--concept",
            "Milo", "--arithmetic", arithmetic, "--json")
        #expect(outcome.exit == .done, "\(outcome.error)")
        let document = try #require(outcome.json() as? [String: Any])
        #expect(document["named"] as? [String] == ["Milo"])
    }

    @Test func arithmeticThatDoesNotFitIsRefused() throws {
        let studio = try TestStudio()
        let outcome = studio.run("caption", "q.png", "--concept", "Milo", "--arithmetic", "int4")
        #expect(outcome.exit == .usage)
        #expect(outcome.error.contains("--arithmetic takes float32 or bfloat16"))
        let samples = URL(fileURLWithPath: TestStudio.samples)
        _ = studio.run(
            "concept", "add", "Milo", samples.appendingPathComponent("concepts/milo.png").path)
        _ = studio.run("model", "quantize", "mini", "--bits", "8")
        let packed = studio.run(
            "caption", samples.appendingPathComponent("queries/query_00.png").path, "--concept",
            "Milo", "--arithmetic", "bfloat16")
        #expect(packed.exit == .usage)
        #expect(packed.error.contains("8 bits"), "\(packed.error)")
    }

    @Test func otherBitsOfKeysAndValuesAreRefused() throws {
        let studio = try TestStudio()
        let outcome = studio.run("caption", "q.png", "--concept", "Milo", "--kv-bits", "7")
        #expect(outcome.exit == .usage)
        #expect(outcome.error.contains("--kv-bits takes 32, 16 or 8"))
    }

    @Test func severalAnswersAreThoseOfTheirSeeds() throws {
        let studio = try TestStudio()
        func run(_ more: String...) throws -> [String: Any] {
            let outcome = studio.run(
                [
                    "generate", "--prompt", "Hello", "--max-tokens", "6", "--temperature", "2",
                    "--json",
                ] + more)
            return try #require(outcome.json() as? [String: Any])
        }
        let together = try run("--seed", "5", "--count", "3")
        let answers = try #require(together["answers"] as? [[String: Any]])
        #expect(answers.count == 3)
        for (index, answer) in answers.enumerated() {
            let alone = try run("--seed", "\(5 + index)")
            #expect(answer["tokenIDs"] as? [Int] == alone["tokenIDs"] as? [Int])
            #expect(answer["seed"] as? Int == 5 + index)
        }
        #expect(together["text"] as? String == answers[0]["text"] as? String)
        #expect(studio.run("generate", "--prompt", "Hello", "--count", "0").exit == .usage)
    }

    @Test func captionsAreKeptInTheHistory() throws {
        let studio = try TestStudio()
        let query = try studio.picture("q.png", size: 112)
        let outcome = studio.run("caption", query, "--max-tokens", "4")
        #expect(outcome.exit == .done, "\(outcome.error)")
        #expect(outcome.error.contains("tokens/s"))
        let shown = studio.run("history", "show", "1", "--json")
        let record = try #require(shown.json() as? [String: Any])
        #expect((record["caption"] as? String).map { $0 + "\n" } == outcome.output)
        #expect(studio.run("history", "list").output.hasPrefix("1\t"))
        #expect(studio.run("history", "export", "-").output.contains("\"captions\""))
        #expect(studio.run("history", "remove", "1").exit == .done)
        #expect(studio.run("history", "show", "1").exit == .notFound)
    }

    @Test func aFifthConceptIsRefused() throws {
        let studio = try TestStudio()
        let query = try studio.picture("q.png")
        let outcome = studio.run(
            ["caption", query] + (1...5).flatMap { ["--concept", "c\($0)"] })
        #expect(outcome.exit == .badInput)
        #expect(outcome.error.contains("5"))
    }

    @Test func aDeletedReferencePictureIsNamed() throws {
        let studio = try TestStudio()
        _ = studio.run("concept", "add", "Mochi", try studio.picture("a.png"))
        try FileManager.default.removeItem(atPath: studio.folder.path("home/data/library/images"))
        let outcome = studio.run("caption", try studio.picture("q.png"), "--concept", "Mochi")
        #expect(outcome.exit == .notFound)
        #expect(outcome.error.contains("picture of Mochi is missing"))
    }

    @Test(arguments: [("nothing.png", StudioExit.notFound), (".", .badInput)])
    func unusableQueriesAreRefused(_ name: String, _ exit: StudioExit) throws {
        let studio = try TestStudio()
        #expect(studio.run("caption", studio.folder.path(name)).exit == exit)
    }

    @Test func generateHasTheKeysOfTheContract() throws {
        let outcome = try TestStudio().run(
            "generate", "--prompt", "Hello", "--max-tokens", "3", "--min-tokens", "3", "--json")
        #expect(
            try outcome.keys() == [
                "text", "tokenIDs", "promptTokenIDs", "finishReason", "usage", "timings", "model",
                "seed",
            ])
        let document = try #require(outcome.json() as? [String: Any])
        #expect((document["tokenIDs"] as? [Int])?.count == 3)
    }

    @Test func logitsAreToldToCompareWith() throws {
        let studio = try TestStudio()
        let outcome = studio.run(
            "generate", "--prompt", "Hello", "--max-tokens", "1", "--json", "--logits")
        let document = try #require(outcome.json() as? [String: Any], "\(outcome.error)")
        let logits = try #require(document["logits"] as? [Double])
        let first = try #require((document["tokenIDs"] as? [Int])?.first)
        #expect(logits.indices.max { logits[$0] < logits[$1] } == first)
        #expect(studio.run("generate", "--prompt", "Hello", "--logits").exit == .usage)
        let missing = studio.run("generate", "--prompt", "Hello", "--adapter", "none")
        #expect(missing.exit == .notFound, "\(missing.error)")
    }

    @Test func sampledAnswersRepeatWithTheirSeed() throws {
        let studio = try TestStudio()
        func text(_ seed: String) throws -> String {
            studio.run(
                "generate", "--prompt", "Hello", "--max-tokens", "8", "--min-tokens", "8",
                "--temperature", "2", "--seed", seed
            ).output
        }
        #expect(try text("7") == text("7"))
    }
}
