import Testing
import VLMRuntime

@testable import PersonalCaption

@Suite struct RecognizerTests {
    @Test func looksAloneFindWhoIsThere() throws {
        let model = ColourModel()
        var options = RecognitionOptions(limit: 2, verifies: false, locates: false)
        options.shortlist = 4
        let found = try SearchFixtures.recognizer(model, options)
            .recognize(SearchFixtures.scene([4, 1]))
        #expect(Set(found.accepted.map(\.name)) == ["ed", "bo"])
        #expect(found.candidates.count == 4)
        #expect(found.accepted.first { $0.name == "bo" }?.box == [16, 4, 24, 12])
        #expect(found.candidates.allSatisfy { $0.probability == nil && !$0.reason.isEmpty })
    }

    @Test func theModelDecidesWhoIsAccepted() throws {
        let model = ColourModel(
            probability: { $0.contains("<ed>") ? 0.999 : 0.001 },
            { _, _ in #"{"bbox_2d": [2, 10, 18, 26]}"# })
        let found = try SearchFixtures.recognizer(model).recognize(SearchFixtures.scene([4, 1]))
        #expect(found.accepted.map(\.name) == ["ed"])
        #expect(found.accepted.first?.box == [1, 5, 9, 13], "the model's own box")
        #expect(found.candidates.count == SearchFixtures.names.count)
        let scores = found.candidates.map(\.score)
        #expect(scores == scores.sorted(by: >))
    }

    @Test func nobodyIsAnAnswer() throws {
        let model = ColourModel(probability: { _ in 0.001 })
        let found = try SearchFixtures.recognizer(model).recognize(SearchFixtures.scene([]))
        #expect(found.accepted.isEmpty)
        #expect(!found.candidates.isEmpty)
        let empty = ConceptRecognizer(index: ConceptIndex([]), profile: .mini, model: model) { _ in
            throw CancellationError()
        }
        #expect(try empty.recognize(SearchFixtures.scene([0])).candidates.isEmpty)
    }

    @Test func whoWasAskedForIsAlwaysIncluded() throws {
        let model = ColourModel(probability: { _ in 0.001 })
        var options = RecognitionOptions(shortlist: 1)
        options.locates = false
        let found = try SearchFixtures.recognizer(model, options)
            .recognize(SearchFixtures.scene([0]), asked: [5])
        #expect(found.accepted.map(\.name) == ["flo"])
        #expect(found.accepted.first?.reason.hasPrefix("named in the question") == true)
    }

    @Test func atMostTheLimitIsAccepted() throws {
        let model = ColourModel(probability: { _ in 0.999 })
        var options = RecognitionOptions(limit: 2, threshold: 0)
        options.locates = false
        let recognizer = try SearchFixtures.recognizer(model, options)
        let found = try recognizer.recognize(SearchFixtures.scene([0, 1, 2]), asked: [5])
        #expect(found.accepted.count == 2)
        #expect(found.accepted.contains { $0.name == "flo" })
        #expect(found.candidates.contains { $0.reason == "2 others are more likely" })
    }

    @Test func aConceptCountsByItsBestReference() throws {
        let model = ColourModel()
        let pictures = try [(0, 3), (0, 5), (1, 2)].map { concept, colour in
            (
                concept: concept,
                picture: try model.pictureRows(
                    ImageInput(SearchFixtures.reference(colour)), cancellation: nil)
            )
        }
        let scene = try model.pictureRows(
            ImageInput(SearchFixtures.scene([5])), cancellation: nil)
        let matches = ConceptIndex(pictures).matches(scene, limit: 9)
        #expect(matches.map(\.concept) == [0, 1])
        #expect(matches[0].similarity > 0.99)
        #expect(ConceptIndex(pictures).matches(scene, limit: 0).isEmpty)
    }

    @Test func namesThatReadAlikeAreNeverAskedTogether() {
        let names = ["Max", "max", "Bo", "Cy", "Di", "Ed"]
        let groups = PresenceGroups.groups(Array(names.indices)) { names[$0] }
        #expect(groups == [[0, 2, 3, 4], [1, 5]])
    }

    @Test func impostorsOfTheLibrarySetTheLevel() {
        let strict = ImpostorLevel([0.8, 0.85, 0.9, 0.85])
        let loose = ImpostorLevel([0.3, 0.35, 0.4, 0.35])
        #expect(abs(strict.mean - 0.85) < 1e-12)
        #expect(
            strict.score(similarity: 0.8, probability: 0.9)
                < loose.score(similarity: 0.8, probability: 0.9))
        #expect(
            strict.score(similarity: 0.8, probability: 0.1)
                < strict.score(similarity: 0.8, probability: 0.9))
        #expect(ImpostorLevel([0.9, 0.9]) == .unknown)
        #expect(ImpostorLevel([0.9, 0.9, 0.9, 0.9]).deviation == 0.02)
        #expect(strict.score(similarity: 1, probability: 1).isFinite)
        #expect(strict.score(similarity: -1, probability: 0) > 0)
    }
}
