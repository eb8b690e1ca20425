import Testing
import VLMRuntime

@testable import PersonalCaption

@Suite struct PresenceTests {
    private func box(
        _ text: String, _ width: Int = 100, _ height: Int = 50, units: BoxUnits = .pixels
    ) -> [Int]? {
        BoxAnswer.box(
            in: text,
            ImageGeometry(
                originalWidth: width, originalHeight: height, resizedWidth: 200, resizedHeight: 200),
            units: units)
    }

    /// Qwen3-VL writes thousandths of the picture, however it was resized.
    @Test func thousandthsAreMappedToThePicture() {
        let answer = #"[{"bbox_2d": [100, 200, 500, 1000], "label": "<x>"}]"#
        #expect(box(answer, 640, 480, units: .thousandths) == [64, 96, 320, 480])
        #expect(box("[0, 0, 1000, 1000]", 33, 7, units: .thousandths) == [0, 0, 33, 7])
        #expect(box("[0, 0, 5000, 1]", units: .thousandths) == nil, "less than a pixel high")
    }

    /// Qwen2-VL writes two points instead.
    @Test func boxesOfTheOlderFamilyAreRead() {
        let answer = "the dog(100,200),(500,1000)"
        #expect(box(answer, 640, 480, units: .thousandths) == [64, 96, 320, 480])
        #expect(box("( 100, 200 ) , (500 ,1000)", 640, 480, units: .thousandths) != nil)
        #expect(box("(1,2) and (3,4)", units: .thousandths) == nil)
        #expect(box("(1,2,3,4)", units: .thousandths) == nil)
    }

    @Test(arguments: [
        ("Qwen2-VL-7B-Instruct", ModelFamily.qwen2VL), ("qwen2.5-vl-3b", .qwen25VL),
        ("org/Qwen3-VL-8B", .qwen3VL), ("mini", .qwen25VL),
    ])
    func aServersModelIsKnownByItsName(_ name: String, _ family: ModelFamily) {
        #expect(ModelFamily.suggested(byName: name) == family)
    }

    @Test func boxesAreMappedToThePicture() {
        #expect(box(#"{"bbox_2d": [20, 40, 100, 200], "label": "<x>"}"#) == [10, 10, 50, 50])
        #expect(box("[20,40,100,200]") == [10, 10, 50, 50])
        #expect(box("text [a] and [1, 2] then [ 20.4 , 40 , 100 , 200 ].") == [10, 10, 50, 50])
        #expect(box("[0, 0, 900, 900]") == [0, 0, 100, 50])
    }

    @Test(arguments: [
        "", "[]", "[1,2,3]", "[100, 40, 20, 200]", "[1,2,3,-4]", "[1 2 3 4]", "[300,300,400,400]",
        "[99999999999999999999,1,2,3]",
    ])
    func otherAnswersHoldNoBox(_ text: String) { #expect(box(text) == nil) }

    /// The vectors of RePIC's localisation reward.
    @Test(arguments: [
        ([33, 0, 133, 100], 0.5037593984962406), ([34, 0, 134, 100], 0.4925373134328358),
        ([25, 0, 125, 100], 0.6), ([100, 0, 200, 100], 0.0), ([0, 0, 100, 100], 1.0),
    ])
    func overlapIsSharedOverJoinedArea(_ other: [Int], _ expected: Double) {
        #expect(abs(BoxAnswer.overlap([0, 0, 100, 100], other) - expected) < 1e-12)
        #expect(BoxAnswer.overlap([0, 0, 100, 100], []) == 0)
    }

    @Test func yesIsWeighedAgainstNo() throws {
        let concepts = ["ann", "bo"].map { CaptionConcept(name: $0, image: Fixtures.picture()) }
        let model = RuleModel(probability: { $0.contains("Is <bo> visible") ? 0.75 : 0.1 }) {
            _, _ in
            ""
        }
        let question = PresenceQuestion(profile: .mini)
        let found = try question.probability(
            of: "bo", among: concepts, in: Fixtures.picture(), model: model)
        #expect(abs(found - 0.75) < 1e-6)
    }
}
