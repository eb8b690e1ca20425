import Foundation
import PersonalCaption
import TerminalUI
import VLMRuntime

/// Looks for the library's concepts in the picture, and what becomes of those that are found.
enum AskSuggesting {
    static let nobody = "nobody you know is in this picture"

    /// Why nobody can be looked for now.
    static func refusal(_ state: AppState) -> String? {
        if state.ask.searching != nil { return "the search is under way; Esc ends it" }
        if state.ask.running != nil { return "a caption is being written; Esc cancels it" }
        if state.ask.picture == nil { return "choose a picture first (o)" }
        if state.library.concepts.isEmpty { return "the library has no concepts yet" }
        if state.ask.slots.count >= CaptionPrompt.maximumConcepts {
            return "all four slots are taken"
        }
        return nil
    }

    static func start(_ state: inout AppState) -> [Effect] {
        if let refusal = refusal(state) { return Reducer.toast(.warning, refusal, &state) }
        guard let picture = state.ask.picture else { return [] }
        let typed = state.ask.question.text.trimmingCharacters(in: .whitespaces)
        let job = SuggestJob(
            image: picture.file, identity: picture.identity,
            question: typed.isEmpty ? nil : typed, limit: CaptionPrompt.maximumConcepts,
            model: state.ask.modelWish, adapter: state.ask.adapterWish,
            keyValues: state.settings.keyValues)
        let flag = CancellationFlag()
        state.ask.suggestions = nil
        state.ask.searching = AskSearch(picture: picture.identity, cancellation: flag)
        return [.ask(.suggest(job, flag, title: "Who is in \(picture.title)"))]
            + Reducer.announce("looking for concepts in the picture", &state)
    }

    static func cancel(_ state: inout AppState) -> [Effect] {
        state.ask.searching?.cancellation.cancel()
        state.ask.searching = nil
        return []
    }

    static func follow(
        _ stage: String, _ fraction: Double?, of identity: String, _ state: inout AppState
    ) -> [Effect] {
        guard state.ask.searching?.picture == identity else { return [] }
        state.ask.searching?.stage = stage
        state.ask.searching?.fraction = fraction
        return []
    }

    /// Takes what was found, unless another picture is asked about by now.
    static func take(_ found: AskSuggestions, _ state: inout AppState) -> [Effect] {
        guard state.ask.searching?.picture == found.picture else { return [] }
        state.ask.searching = nil
        guard state.ask.picture?.identity == found.picture else { return [] }
        state.ask.suggestions = found
        if found.isNobody {
            return Reducer.toast(.info, nobody, &state) + Reducer.announce(nobody, &state)
        }
        let names = state.ask.suggested.map { "\($0.name) \($0.percent)" }
        guard !names.isEmpty else {
            return Reducer.toast(.info, "all who were found are in the query already", &state)
        }
        state.ask.focus = .slot(state.ask.slots.count)
        return Reducer.announce("found " + names.joined(separator: ", "), &state)
    }

    static func failed(_ reason: String?, of identity: String, _ state: inout AppState) -> [Effect]
    {
        guard state.ask.searching?.picture == identity else { return [] }
        state.ask.searching = nil
        return reason.map { Reducer.toast(.error, $0, &state) } ?? []
    }

    /// Puts a suggestion into the query; the one of the slot under the cursor, else the best.
    static func accept(_ id: Int64, _ state: inout AppState) -> [Effect] {
        let effects = AskQuery.add([id], &state)
        settle(id, &state)
        return effects
    }

    static func acceptAll(_ state: inout AppState) -> [Effect] {
        let ids = state.ask.suggested.map(\.id)
        let effects = AskQuery.add(ids, &state)
        for id in ids { settle(id, &state) }
        return effects
    }

    static func dismiss(_ id: Int64, _ state: inout AppState) -> [Effect] {
        settle(id, &state)
        return []
    }

    private static func settle(_ id: Int64, _ state: inout AppState) {
        state.ask.suggestions?.open.removeAll { $0.id == id }
        // The cursor goes to the next one that is left, else stays.
        if case .slot(let slot) = state.ask.focus, !state.ask.suggested.isEmpty {
            let last = state.ask.slots.count + state.ask.suggested.count - 1
            state.ask.focus = .slot(min(max(slot, state.ask.slots.count), last))
        }
    }

    /// The suggestion under the cursor.
    static func focused(_ state: AppState) -> AskSuggestion? {
        guard case .slot(let slot) = state.ask.focus else { return nil }
        return state.ask.suggestion(in: slot)
    }
}
