import Foundation
import Testing

@testable import PersonalCaption

struct SceneScoreTests {
    private func score(_ caption: String, supplied: [String], truth: [String]) -> SceneScore {
        SceneScore(report: NameCheck(supplied: supplied).report(on: caption), truth: truth)
    }

    @Test func namesAreRightMissedOrWrong() {
        let score = score(
            "<Max> and <Bo> and <Rex>", supplied: ["Max", "Bo", "Ann"], truth: ["Max", "Ann"])
        #expect(score == SceneScore(right: ["Max"], missed: ["Ann"], wrong: ["Bo", "Rex"]))
        #expect(!score.isExact)
    }

    @Test func aNameInViewCountsThoughItWasNotSupplied() {
        #expect(score("<Max>", supplied: [], truth: ["max"]).isExact)
    }

    @Test func aSceneWithNobodyIsExactWhenNobodyIsNamed() {
        #expect(score("A dog.", supplied: ["Max"], truth: []).isExact)
        #expect(!score("Max.", supplied: ["Max"], truth: []).isExact)
    }

    @Test func totalsAreMicroAveraged() {
        let total = DemoScore([
            SceneScore(right: ["a", "b", "c"], missed: [], wrong: []),
            SceneScore(right: [], missed: ["a"], wrong: ["b", "c"]),
            SceneScore(right: ["a"], missed: [], wrong: ["d"]),
        ])
        #expect(total.scenes == 3)
        #expect(total.exact == 1)
        #expect(total.complete == 2)
        #expect(total.precision == 4.0 / 7)
        #expect(total.recall == 4.0 / 5)
        #expect(abs(total.f1 - 8.0 / 12) < 1e-12)
    }

    @Test func nothingToNameIsNoMistake() {
        let none = DemoScore([SceneScore(right: [], missed: [], wrong: [])])
        #expect(none.precision == 1 && none.recall == 1 && none.f1 == 1)
        let silent = DemoScore([SceneScore(right: [], missed: ["a"], wrong: [])])
        #expect(silent.recall == 0 && silent.f1 == 0)
    }

    @Test func resultRowsAreListsOfFour() throws {
        let row = ResultRow(
            image: "./a/b.jpg", tags: ["<x y>"], caption: "A \"<x y>\"\n", question: "What?")
        let data = try ResultList.json([row])
        let json = try #require(try JSONSerialization.jsonObject(with: data) as? [[Any]])
        #expect(json[0].count == 4)
        #expect(json[0][1] as? [String] == ["<x y>"])
        #expect(try ResultList.read(data) == [row])
        let short = try ResultList.read(Data(#"[["a.jpg", ["<x>"], "A cat."]]"#.utf8))
        #expect(short[0].question.isEmpty)
    }
}
