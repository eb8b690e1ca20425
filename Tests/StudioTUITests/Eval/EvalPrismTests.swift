import Foundation
import Testing

@testable import StudioTUI

@Suite struct EvalPrismTests {
    @Test func heldOutDrawingsAreCaptionedAndAskedAbout() throws {
        let studio = try TestStudio()
        let line = [
            "eval", "prism", "--limit", "1", "--captions", "1", "--shuffles", "1", "--max-tokens",
            "10", "--out", studio.folder.path("run"),
        ]
        let outcome = studio.run(line)
        #expect(outcome.exit == .done, "\(outcome.error)")
        #expect(outcome.output.hasPrefix("pictures   1, questions "))
        #expect(outcome.output.contains("chance"))
        let again = studio.run(line + ["--json"])
        #expect(try again.keys().isSuperset(of: ["mean", "bestOfAll", "blind", "manifest"]))
        #expect(again.error.contains("1 pictures are done already"))
        #expect(
            FileManager.default.fileExists(atPath: studio.folder.path("run/report.html")))
    }

    @Test func whatHoldsNoQuestionsIsBadInput() throws {
        let studio = try TestStudio()
        let file = studio.folder.path("qa.jsonl")
        try Data("nonsense\n".utf8).write(to: URL(fileURLWithPath: file))
        let out = studio.folder.path("run")
        let outcome = studio.run("eval", "prism", "--questions", file, "--out", out)
        #expect(outcome.exit == .badInput)
        #expect(outcome.error.contains("line 1"))
        #expect(
            studio.run("eval", "prism", "--questions", "/nowhere/q.tsv", "--out", out).exit
                == .notFound)
        for wrong in ["--captions 0", "--shuffles 99", "--limit 0", "--images x"] {
            let words = wrong.split(separator: " ").map(String.init)
            #expect(studio.run(["eval", "prism", "--out", out] + words).exit == .usage)
        }
    }
}
