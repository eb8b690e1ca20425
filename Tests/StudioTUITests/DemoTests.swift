import Foundation
import PersonalCaption
import Testing

@testable import StudioTUI

@Suite struct DemoTests {
    @Test func theDemoCountsTheNamesOfItsQueries() throws {
        var studio = try TestStudio()
        studio.environment["STUDIO_SAMPLES"] = try SmallSampleSet.make(
            in: studio.folder, queries: 3)
        let outcome = studio.run("demo", "--limit", "2", "--json")
        #expect(outcome.exit == .done, "\(outcome.error)")
        #expect(try outcome.keys() == ["model", "queries", "totals"])
        let document = try #require(outcome.json() as? [String: Any])
        let queries = try #require(document["queries"] as? [[String: Any]])
        #expect(queries.map { $0["composed"] as? Bool } == [false, false, true])
        #expect(queries[0]["truth"] as? [String] == ["Mochi"])
        #expect(queries[0]["given"] as? [String] == ["Mochi", "Rex"])
        let totals = try #require(document["totals"] as? [String: Any])
        #expect(totals["queries"] as? Int == 2)
        let right = try #require(totals["right"] as? Int)
        let missed = try #require(totals["missed"] as? Int)
        #expect(right + missed == 2)
    }

    @Test func theLastLineSaysHowManyNamesWereRight() throws {
        var studio = try TestStudio()
        studio.environment["STUDIO_SAMPLES"] = try SmallSampleSet.make(
            in: studio.folder, queries: 1)
        let outcome = studio.run("demo")
        let last = try #require(outcome.output.split(separator: "\n").last)
        #expect(
            last.wholeMatch(of: /names: \d+ right, \d+ missed, \d+ wrong over 1 queries .*/) != nil)
    }

    @Test func totalsAreSharesOfAllNames() {
        let score = DemoScore([
            SceneScore(right: ["a", "b"], missed: ["c"], wrong: []),
            SceneScore(right: ["a"], missed: [], wrong: ["d"]),
        ])
        #expect(
            DemoCommand.line(score)
                == "names: 3 right, 1 missed, 1 wrong over 2 queries "
                + "(precision 0.750, recall 0.750, F1 0.750)")
    }

    @Test func withoutSamplesTheDemoSaysWhereToFindThem() throws {
        var studio = try TestStudio()
        studio.environment["STUDIO_SAMPLES"] = studio.folder.path("nowhere")
        #expect(studio.run("demo").exit == .notFound)
        studio.environment["STUDIO_SAMPLES"] = nil
        let outcome = studio.run("demo")
        #expect(outcome.exit == .notFound)
        #expect(outcome.error.contains("STUDIO_SAMPLES"))
    }
}
