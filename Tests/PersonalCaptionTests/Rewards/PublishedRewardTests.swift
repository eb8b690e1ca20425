import Testing

@testable import PersonalCaption

/// The vectors of the published rewards.
@Suite struct PublishedRewardTests {
    @Test(arguments: [
        ("Yes.", true, Float(1)), ("no", true, 0), ("no", false, 1), ("I do not know", false, 1),
        ("another one, yes", true, 0), ("maybe", true, 0), ("", false, 0),
    ])
    func sameObject(_ answer: String, _ isPresent: Bool, _ reward: Float) {
        let verdict = SameObjectReward.judge(answer, isPresent: isPresent, form: .published)
        #expect(verdict.reward == reward)
    }

    @Test(arguments: [
        ([0, 0, 100, 100], [33, 0, 133, 100], 0.5038, Float(1)),
        ([0, 0, 100, 100], [34, 0, 134, 100], 0.4925, 0),
        ([0, 0, 100, 100], [25, 0, 125, 100], 0.6, 1), ([0, 0, 10, 10], [9, 0, 20, 10], 0, 0),
        ([0, 0, 10, 10], [8, 0, 20, 10], 0.1, 0),
    ])
    func boxes(_ found: [Int], _ gold: [Int], _ overlap: Double, _ reward: Float) {
        let exact = BoxReward.publishedOverlap(found.map(Double.init), gold.map(Double.init))
        #expect(abs(exact - overlap) < 1e-4)
        let text = "{\"bbox_2d\": [\(found.map(String.init).joined(separator: ", "))]}"
        #expect(BoxReward.judge(text, box: gold, form: .published).reward == reward)
        let raw = BoxReward.judge(text, box: gold, form: .strict, scale: .overlap)
        let strict = overlap == 0 ? 0.05 : overlap
        #expect(abs(Double(raw.reward) - strict) < 1e-3 || overlap == 0)
        #expect(BoxReward.judge(text, box: gold, form: .strict).reward == reward)
    }

    @Test func aNameOnceWithoutClosingTagAndLongEnough() {
        let reward = NamesReward(form: .published)
        let scene = RewardScene(present: ["Max"], supplied: ["Max"])
        let filler = String(repeating: "x", count: 95)
        #expect(reward.judge("<Max>" + filler, scene: scene).reward == 1)
        #expect(reward.judge("<Max>" + filler.dropLast(), scene: scene).reward == 0)
        #expect(reward.judge("Max" + filler + "xx", scene: scene).reward == 0)
        #expect(reward.judge("<max>" + filler, scene: scene).reward == 0)
        #expect(reward.judge("<Max></Max>" + filler, scene: scene).reward == 0)
        // A family emoji is one character for people and seven code points for the gate.
        let family = String(repeating: "👨‍👩‍👧‍👦", count: 14)
        #expect(reward.judge("<Max>" + family, scene: scene).reward == 1)
    }

    @Test func severalNamesByShareAndWithoutTheTagCheck() {
        let reward = NamesReward(form: .published)
        let scene = RewardScene(present: ["A", "B", "C"], supplied: ["A", "B", "C"])
        let filler = String(repeating: "y", count: 100)
        #expect(abs(reward.judge("<A> <B>" + filler, scene: scene).reward - 2 / 3) < 1e-6)
        #expect(reward.judge("<A> <B> <C> </A>" + filler, scene: scene).reward == 1)
    }

    @Test func lengthFallsBetweenTwoLimits() {
        let length = LengthReward(full: 2048, none: 3072)
        #expect(length(tokens: 2048) == 1)
        #expect(length(tokens: 2560) == 0.5)
        #expect(length(tokens: 3072) == 0)
    }
}
