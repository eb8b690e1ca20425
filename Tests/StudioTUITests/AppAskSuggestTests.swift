import ConceptDB
import Foundation
import ImageCodecs
import PersonalCaption
import TerminalUI
import Testing
import VLMRuntime

@testable import StudioTUI

@Suite struct AppAskSuggestTests {
    private func reduce(_ state: inout AppState, _ action: AskAction) -> [Effect] {
        Reducer.reduce(&state, .ask(action))
    }

    private func press(_ state: inout AppState, _ text: String) throws -> [Effect] {
        try KeySequence(parsing: text).keys.flatMap {
            Reducer.reduce(&state, .input(.key($0)))
        }
    }

    private func found(_ ids: [(Int64, Double)], _ state: AppState) -> AskSuggestions {
        AskSuggestions(
            picture: state.ask.picture?.identity ?? "",
            open: ids.map { id, score in
                AskSuggestion(
                    id: id, name: state.library.concept(id)?.name ?? "", score: score,
                    box: [1, 2, 30, 40], reason: "looks much like its picture")
            },
            librarySize: 5,
            drawn: ids.isEmpty
                ? nil : RGBImageBox(RGBImage(width: 1, height: 1, pixels: [1, 2, 3])),
            isNobody: ids.isEmpty, seconds: 0.5)
    }

    /// A query of one picture in which somebody is being looked for.
    private func searching(_ concepts: Int = 1) throws -> AppState {
        var state = AskFixture.ready(concepts)
        let effects = try press(&state, "W")
        let jobs = effects.compactMap { effect in
            if case .ask(.suggest(let job, _, _)) = effect { job } else { nil }
        }
        let job = try #require(jobs.first)
        #expect(job.identity == state.ask.picture?.identity)
        return state
    }

    @Test func whoIsFoundWaitsInTheFreeSlots() throws {
        var state = try searching()
        _ = reduce(&state, .suggested(found([(3, 0.83), (1, 0.9), (4, 0.6)], state)))
        #expect(state.ask.searching == nil)
        #expect(state.ask.suggested.map(\.id) == [3, 4], "the first is in the query already")
        #expect(state.ask.suggestion(in: 1)?.id == 3)
        #expect(state.ask.suggestion(in: 0) == nil)
        #expect(state.ask.focus == .slot(1))
        #expect(state.ask.slots.map(\.id) == [1], "nothing is taken without being accepted")
    }

    @Test func theyAreAcceptedAndDismissedWithKeys() throws {
        var state = try searching()
        _ = reduce(&state, .suggested(found([(3, 0.83), (4, 0.6), (5, 0.55)], state)))
        _ = try press(&state, "enter")
        #expect(state.ask.slots.map(\.id) == [1, 3])
        #expect(state.ask.focus == .slot(2))
        _ = try press(&state, "x")
        #expect(state.ask.suggested.map(\.id) == [5])
        _ = try press(&state, "+")
        #expect(state.ask.slots.map(\.id) == [1, 3, 5])
        #expect(state.ask.suggested.isEmpty)
        #expect(!state.ask.isNobody, "somebody was found, whatever became of them")
    }

    @Test func nobodyIsAnAnswer() throws {
        var state = try searching(0)
        _ = reduce(&state, .suggested(found([], state)))
        #expect(state.ask.isNobody)
        #expect(state.toasts.shown.last?.text == AskSuggesting.nobody)
        #expect(AskSuggestionView.note(state) == AskSuggesting.nobody)
        #expect(AskSuggestionView.framed(state) == nil)
    }

    @Test func anAnswerAboutAnotherPictureIsForgotten() throws {
        var state = try searching()
        let late = found([(3, 0.8)], state)
        let flag = state.ask.searching?.cancellation
        _ = reduce(&state, .pictureRead(AskFixture.picture("other.png"), concepts: nil))
        #expect(flag?.isCancelled == true)
        _ = reduce(&state, .suggested(late))
        #expect(state.ask.suggested.isEmpty && state.ask.suggestions == nil)
    }

    @Test func escEndsTheSearchAndFailuresAreTold() throws {
        var state = try searching()
        let flag = state.ask.searching?.cancellation
        _ = try press(&state, "esc")
        #expect(flag?.isCancelled == true && state.ask.searching == nil)
        state = try searching()
        let picture = state.ask.picture?.identity ?? ""
        _ = reduce(&state, .searchStage("looking", fraction: 0.5, picture: picture))
        #expect(AskSuggestionView.note(state) == "looking 50 %")
        _ = reduce(&state, .searchFailed("the library is locked", picture: picture))
        #expect(state.toasts.shown.last?.text == "the library is locked")
        #expect(state.ask.searching == nil)
    }

    @Test func itIsRefusedWithAReason() throws {
        var state = AskFixture.state()
        #expect(
            try press(&state, "W").contains { if case .ask = $0 { true } else { false } } == false)
        #expect(AskSuggesting.refusal(state)?.contains("picture") == true)
        state = AskFixture.ready(4)
        #expect(AskSuggesting.refusal(state)?.contains("slots") == true)
        state = AskFixture.ready(2)
        #expect(AskSuggesting.refusal(state) == nil)
    }

    @Test(arguments: [Size(columns: 120, rows: 36), Size(columns: 80, rows: 24)])
    func slotsShowNameScoreAndKeys(size: Size) throws {
        var state = AskFixture.ready(1, size: size)
        _ = try press(&state, "W")
        _ = reduce(&state, .suggested(found([(3, 0.834)], state)))
        let text = AskFixture.screen(state)
        #expect(text.contains("2? Luna"))
        #expect(text.contains("83 %"))
        #expect(text.contains("1 found"))
        #expect(AskSuggestionView.framed(state) != nil)
    }
}
