import Foundation
import Testing

@testable import StudioTUI

@Suite struct EvalNamesTests {
    private let captions = TestStudio.repository
        .appendingPathComponent("Tests/Fixtures/golden/repic-captions").path

    @Test func scoresHaveTheKeysOfTheContractInPercent() throws {
        let studio = try TestStudio()
        let outcome = studio.run(
            "eval", "names", "\(captions)/double-repic.json", "--rule", "compat",
            "--case-sensitive", "--json")
        #expect(outcome.exit == .done, "\(outcome.error)")
        let keys = try outcome.keys()
        #expect(keys.isSuperset(of: ["records", "precision", "recall", "f1", "allNamed"]))
        let document = try #require(outcome.json() as? [String: Any])
        #expect(document["records"] as? Int == 82)
        #expect(document["precision"] as? Double == 100)
        #expect(document["recall"] as? Double == 98.7805)
        let intervals = try #require(document["intervals"] as? [String: [String: Double]])
        #expect(Set(intervals.keys) == ["precision", "recall", "f1", "allNamed", "exact"])
        let low = try #require(intervals["recall"]?["low"])
        #expect(low > 94 && low < 98.7805)
    }

    @Test func peopleSeeATableAndWhatTheRuleCannotSee() throws {
        let studio = try TestStudio()
        let outcome = studio.run(
            "eval", "names", "\(captions)/quad-repic.json", "--rule", "compat")
        #expect(outcome.output.contains("records    105\n"))
        #expect(outcome.output.contains("precision   88.0 %"))
        #expect(outcome.output.contains("recall      59.5 %"))
        #expect(outcome.output.contains("F1          71.0 %"))
        #expect(outcome.error.contains("51 of 420 wanted names are lost"))
        let strict = studio.run(
            "eval", "names", "\(captions)/quad-repic.json", "--rule", "strict")
        #expect(strict.output.contains("all named   36.2 %"))
        #expect(strict.error.isEmpty)
    }

    @Test func detailsSayWhatWasFoundInEachRecord() throws {
        let studio = try TestStudio()
        let file = studio.folder.path("results.json")
        try Data(#"[["a\u001b[31m.jpg", ["<Ann>", "<Bo>"], "Ann and <Cy>."]]"#.utf8)
            .write(to: URL(fileURLWithPath: file))
        let outcome = studio.run("eval", "names", file, "--rule", "strict", "--details")
        #expect(outcome.output.contains("right: <Ann> · missed: <Bo> · invented: Cy"))
        #expect(!outcome.output.contains("\u{1B}"))
        let json = studio.run("eval", "names", file, "--rule", "strict", "--details", "--json")
        let rows = try #require((try json.json() as? [String: Any])?["rows"] as? [[String: Any]])
        #expect(rows.first?["missed"] as? [String] == ["<Bo>"])
    }

    @Test func whatCannotBeScoredIsRefusedInOneSentence() throws {
        let studio = try TestStudio()
        let file = studio.folder.path("results.json")
        #expect(studio.run("eval", "names", file, "--rule", "strict").exit == .notFound)
        for text in ["", "{}", "[]", "[[1]]"] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: file))
            let outcome = studio.run("eval", "names", file, "--rule", "compat")
            #expect(outcome.exit == .badInput, "\(text)")
            #expect(outcome.error.split(separator: "\n").count == 1)
        }
        #expect(studio.run("eval", "names", file).exit == .usage)
        #expect(
            studio.run("eval", "names", file, "--rule", "strict", "--case-sensitive").exit == .usage
        )
    }
}
