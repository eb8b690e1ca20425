import Foundation
import Testing

@testable import PersonalCaption

/// Both rules, on the published files and on cases where they part.
@Suite struct NameScoreTests {
    private func rows(_ file: String) throws -> [ResultRow] {
        try ResultList.read(Fixtures.golden.appending(path: "repic-captions/\(file).json"))
    }

    private func percent(_ score: NameScore, _ figures: [NameFigure]) -> [Double] {
        figures.map { (score.value($0) * 1000).rounded() / 10 }
    }

    /// Figures of `golden/repic-captions/README.md`; counts of `Tests/Scripts/name_scores.py`.
    @Test(arguments: [
        ("double-repic", 82, [100.0, 98.8, 99.4], [162, 162, 164]),
        ("double-zero-shot", 82, [100.0, 75.0, 85.7], [123, 123, 164]),
        ("double-rap-llava-2k", 82, [100.0, 90.2, 94.9], [148, 148, 164]),
        ("quad-repic", 105, [88.0, 59.5, 71.0], [250, 284, 420]),
        ("quad-zero-shot", 105, [73.3, 22.9, 34.8], [96, 131, 420]),
    ])
    func compatScoresOfPublishedCaptions(
        file: String, records: Int, expected: [Double], counts: [Int]
    ) throws {
        let evaluation = NameEvaluation(
            try rows(file), rule: .compat, isCaseSensitive: file.hasPrefix("double"))
        #expect(evaluation.score.records == records)
        #expect(percent(evaluation.score, [.precision, .recall, .f1]) == expected)
        let score = evaluation.score
        #expect([score.hits, score.judged, score.wanted] == counts)
    }

    @Test(arguments: [
        ("double-repic", [95.9, 99.4, 97.6, 98.8]),
        ("double-zero-shot", [98.4, 77.4, 86.7, 75.6]),
        ("double-rap-llava-2k", [100.0, 90.2, 94.9, 80.5]),
        ("quad-repic", [84.4, 73.6, 78.6, 36.2]),
        ("quad-zero-shot", [78.3, 24.0, 36.8, 0.0]),
    ])
    func strictScoresOfPublishedCaptions(file: String, expected: [Double]) throws {
        let evaluation = NameEvaluation(try rows(file), rule: .strict)
        #expect(percent(evaluation.score, [.precision, .recall, .f1, .allNamed]) == expected)
    }

    /// The double script is case-sensitive, the quad script is not: with the other, other figures.
    @Test func theScriptsDifferInCase() throws {
        let double = NameEvaluation(try rows("double-repic"), rule: .compat)
        let quad = NameEvaluation(try rows("quad-repic"), rule: .compat, isCaseSensitive: true)
        #expect(percent(double.score, [.f1]) != [99.4])
        #expect(percent(quad.score, [.f1]) != [71.0])
    }

    /// `<black widow>` and three more can never match: 51 of 420 names, F1 93.5 at best.
    @Test func compatMissesNamesOfSeveralWordsAndStrictFindsThem() throws {
        let perfect = try rows("quad-repic").map { row in
            ResultRow(
                image: row.image, tags: row.tags, caption: row.tags.joined(separator: ", "),
                question: row.question)
        }
        let compat = NameEvaluation(perfect, rule: .compat)
        #expect(percent(compat.score, [.precision, .recall, .f1]) == [100.0, 87.9, 93.5])
        #expect(compat.unreachable.tags == 4)
        #expect(compat.unreachable.uses == 51)
        let lost = Set(compat.outcomes.flatMap(\.missed))
        #expect(
            lost == ["<black widow>", "<captain america>", "<quick silver>", "<scarlet witch>"])
        let strict = NameEvaluation(perfect, rule: .strict)
        #expect(percent(strict.score, [.precision, .recall, .f1, .exact]) == [100, 100, 100, 100])
    }

    private func both(
        _ caption: String, _ tags: [String], pool: [String] = []
    ) -> (compat: NameOutcome, strict: NameOutcome) {
        (
            CompatNameScorer(tags: tags + pool, isCaseSensitive: false)
                .outcome(caption: caption, tags: tags),
            StrictNameScorer(tags: tags + pool).outcome(caption: caption, tags: tags)
        )
    }

    @Test func possessivesAreFoundByTheStrictRuleOnly() {
        for caption in ["<Bond>'s hat.", "A hat, Bond's own."] {
            let found = both(caption, ["<Bond>"])
            #expect(found.compat.right.isEmpty)
            #expect(found.strict.right == ["<Bond>"])
        }
    }

    @Test func aNameInsideAWordIsNoName() {
        let found = both("A vagabond with a bondsman.", ["<Bond>"])
        #expect(found.compat.right.isEmpty)
        #expect(found.strict.right.isEmpty)
    }

    @Test func aWrongNameBesideAllRightOnesCostsOnlyTheStrictRule() {
        let found = both("<Ann> meets Rex.", ["<ann>"], pool: ["<rex>"])
        #expect(found.compat.judged == 1)
        #expect(found.strict.judged == 2)
        #expect(found.strict.wrong == ["<rex>"])
    }

    @Test func aWrongNameMakesCompatJudgeTheMissedOnes() {
        let found = both("Rex alone.", ["<ann>", "<bo>"], pool: ["<rex>"])
        #expect(found.compat.judged == 2)
        #expect(found.compat.wrong == ["<rex>"])
        let silent = both("Nobody.", ["<ann>", "<bo>"], pool: ["<rex>"])
        #expect(silent.compat.judged == 0)
        #expect(silent.compat.missed.count == 2)
    }

    @Test func compatRemovesEndMarksAndPunctuation() {
        for caption in ["(<Ann>),", "it is Ann</s>", "\"ann\"!", "-<ANN>-", "Ann\u{1F}sits"] {
            #expect(both(caption, ["<ann>"]).compat.right == ["<ann>"], "\(caption)")
        }
        for caption in ["Ann’s", "Ann/Bo", "«Ann»", "<Ann", "Ann\u{200B}"] {
            #expect(both(caption, ["<ann>"]).compat.right.isEmpty, "\(caption)")
        }
    }

    @Test func compatCountsRepeatedTagsAndStrictDoesNot() {
        let found = both("Ann.", ["<ann>", "<ann>"])
        #expect(found.compat.wanted == 2)
        #expect(found.strict.wanted == 1)
    }

    /// Python: "ΣΑΣ".lower() == "σας", "İ".lower() == "i̇", and no Unicode equivalence.
    @Test func compatLowersAsPythonDoes() {
        func lower(_ text: String) -> String {
            var result = String.UnicodeScalarView()
            result.append(contentsOf: PythonText.lowercased(Array(text.unicodeScalars)))
            return String(result)
        }
        #expect(lower("ΣΑΣ").unicodeScalars.elementsEqual("σας".unicodeScalars))
        #expect(lower("ΑΣ.Α Σ").unicodeScalars.elementsEqual("ασ.α σ".unicodeScalars))
        #expect(lower("İ").unicodeScalars.elementsEqual("i\u{307}".unicodeScalars))
        let composed = both("I see Zoe\u{301}.", ["<zo\u{E9}>"])
        #expect(composed.compat.right.isEmpty)
        #expect(composed.strict.right == ["<zo\u{E9}>"])
    }

    @Test func inventedNamesAreReportedButNotCounted() {
        let found = both("<Ann> and <Wanda Maximoff>.", ["<ann>"]).strict
        #expect(found.invented == ["Wanda Maximoff"])
        #expect(found.judged == 1)
        #expect(!found.isExact && found.isComplete)
    }

    @Test func nothingToDoIsDoneWell() {
        let empty = NameScore([NameOutcome(right: [], missed: [], wrong: [], judged: 0)])
        #expect(NameFigure.allCases.map(empty.value) == [1, 1, 1, 1, 1])
        let silent = NameScore([NameOutcome(right: [], missed: ["a"], wrong: [], judged: 0)])
        #expect(NameFigure.allCases.map(silent.value) == [0, 0, 0, 0, 0])
        let chatty = NameScore([NameOutcome(right: [], missed: [], wrong: ["a"], judged: 1)])
        #expect(NameFigure.allCases.map(chatty.value) == [0, 0, 0, 1, 0])
    }

    @Test(arguments: [
        (#"{"a": 1}"#, "an object"), (#"[["a", ["b"]]]"#, "row 1 has 2 elements"),
        (#"[["a", ["b"], "c"], ["a", [3], "c", "d"]]"#, "row 2 has a number as tag"),
        (#"[["a", ["b"], null]]"#, "null as caption"), (#"[7]"#, "row 1 is a number"),
        (#"[["a", {}, "c"]]"#, "an object as tags"), ("[", "is not JSON"),
        (String(repeating: "[", count: 200), "64 levels"),
    ])
    func brokenResultFilesAreRefused(json: String, reason: String) {
        let error = #expect(throws: ResultListError.self) {
            try ResultList.parse(Data(json.utf8), name: "results.json")
        }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    @Test func harmlessDeviationsAreRead() throws {
        let json = #"[["a.jpg", "<x>", "A caption."], ["b.jpg", [], "Another.", null]]"#
        let rows = try ResultList.parse(Data(json.utf8), name: "results.json")
        #expect(rows.map(\.tags) == [["<x>"], []])
        #expect(rows.map(\.question) == ["", ""])
        let again = try ResultList.parse(ResultList.json(rows), name: "again.json")
        #expect(again == rows)
    }
}
