import Foundation
import PersonalCaption
import Testing

@testable import StudioTUI

/// The command with the embedded model, on as little as possible.
@Suite struct EvalPersonalTests {
    @Test func aSetIsCaptionedAndScored() throws {
        var studio = try TestStudio()
        let samples = try SmallSampleSet.make(in: studio.folder, queries: 2)
        studio.environment["STUDIO_SAMPLES"] = samples
        let out = studio.folder.path("run")
        let line = [
            "eval", "personal", "--set", "studio", "--absent", "1", "--max-tokens", "12", "--out",
            out, "--json",
        ]
        let outcome = studio.run(line)
        #expect(outcome.exit == .done, "\(outcome.error)")
        #expect(
            try outcome.keys().isSuperset(of: [
                "manifest", "captions", "figures", "compat", "failures", "isComplete",
            ]))
        let summary = try JSONDecoder().decode(
            PersonalSummary.self, from: Data(outcome.output.utf8))
        #expect(summary.captions == 2)
        #expect(summary.figures["recall"]?.items == 2)
        let results = studio.run("eval", "names", "\(out)/results.json", "--rule", "strict")
        #expect(results.output.contains("records    2\n"))
        let again = studio.run(line)
        #expect(again.error.contains("2 pictures are done already"))
        #expect(again.output == outcome.output)
        let other = studio.run(line + ["--presence"])
        #expect(other.exit == .badInput)
        #expect(other.error.contains("holds another run"))
    }

    @Test func heldOutDrawingsNeedNoFiles() throws {
        let studio = try TestStudio()
        let outcome = studio.run(
            "eval", "personal", "--protocol", "nobody", "--limit", "1", "--library", "8",
            "--max-tokens", "8", "--presence", "--out", studio.folder.path("run"))
        #expect(outcome.exit == .done, "\(outcome.error)")
        #expect(outcome.output.contains("captions  1 of 1"))
        #expect(outcome.output.contains("yes/no answers right"))
        #expect(outcome.output.contains("no name at all"))
    }

    @Test func theRetrievalProtocolSearchesTheLibrary() throws {
        let studio = try TestStudio()
        let line = [
            "eval", "personal", "--protocol", "retrieval", "--limit", "1", "--library", "8",
            "--max-tokens", "8", "--check", "correct", "--out", studio.folder.path("run"),
        ]
        let outcome = studio.run(line)
        #expect(outcome.exit == .done, "\(outcome.error)")
        for title in ["found by look, first four", "found after asking", "seconds per check"] {
            #expect(outcome.output.contains(title))
        }
        let other = studio.run(line + ["--unverified"])
        #expect(other.exit == .badInput)
        #expect(other.error.contains("search"))
    }

    @Test(arguments: [
        "", "--out x --heldout --set studio", "--out x --concepts 5", "--out x --absent 9",
        "--out x --limit 0", "--out x --library 2", "--out x --queries q.json",
        "--out x --protocol sometimes", "--out x --unverified", "--out x --concepts 0",
        "--out x --check maybe", "--out x --protocol retrieval --shortlist 0",
    ])
    func wrongOptionsAreUsageErrors(_ line: String) throws {
        let words = line.split(separator: " ").map(String.init)
        let outcome = try TestStudio().run(["eval", "personal"] + words)
        #expect(outcome.exit == .usage, "\(outcome.error)")
    }

    @Test func whatCannotBeEvaluatedIsSaidInOneSentence() throws {
        var studio = try TestStudio()
        let out = studio.folder.path("run")
        #expect(
            studio.run("eval", "personal", "--data", "/nowhere/x", "--out", out).exit == .notFound)
        studio.environment["STUDIO_SAMPLES"] = try SmallSampleSet.make(
            in: studio.folder, queries: 1)
        let outcome = studio.run(
            "eval", "personal", "--set", "studio", "--protocol", "nobody", "--out", out)
        #expect(outcome.exit == .badInput)
        #expect(outcome.error.contains("no picture without a concept"))
        #expect(!FileManager.default.fileExists(atPath: out))
    }
}
