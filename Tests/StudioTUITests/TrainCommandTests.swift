import Foundation
import PersonalCaption
import Testing

@testable import StudioTUI

@Suite struct TrainCommandTests {
    /// A library with three of the sample concepts.
    private func studio() throws -> TestStudio {
        let studio = try TestStudio()
        for name in ["milo", "bruna", "pico"] {
            let picture = TestStudio.samples + "/concepts/\(name).png"
            let outcome = studio.run("concept", "add", name, picture, "--category", "animal")
            #expect(outcome.exit == .done, "\(outcome.error)")
        }
        return studio
    }

    private let small = [
        "--answers", "2", "--prompts", "1", "--max-tokens", "6", "--held-out", "1", "--rank", "2",
    ]

    @Test func aRunBecomesAnAdapterThatCaptionsUse() throws {
        let studio = try studio()
        let trained = studio.run(
            ["train", "--concepts", "milo,bruna", "--steps", "2", "--name", "one", "--json"]
                + small)
        #expect(trained.exit == .done, "\(trained.error)")
        let events = trained.output.split(separator: "\n").compactMap {
            try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }
        #expect(
            events.map { $0["type"] as? String } == [
                "start", "evaluation", "step", "step", "evaluation", "checkpoint", "end",
            ])
        #expect(try studio.run("runs", "list", "--json").keys() == ["runs"])
        #expect(
            try studio.run("runs", "show", "one", "--json").keys() == ["run", "settings", "events"])
        #expect(studio.run("train", "--resume", "one").exit == .badInput)
        #expect(studio.run("adapter", "list").output.hasPrefix("one "))

        let picture = TestStudio.samples + "/queries/query_00.png"
        let caption = studio.run(
            "caption", picture, "-c", "milo", "--adapter", "one", "--max-tokens", "4", "--json")
        #expect((try caption.json() as? [String: Any])?["adapter"] as? String == "one")

        let out = studio.folder.path("peft")
        #expect(studio.run("runs", "export", "one", out).exit == .done)
        #expect(studio.run("runs", "export", "one", out).exit == .badInput)
        #expect(studio.run("adapter", "import", out, "--name", "two").exit == .done)
        #expect(studio.run("adapter", "remove", "two").exit == .done)
        #expect(studio.run("adapter", "remove", "two").exit == .notFound)
        let merged = studio.run("adapter", "merge", "one", studio.folder.path("merged"), "--json")
        let proof = try #require(merged.json() as? [String: Any], "\(merged.error)")
        #expect((proof["largestLogitDifference"] as? Double ?? 1) < 1e-3)
        #expect(studio.run("runs", "delete", "one").exit == .done)
        #expect(studio.run("runs", "show", "one").exit == .notFound)
    }

    @Test(arguments: [
        (["train"], StudioExit.usage), (["train", "--concepts", "nobody"], .notFound),
        (["train", "--concepts", "milo", "--data", "x.json"], .usage),
        (["train", "--concepts", "milo", "--name", "../x"], .badInput),
        (["train", "--data", "missing.json"], .notFound),
        (["train", "--resume", "none"], .notFound),
        (["train", "--resume", "none", "--rank", "3"], .usage),
        (["train", "--concepts", "milo", "--temperature", "0"], .usage),
        (["train", "--concepts", "milo", "--mixture", "captions=2"], .usage),
        (["runs", "delete", "none"], .notFound), (["adapter", "export", "none", "x"], .notFound),
        (["adapter", "export", "../x", "x"], .badInput),
    ])
    func whatCannotBeDoneIsSaid(_ arguments: [String], _ exit: StudioExit) throws {
        let outcome = try studio().run(arguments)
        #expect(outcome.exit == exit, "\(outcome.error)")
        #expect(!outcome.error.isEmpty)
        #expect(TrainCommandTests.runs(outcome) == 0)
    }

    @Test func sharesAreReadByName() {
        let mixture = EpisodeMixture(argument: "captions=0.5,targets=0")
        #expect(mixture?.captions == 0.5)
        #expect(mixture?.targets == 0)
        #expect(mixture?.several == EpisodeMixture().several)
        for wrong in ["", "captions", "captions=2", "captions=nan", "boxes=0.1", "captions=0.1,"] {
            #expect(EpisodeMixture(argument: wrong) == nil, "\(wrong)")
        }
    }

    /// Another process holds the lock as long as it trains.
    @Test func twoRunsAtOnceAreRefused() throws {
        let studio = try studio()
        let runs = URL(fileURLWithPath: studio.folder.path("home/data/runs"), isDirectory: true)
        let lock = try TrainingLock(runs: runs)
        let outcome = studio.run("train", "--concepts", "milo", "--name", "second")
        #expect(outcome.exit == .failed)
        #expect(outcome.error.contains("another run is training now"), "\(outcome.error)")
        #expect(studio.run("runs", "show", "second").exit == .notFound)
        withExtendedLifetime(lock) {}
    }

    /// Its shapes would not fit either, but the message should not be about tensors.
    @Test func anAdapterOfAnotherModelIsRefused() throws {
        let studio = try studio()
        let golden = TestStudio.repository.appendingPathComponent("Tests/Fixtures/golden")
        let tiny = golden.appendingPathComponent("ckpt-new").path
        let folder = golden.appendingPathComponent("adapter").path
        let imported = studio.run("adapter", "import", folder, "--name", "tiny", "--model", tiny)
        #expect(imported.exit == .done, "\(imported.error)")
        let kept = studio.run(
            "generate", "--prompt", "Hello", "--adapter", "tiny", "--max-tokens", "1")
        #expect(kept.exit == .badInput)
        #expect(kept.error.contains("was made for the model"), "\(kept.error)")
        for arguments in [
            ["adapter", "import", folder, "--name", "two"],
            ["generate", "--prompt", "Hello", "--adapter", folder, "--max-tokens", "1"],
        ] {
            let outcome = studio.run(arguments)
            #expect(outcome.exit == .badInput)
            #expect(outcome.error.contains("does not fit this model"), "\(outcome.error)")
        }
        #expect(!studio.run("adapter", "list").output.contains("two"))
    }

    /// The file, the line or entry, the field, what was expected and what was found.
    @Test(arguments: [
        ("{\"image\": \"a.png\"}\n{\"image\": ", ["bad.jsonl", "line 2"]),
        (
            "{\"image\": \"a.png\", \"problem\": \"p\", \"solution\": [9, 2, 3, 4]}",
            ["bad.jsonl", "line 1", "solution", "[x1, y1, x2, y2]"]
        ),
        (
            "{\"image\": \"gone.png\", \"problem\": \"p\", \"solution\": [1, 2, 3, 4]}",
            ["bad.jsonl", "line 1", "gone.png"]
        ),
    ])
    func whatIsWrongWithAFileIsNamed(_ text: String, _ parts: [String]) throws {
        let studio = try studio()
        _ = try studio.picture("a.png")
        let file = studio.folder.path("bad.jsonl")
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        let outcome = studio.run("train", "--data", file)
        #expect(outcome.exit == .badInput || outcome.exit == .notFound)
        for part in parts { #expect(outcome.error.contains(part), "\(outcome.error)") }
        #expect(outcome.error.split(separator: "\n").count == 1, "\(outcome.error)")
    }

    private static func runs(_ outcome: TestStudio.Outcome) -> Int {
        outcome.output.split(separator: "\n").count
    }
}
