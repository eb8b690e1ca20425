import Foundation
import PersonalCaption
import TerminalUI
import Testing
import VLMRuntime

@testable import StudioTUI

@Suite struct AppAskReducerTests {
    private func reduce(_ state: inout AppState, _ action: AskAction) -> [Effect] {
        Reducer.reduce(&state, .ask(action))
    }

    private func press(_ state: inout AppState, _ keys: String...) throws -> [Effect] {
        var effects: [Effect] = []
        for text in keys {
            for key in try KeySequence(parsing: text).keys {
                effects += Reducer.reduce(&state, .input(.key(key)))
            }
        }
        return effects
    }

    private func type(_ state: inout AppState, _ text: String) {
        for letter in text { _ = Reducer.reduce(&state, .input(.key(.character(letter)))) }
    }

    private func lastToast(_ state: AppState) -> String { state.toasts.shown.last?.text ?? "" }

    // MARK: - Concepts

    @Test func conceptsFillTheSlotsInOrder() {
        var state = AskFixture.state()
        _ = reduce(&state, .addConcepts([2, 1]))
        #expect(state.ask.slots.map(\.name) == ["Blue Mug", "Milo"])
        #expect(state.toasts.shown.isEmpty)
    }

    @Test func aFifthConceptIsRefusedWithAReason() {
        var state = AskFixture.state()
        _ = reduce(&state, .addConcepts([1, 2, 3, 4, 5]))
        #expect(state.ask.slots.count == 4)
        #expect(lastToast(state).contains("Hugo"))
        #expect(lastToast(state).contains("at most 4"))
    }

    @Test func conceptsWithoutAPictureTwiceOrAlikeAreRefused() {
        var state = AskFixture.state(["Bare Otto", "Milo", "milo!"])
        _ = reduce(&state, .addConcepts([1]))
        #expect(lastToast(state).contains("has no picture"))
        _ = reduce(&state, .addConcepts([2, 2]))
        #expect(lastToast(state).contains("already"))
        _ = reduce(&state, .addConcepts([3]))
        #expect(lastToast(state).contains("apart"))
        #expect(state.ask.slots.map(\.name) == ["Milo"])
    }

    @Test func slotsAreReorderedAndEmptiedWithKeys() throws {
        var state = AskFixture.ready(3)
        state.ask.focus = .slot(0)
        _ = try press(&state, ">")
        #expect(state.ask.slots.map(\.name) == ["Blue Mug", "Milo", "Luna"])
        #expect(state.ask.focus == .slot(1))
        _ = try press(&state, "<", "l", "x")
        #expect(state.ask.slots.map(\.name) == ["Milo", "Luna"])
        _ = try press(&state, "right", "x")
        #expect(lastToast(state).contains("move to a concept"))
        #expect(state.ask.slots.count == 2)
    }

    @Test func theMouseTakesAConceptOut() {
        let state = AskFixture.ready(2)
        let scene = AppView.draw(state, pictures: NoPictures())
        let removals = scene.regions.filter { region in
            if case .ask(.removeSlot)? = region.press { return true }
            return false
        }
        #expect(removals.count == 2)
    }

    @Test func enterOnAnEmptySlotChoosesAConcept() throws {
        var state = AskFixture.ready(1)
        state.ask.focus = .slot(1)
        #expect(try press(&state, "enter").jobs.isEmpty)
        #expect(state.overlays.last?.title == "Concept 2")
        _ = try press(&state, "enter")
        #expect(state.toasts.shown.last?.severity == .warning, "Milo is taken already")
        _ = try press(&state, "down", "enter")
        #expect(state.ask.slots.map(\.name) == ["Milo", "Blue Mug"])
    }

    @Test func aConceptOfTheTrashStaysVisibleAndKeepsTheQueryFromRunning() {
        var state = AskFixture.ready(2)
        var snapshot = AskFixture.snapshot(["Milo"])
        snapshot.trash = [AskFixture.concept(2, "Blue Mug")]
        _ = Reducer.reduce(&state, .library(.loaded(snapshot)))
        #expect(state.ask.slots[1].problem == "is in the trash")
        #expect(reduce(&state, .run(.usual)).jobs.isEmpty)
        #expect(lastToast(state).contains("Blue Mug is in the trash"))
    }

    @Test func renamedConceptsShowTheirNewName() {
        var state = AskFixture.ready(1)
        _ = Reducer.reduce(&state, .library(.loaded(AskFixture.snapshot(["Milo Junior"]))))
        #expect(state.ask.slots.map(\.name) == ["Milo Junior"])
    }

    // MARK: - Picture and question

    @Test func pastedPathsBecomeThePicture() {
        var state = AskFixture.state()
        let effects = Reducer.reduce(&state, .input(.paste("'/nowhere/my cat.png'\n")))
        guard case .ask(.readPicture(let url, _, let isTyped))? = effects.first else {
            Issue.record("no picture was read: \(effects)")
            return
        }
        #expect(url.path == "/nowhere/my cat.png")
        #expect(!isTyped)
        _ = Reducer.reduce(&state, .input(.paste("what is this about")))
        #expect(lastToast(state).contains("no path"))
    }

    @Test func aWrongPathComesBackToTheForm() {
        var state = AskFixture.state()
        _ = reduce(&state, .pictureRefused("it is not there", path: "/nowhere/cta.png"))
        #expect(AskFixture.screen(state).contains("/nowhere/cta.png"))
        #expect(lastToast(state) == "it is not there")
    }

    @Test func earlierQuestionsComeWithUpAndTheDraftWithDown() throws {
        var state = AskFixture.ready()
        _ = reduce(&state, .earlierQuestions(["newest?", "oldest?"]))
        _ = try press(&state, "i")
        type(&state, "my draft")
        _ = try press(&state, "up")
        #expect(state.ask.question.text == "newest?")
        _ = try press(&state, "up", "up")
        #expect(state.ask.question.text == "oldest?")
        _ = try press(&state, "down", "down")
        #expect(state.ask.question.text == "my draft")
    }

    @Test func aQuestionIsAskedWithEnterAndRemembered() throws {
        var state = AskFixture.ready(2)
        _ = try press(&state, "i")
        type(&state, "Where is {name}?")
        let effects = try press(&state, "enter")
        #expect(effects.jobs.map(\.question) == ["Where is {name}?"])
        #expect(state.ask.earlierQuestions.first == "Where is {name}?")
        #expect(AskQuery.filledQuestion(state) == "Where is <Milo> and <Blue Mug>?")
    }

    @Test func namesCannotBeFilledInWithoutConcepts() {
        var state = AskFixture.ready(0)
        _ = reduce(&state, .setQuestion("Where is {name}?"))
        #expect(reduce(&state, .run(.usual)).jobs.isEmpty)
        #expect(lastToast(state).contains("{name}"))
    }

    // MARK: - Running

    @Test func withoutAPictureNothingRunsAndTheReasonIsSaid() {
        var state = AskFixture.state()
        #expect(reduce(&state, .run(.usual)).jobs.isEmpty)
        #expect(lastToast(state).contains("picture"))
    }

    @Test func aJobTakesTheQueryTheOwnSamplingAndTheSettings() throws {
        var state = AskFixture.ready(2)
        try state.settings.set("caption.temperature", to: "0.9")
        try state.settings.set("caption.top_k", to: "7")
        try state.settings.set("caption.keep_history", to: "no")
        _ = reduce(&state, .setSampling(AskSampling(temperature: 0.5)))
        let job = try #require(reduce(&state, .run(.usual)).jobs.first)
        #expect(job.concepts == [1, 2])
        #expect(job.options.temperature == 0.5)
        #expect(job.options.topK == 7)
        #expect(job.question == nil)
        #expect(job.drawsSeed)
        #expect(!job.isSaved)
        #expect(state.ask.running?.number == job.number)
    }

    @Test func anotherOneDrawsANewSeedAndTheSameOneKeepsIt() throws {
        var state = AskFixture.ready(1)
        _ = reduce(&state, .setSampling(AskSampling(temperature: 0.8, seed: 4)))
        let first = try #require(reduce(&state, .run(.usual)).jobs.first)
        #expect(first.options.seed == 4)
        #expect(!first.drawsSeed)
        var record = AskFixture.record("A <Milo>.", concepts: ["Milo"], seed: 99)
        record.sampling.temperature = 0.8
        _ = reduce(&state, .news(first.number, .finished(try AskFixture.answer(record))))
        let other = try #require(reduce(&state, .run(.new)).jobs.first)
        #expect(other.drawsSeed)
        _ = reduce(&state, .news(other.number, .cancelled))
        _ = reduce(&state, .browse(-1))
        let same = try #require(reduce(&state, .repeatShown).jobs.first)
        #expect(same.options.seed == 99)
        #expect(same.options.temperature == 0.8)
        #expect(!same.drawsSeed)
    }

    @Test func greedyRepetitionSaysWhyNothingChanges() throws {
        var state = AskFixture.ready(1)
        let job = try #require(reduce(&state, .run(.usual)).jobs.first)
        let record = AskFixture.record("A <Milo>.", concepts: ["Milo"])
        _ = reduce(&state, .news(job.number, .finished(try AskFixture.answer(record))))
        #expect(reduce(&state, .run(.new)).jobs.count == 1)
        #expect(lastToast(state).contains("greedy"))
    }

    @Test func escapeKeepsThePartialTextAndASecondQueryStartsAtOnce() throws {
        var state = AskFixture.ready(1)
        let job = try #require(reduce(&state, .run(.usual)).jobs.first)
        let flag = try #require(state.ask.running?.cancellation)
        _ = reduce(&state, .news(job.number, .text("A photo of Mi", tokens: 4)))
        _ = try press(&state, "esc")
        #expect(flag.isCancelled)
        #expect(state.ask.caption(job.number)?.phase == .cancelled)
        #expect(AskFixture.screen(state).contains("A photo of Mi"))
        #expect(AskFixture.screen(state).contains("(cancelled) after 4 tokens"))
        let second = try #require(try press(&state, "r").jobs.first)
        #expect(second.number != job.number)
        // The old one reports its end; the new one goes on.
        let record = AskFixture.record("A photo of Mi", concepts: ["Milo"], isCancelled: true)
        _ = reduce(&state, .news(job.number, .finished(try AskFixture.answer(record))))
        #expect(state.ask.running?.number == second.number)
        #expect(state.ask.caption(job.number)?.phase == .cancelled)
    }

    @Test func escapeWithNothingRunningDoesNotComplain() throws {
        var state = AskFixture.ready(1)
        _ = try press(&state, "esc")
        #expect(state.toasts.shown.isEmpty)
    }

    @Test func aCaptionOfAnotherScreenTellsWhenItIsReady() throws {
        var state = AskFixture.ready(1)
        let job = try #require(reduce(&state, .run(.usual)).jobs.first)
        _ = Reducer.reduce(&state, .show(.concepts))
        let record = AskFixture.record("A <Milo>.", concepts: ["Milo"])
        _ = reduce(&state, .news(job.number, .finished(try AskFixture.answer(record))))
        #expect(lastToast(state).contains("ready"))
        #expect(state.ask.running == nil)
    }

    @Test func scrollingUpPausesFollowingAndFResumesIt() throws {
        var state = AskFixture.ready(1, size: Size(columns: 80, rows: 24))
        let job = try #require(reduce(&state, .run(.usual)).jobs.first)
        let text = (1...200).map { "word\($0)" }.joined(separator: " ")
        _ = reduce(&state, .news(job.number, .text(text, tokens: 200)))
        #expect(AskFixture.screen(state).contains("word200"))
        _ = try press(&state, "k")
        #expect(AskFixture.screen(state).contains("paused"))
        // The scroll bar knows of the new lines, the text stands still.
        let first = state.ask.current?.firstLine(rows: AskLayout(state).text.rows)
        _ = reduce(&state, .news(job.number, .text(" " + text, tokens: 200)))
        #expect(state.ask.current?.firstLine(rows: AskLayout(state).text.rows) == first)
        let paused = AskFixture.rows(state)
        _ = reduce(&state, .news(job.number, .text(" and more", tokens: 2)))
        #expect(AskFixture.rows(state) == paused)
        _ = try press(&state, "f")
        #expect(AskFixture.screen(state).contains("and more"))
        #expect(!AskFixture.screen(state).contains("paused"))
        _ = try press(&state, "g g")
        #expect(AskFixture.screen(state).contains("word1 "))
        _ = try press(&state, "G")
        #expect(AskFixture.screen(state).contains("and more"))
    }

    @Test func captionsOfOnePictureAreBrowsedAndOthersHidden() throws {
        var state = AskFixture.ready(1)
        for text in ["The first.", "The second."] {
            let job = try #require(reduce(&state, .run(.usual)).jobs.first)
            let record = AskFixture.record(text, concepts: ["Milo"])
            _ = reduce(&state, .news(job.number, .finished(try AskFixture.answer(record))))
        }
        #expect(AskFixture.screen(state).contains("Caption 2/2"))
        _ = try press(&state, "[")
        #expect(AskFixture.screen(state).contains("The first."))
        _ = try press(&state, "[")
        #expect(lastToast(state).contains("first one"))
        let other = AskFixture.picture("other.png")
        _ = reduce(&state, .pictureRead(other, concepts: [2]))
        #expect(state.ask.current == nil)
        #expect(state.ask.slots.map(\.name) == ["Blue Mug"])
        _ = reduce(&state, .pictureRead(AskFixture.picture(), concepts: nil))
        #expect(AskFixture.screen(state).contains("The second."))
    }

    @Test func savingAndComparingSayWhatIsMissing() throws {
        var state = AskFixture.ready(1)
        _ = try press(&state, "s")
        #expect(lastToast(state).contains("no caption yet"))
        let job = try #require(reduce(&state, .run(.usual)).jobs.first)
        let record = AskFixture.record("A <Milo>.", concepts: ["Milo"])
        _ = reduce(&state, .news(job.number, .finished(try AskFixture.answer(record))))
        _ = try press(&state, "C")
        #expect(lastToast(state).contains("keep it in the history first"))
        let effects = try press(&state, "s")
        #expect(
            effects.contains { effect in
                if case .ask(.save(job.number, _)) = effect { return true }
                return false
            })
        _ = reduce(&state, .saved(job.number, 12))
        #expect(AskFixture.screen(state).contains("kept in the history as 12"))
        _ = try press(&state, "C")
        #expect(state.screen == .compare)
    }

    @Test func aFailureSaysWhatToTry() throws {
        var state = AskFixture.ready(1)
        let job = try #require(reduce(&state, .run(.usual)).jobs.first)
        _ = reduce(&state, .news(job.number, .failed("the folder is gone")))
        #expect(AskFixture.screen(state).contains("the folder is gone"))
        #expect(AskFixture.screen(state).contains("chooses another model"))
        #expect(state.ask.running == nil)
    }

    // MARK: - Sampling

    @Test func theSamplingFormChecksItsValues() {
        #expect(AskForms.problem(in: ["temperature": "-1"]) != nil)
        #expect(AskForms.problem(in: ["top_p": "1.5"]) != nil)
        #expect(AskForms.problem(in: ["seed": "pi"]) != nil)
        #expect(AskForms.problem(in: ["max_tokens": "0"]) != nil)
        #expect(AskForms.problem(in: ["temperature": " 0.7 ", "top_p": ""]) == nil)
        let values = [
            "temperature": "0.7", "top_p": "0.9", "top_k": "5", "repetition_penalty": "1.1",
            "max_tokens": "30", "seed": "12",
        ]
        #expect(
            AskForms.sampling(from: values)
                == AskSampling(
                    temperature: 0.7, topP: 0.9, topK: 5, repetitionPenalty: 1.1,
                    maximumTokens: 30, seed: 12))
        #expect(AskForms.sampling(from: ["seed": "random"]).isEmpty)
    }
}
