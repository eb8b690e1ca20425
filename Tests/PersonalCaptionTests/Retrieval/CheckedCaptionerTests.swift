import Testing
import VLMRuntime

@testable import PersonalCaption

@Suite struct CheckedCaptionerTests {
    private func request(_ names: [String], question: String? = nil) -> CaptionRequest {
        CaptionRequest(
            concepts: names.map { CaptionConcept(name: $0, image: Fixtures.picture()) },
            query: Fixtures.picture(40, 20), question: question, libraryNames: names)
    }

    private func model(_ present: Set<String>) -> RuleModel {
        RuleModel(probability: { question in
            present.contains { question.contains("<\($0)> visible") } ? 0.9 : 0.1
        }) { question, names in
            if question.contains("bounding box") { return "[20, 8, 40, 24]" }
            return names.isEmpty
                ? "A picture." : "I see " + names.map { "<\($0)>" }.joined(separator: " and ") + "."
        }
    }

    private func caption(
        _ model: RuleModel, _ checking: NameChecking, _ request: CaptionRequest
    ) throws -> (record: CaptionRecord, corrections: [[String]]) {
        var corrections: [[String]] = []
        let captioner = Captioner(model: model, modelName: "rule", profile: .mini)
        let record = try CheckedCaptioner(captioner, model: model, checking: checking).caption(
            request, onCorrection: { corrections.append($0.map(\.name)) })
        return (record, corrections)
    }

    @Test func absentNamesAreTakenOutOfTheCaption() throws {
        let (record, corrections) = try caption(model(["ann"]), .correct, request(["ann", "bo"]))
        #expect(record.caption == "I see <ann>.")
        #expect(record.original == "I see <ann> and <bo>.")
        #expect(record.concepts == ["ann", "bo"])
        #expect(record.named == ["ann"])
        #expect(record.unnamed == ["bo"])
        #expect(corrections == [["bo"]])
        let evidence = try #require(record.evidence)
        #expect(evidence.map(\.name) == ["ann", "bo"])
        #expect(evidence.map(\.isPresent) == [true, false])
        #expect(evidence.map(\.box) == [[10, 4, 20, 12], nil])
        #expect(evidence.allSatisfy { abs($0.probability - ($0.isPresent ? 0.9 : 0.1)) < 1e-6 })
    }

    @Test func flaggingLeavesTheCaptionAlone() throws {
        let (record, corrections) = try caption(model(["ann"]), .flag, request(["ann", "bo"]))
        #expect(record.caption == "I see <ann> and <bo>.")
        #expect(record.original == nil && corrections.isEmpty)
        #expect(record.evidence?.map(\.isPresent) == [true, false])
    }

    @Test func withoutCheckingNothingIsAsked() throws {
        let model = model([])
        let (record, _) = try caption(model, .off, request(["ann"]))
        #expect(record.evidence == nil && record.original == nil)
        #expect(model.calls == 1)
    }

    @Test func nobodyMayRemain() throws {
        let (record, _) = try caption(
            model([]), .correct, request(["ann", "bo"], question: "What does {name} do?"))
        #expect(record.caption == "A picture.")
        #expect(record.named.isEmpty)
        #expect(record.question == "What does <ann> and <bo> do?", "as the user asked it")
        #expect(record.evidence?.count == 2)
    }

    @Test func rightCaptionsAreWrittenOnce() throws {
        let model = model(["ann"])
        let (record, _) = try caption(model, .correct, request(["ann"]))
        #expect(record.original == nil)
        #expect(model.calls == 2, "the caption and a box")
    }
}
