import Testing
import VLMRuntime

@testable import PersonalCaption

/// Ways to a reward without looking at the picture, and what they earn.
@Suite struct StrictRewardTests {
    private let reward = NamesReward(form: .strict)
    private let info = "a brown dog with a red collar that likes to swim in the lake near the house"
    private let honest =
        "<Milo> sits on the wet grass beside a wooden bench while rain falls on the old stone "
        + "bridge behind it, and two children wave from the other side of the river."
    private let nobody =
        "An empty wooden bench stands on the wet grass while rain falls on the old stone bridge, "
        + "and two children wave from the other side of the river."
    private var scene: RewardScene {
        RewardScene(
            present: ["Milo"], supplied: ["Milo", "Bruna"], others: ["Pico"], infos: [info])
    }

    @Test func honestCaptionsEarnEverything() {
        #expect(reward.judge(honest, scene: scene) == Verdict(1))
        let empty = RewardScene(present: [], supplied: ["Milo", "Bruna"])
        #expect(reward.judge(nobody, scene: empty).reward == 1)
    }

    @Test func noTrickBeatsHonesty() {
        let tricks = [
            "", "   ", "<Milo>", "<Milo> " + String(repeating: "x", count: 120),
            String(repeating: "<Milo> ", count: 30),
            "<Milo> " + String(repeating: "very ", count: 40),
            "<Milo> " + info + " <Milo> " + info,
            "1. Name: <Milo>, Info: " + info + ". 1. Name: <Milo>, Info: " + info,
            honest + " </Milo>", honest + " <Bruna> is there too.", honest + " And Pico.",
            honest.replacing("<Milo>", with: "<Milo> and <Bruna>"),
            (0..<50).map { "<Name\($0)>" }.joined(separator: ", ") + " and <Milo> are here.",
            "<Milo> \u{200B}" + String(repeating: "\u{200B}", count: 200), nobody,
            String(repeating: "<Milo> is here on the grass by the old bridge today. ", count: 4),
            honest.replacing("<Milo>", with: "<Invented>"),
        ]
        for trick in tricks {
            #expect(reward.judge(trick, scene: scene).reward < 1, "\(trick.prefix(60))")
            #expect(!reward.judge(trick, scene: scene).reason.isEmpty)
        }
    }

    @Test func namingEveryoneNeverPays() {
        let all = honest.replacing("<Milo>", with: "<Milo> next to <Bruna>")
        #expect(reward.judge(all, scene: scene).reward == 0)
        let two = RewardScene(present: ["Milo", "Pico"], supplied: ["Milo", "Bruna", "Pico"])
        #expect(reward.judge(honest, scene: two).reward == 0.5)
        #expect(reward.judge(all, scene: two).reward == 0)
        let empty = RewardScene(present: [], supplied: ["Milo"])
        #expect(reward.judge(honest, scene: empty).reward == 0)
    }

    @Test func namesAreWholeWords() {
        let inside = honest.replacing("<Milo>", with: "Milotic")
        #expect(reward.judge(inside, scene: scene).reward == 0)
        let possessive = honest.replacing("<Milo> sits", with: "Milo's dog sits")
        #expect(reward.judge(possessive, scene: scene).reward == 1)
    }

    @Test(arguments: [
        ("Yes.", true, Float(1)), ("no", false, 1), ("I do not know", false, 0), ("Now", false, 0),
        ("yes and no", true, 0), ("yes, no", false, 0), ("", true, 0), ("YES!", true, 1),
    ])
    func yesAndNoAreWords(_ answer: String, _ isPresent: Bool, _ earned: Float) {
        let verdict = SameObjectReward.judge(answer, isPresent: isPresent, form: .strict)
        #expect(verdict.reward == earned)
    }

    @Test(arguments: [RewardForm.published, .strict])
    func boxesInThousandthsAreReadAsSuch(form: RewardForm) {
        let geometry = ImageGeometry(
            originalWidth: 400, originalHeight: 200, resizedWidth: 416, resizedHeight: 192)
        let seen = PictureScale(geometry, units: .thousandths)
        func earned(_ answer: String) -> Float {
            BoxReward.judge(answer, box: [40, 20, 240, 120], seen: seen, form: form).reward
        }
        #expect(earned("[100, 100, 600, 600]") == 1)
        #expect(earned("[40, 20, 240, 120]") == 0, "pixels are not what it writes")
        let episode = Episode(
            messages: [], goal: .box([40, 20, 240, 120], name: "x"), question: "", answer: "")
        #expect(episode.answer(seen: seen).contains("[100, 100, 600, 600]"))
    }

    @Test func boxesAreReadInThePixelsTheModelSaw() {
        let seen = PictureScale(across: 2, down: 2)
        let box = [20, 20, 120, 120]
        func earned(_ answer: String) -> Float {
            BoxReward.judge(answer, box: box, seen: seen, form: .strict).reward
        }
        #expect(earned("[10, 10, 60, 60]") == 1)
        #expect(earned("{\"bbox_2d\": [ 10.5, 10, 60, 60 ]}") == 1)
        #expect(earned("[20, 20, 120, 120]") == 0)
        #expect(earned("[60, 60, 10, 10]") == 0)
        #expect(earned("[0, 0, 999999, 999999]") == 0)
        #expect(earned("[0, 0, 99999999999999999999999, 9]") == 0)
        #expect(earned("[-10, 10, 60, 60]") == 0)
        #expect(earned("[0, 0, 112, 112] [10, 10, 60, 60]") == 0)
        #expect(earned("nowhere") == 0)
    }
}
