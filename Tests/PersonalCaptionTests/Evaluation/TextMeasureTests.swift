import Testing

@testable import PersonalCaption

/// Vectors: `Tests/Scripts/evaluation_vectors.py`, whose BLEU equals that of NLTK 3.9.
@Suite struct TextMeasureTests {
    private let texts = [
        "The picture features <Luna> on a red sofa beside a lamp.",
        "The picture features <Luna> on a green field beside a tree.",
        "Here is <Luna>, asleep in the sun.",
    ]
    private let given = "Otto is a red backpack with multiple colorful patches attached to it."

    @Test func diversityIsThatOfTheScript() throws {
        let found = try #require(TextDiversity(texts))
        #expect(abs(found.distinct1 - 18.0 / 29) < 1e-12)
        #expect(abs(found.distinct2 - 20.0 / 26) < 1e-12)
        #expect(abs(try #require(found.selfBLEU) - 0.3535991036438341) < 1e-12)
    }

    @Test func equalTextsAreNotDiverse() throws {
        let found = try #require(TextDiversity([texts[0], texts[0]]))
        #expect(abs(try #require(found.selfBLEU) - 1) < 1e-12)
        #expect(found.distinct1 < 0.5)
        #expect(TextDiversity([]) == nil)
        #expect(TextDiversity(["one"])?.selfBLEU == nil)
        #expect(TextDiversity([""])?.distinct1 == 0)
    }

    @Test func copyingIsThatOfTheScript() throws {
        let caption =
            "Here <Otto> is a red backpack with patches, hanging on the wall beside a red door."
        let found = try #require(CopyRate(caption: caption, given: given))
        #expect(abs(found.share - 0.5833333333333334) < 1e-12)
        #expect(abs(found.rougeL - 0.5) < 1e-12)
        #expect(abs(found.longestRun - 0.5) < 1e-12)
        #expect(abs(found.bleu - 0.31314224813827346) < 1e-12)
    }

    @Test func copyingHasEnds() throws {
        let whole = try #require(CopyRate(caption: given, given: given))
        #expect(whole.share == 1 && whole.rougeL == 1 && whole.longestRun == 1)
        #expect(abs(whole.bleu - 1) < 1e-12)
        let none = try #require(CopyRate(caption: "One two three.", given: given))
        #expect(none.share == 0 && none.rougeL == 0 && none.longestRun == 0 && none.bleu == 0)
        #expect(CopyRate(caption: "", given: given)?.rougeL == 0)
        #expect(CopyRate(caption: given, given: " … ") == nil)
    }

    /// NLTK: sentence_bleu([["a", "b"]], ["a", "b"], method1) = 0.316227766016838.
    @Test func shortTextsAreSmoothed() {
        #expect(abs(BLEU.score(["a", "b"], references: [["a", "b"]]) - 0.316227766016838) < 1e-12)
        #expect(BLEU.score([], references: [["a"]]) == 0)
        #expect(BLEU.score(["a"], references: []) == 0)
    }

    @Test func namesInBracketsAreWords() {
        #expect(
            MetricWords.words("<Black Widow>'s red hat.") == ["black", "widow", "s", "red", "hat"])
    }
}
