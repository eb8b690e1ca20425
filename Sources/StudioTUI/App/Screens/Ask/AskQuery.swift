import ConceptDB
import Foundation
import PersonalCaption
import TerminalUI

/// Changes what is asked: picture, concepts, question.
enum AskQuery {
    // MARK: - Concepts

    /// Puts concepts into free slots; says why those that do not fit were left out.
    static func add(_ ids: [Int64], _ state: inout AppState) -> [Effect] {
        var refusals: [String] = []
        var added: [String] = []
        for id in ids {
            if let refusal = refusal(of: id, in: state.ask.slots.count, state) {
                if !refusals.contains(refusal) { refusals.append(refusal) }
            } else if let concept = state.library.concept(id) {
                state.ask.slots.append(AskSlot(concept))
                added.append(concept.name)
            }
        }
        var effects: [Effect] = []
        if let first = refusals.first {
            let more = refusals.count > 1 ? " (and \(refusals.count - 1) more reasons)" : ""
            effects += Reducer.toast(.warning, first + more, &state)
        }
        if !added.isEmpty, state.screen != .ask {
            let names = added.joined(separator: ", ")
            effects += Reducer.toast(.good, "\(names) in the query (2 shows it)", &state)
        }
        return effects
    }

    static func set(_ slot: Int, to id: Int64, _ state: inout AppState) -> [Effect] {
        guard slot < state.ask.slots.count else { return add([id], &state) }
        if state.ask.slots[slot].id == id { return [] }
        if let refusal = refusal(of: id, in: slot, state) {
            return Reducer.toast(.warning, refusal, &state)
        }
        if let concept = state.library.concept(id) { state.ask.slots[slot] = AskSlot(concept) }
        return []
    }

    /// Why a concept cannot go into a slot.
    static func refusal(of id: Int64, in slot: Int, _ state: AppState) -> String? {
        guard let concept = state.library.concept(id) else {
            return "this concept is not in the library any more"
        }
        if state.ask.slots.contains(where: { $0.id == id }) {
            return "\(concept.name) is in the query already"
        }
        let limit = CaptionPrompt.maximumConcepts
        guard slot < limit else {
            return "\(concept.name) does not fit: a picture can have at most \(limit) concepts; "
                + "take one out first"
        }
        guard concept.coverImage != nil else {
            return "\(concept.name) has no picture the model could look at; add one in Concepts"
        }
        var names = state.ask.slots.map(\.name)
        if slot < names.count { names[slot] = concept.name } else { names.append(concept.name) }
        do throws(CaptionPromptError) {
            try CaptionPrompt.check(names)
            return nil
        } catch {
            return error.description
        }
    }

    static func chooseConcept(_ state: inout AppState) -> [Effect] {
        var slot = state.ask.slots.count
        if case .slot(let focused) = state.ask.focus { slot = min(focused, slot) }
        let limit = CaptionPrompt.maximumConcepts
        guard slot < limit else {
            return Reducer.toast(
                .warning,
                "all \(limit) slots are taken; move to one to replace or remove its concept",
                &state)
        }
        guard !state.library.concepts.isEmpty else {
            return Reducer.toast(
                .warning, "there are no concepts yet; 1 goes to Concepts, where you add them",
                &state)
        }
        state.overlays.append(AskForms.concepts(slot, state))
        return []
    }

    static func remove(_ slot: Int, _ state: inout AppState) -> [Effect] {
        guard state.ask.slots.indices.contains(slot) else { return [] }
        state.ask.slots.remove(at: slot)
        return []
    }

    /// Moves the concept under the cursor, which follows it.
    static func move(by distance: Int, _ state: inout AppState) -> [Effect] {
        guard case .slot(let slot) = state.ask.focus, state.ask.slots.indices.contains(slot),
            state.ask.slots.indices.contains(slot + distance)
        else { return [] }
        state.ask.slots.swapAt(slot, slot + distance)
        state.ask.focus = .slot(slot + distance)
        return []
    }

    // MARK: - Picture

    /// Reads the file that the user typed, as a shell would understand it.
    static func read(_ typed: String, _ state: AppState) -> AskEffect {
        let trimmed = typed.trimmingCharacters(in: .whitespaces)
        let paths = PastedPaths.recognise(trimmed, in: state.places.paths)
        let path = paths?.first ?? state.places.paths.absolute(trimmed, hasTilde: false)
        return .readPicture(URL(fileURLWithPath: path), concepts: nil, isTyped: true)
    }

    /// The first picture of what was pasted; the others are for Concepts.
    static func paste(_ text: String, _ state: inout AppState) -> [Effect] {
        if let paths = PastedPaths.recognise(text, in: state.places.paths), let first = paths.first
        {
            let effect = Effect.ask(
                .readPicture(URL(fileURLWithPath: first), concepts: nil, isTyped: false))
            guard paths.count > 1 else { return [effect] }
            let left = "the first of \(paths.count) pictures; a query has one"
            return [effect] + Reducer.toast(.info, left, &state)
        }
        if state.ask.focus == .question {
            state.ask.question.insert(text)
            state.ask.recalled = nil
            return []
        }
        return Reducer.toast(
            .info, "that is no path of a picture; i goes to the question, if it is one", &state)
    }

    static func take(
        _ picture: AskPicture, _ concepts: [Int64]?, _ state: inout AppState
    ) -> [Effect] {
        let isOther = picture.identity != state.ask.picture?.identity
        state.ask.picture = picture
        if isOther {
            state.ask.shown = state.ask.captionsOfPicture.last?.id
            _ = AskSuggesting.cancel(&state)
            state.ask.suggestions = nil
        }
        AskRuns.fit(&state)
        guard let concepts else {
            if state.ask.focus == .picture { state.ask.focus = .caption }
            return []
        }
        state.ask.slots = []
        state.ask.focus = .caption
        return add(concepts, &state)
    }

    static func clear(_ state: inout AppState) -> [Effect] {
        state.ask.picture = nil
        state.ask.slots = []
        _ = AskSuggesting.cancel(&state)
        state.ask.suggestions = nil
        state.ask.question.clear()
        state.ask.recalled = nil
        state.ask.sampling = AskSampling()
        state.ask.shown = nil
        state.ask.focus = .picture
        state.ask.adapterWish = nil
        guard state.ask.modelWish != nil else { return [] }
        state.ask.modelWish = nil
        return [.ask(.describeModel(nil))]
    }

    // MARK: - Question

    /// The names in the slots.
    static func names(_ state: AppState) -> [String] { state.ask.slots.map(\.name) }

    /// What is asked when the field is empty.
    static func usualQuestion(_ state: AppState) -> String {
        if let question = state.settings.question { return question }
        let profile = state.ask.model?.profile ?? .mini
        return state.ask.slots.isEmpty ? profile.plainQuestion : profile.question
    }

    /// The question as the model will read it.
    static func filledQuestion(_ state: AppState) -> String {
        let typed = state.ask.question.text.trimmingCharacters(in: .whitespaces)
        let question = typed.isEmpty ? usualQuestion(state) : typed
        return state.ask.slots.isEmpty
            ? question : CaptionQuestions.filling(question, names: names(state))
    }

    /// Goes through earlier questions: 1 to an older one, -1 back to newer ones and the draft.
    static func recall(_ step: Int, _ state: inout AppState) {
        let questions = state.ask.earlierQuestions
        let now = state.ask.recalled ?? -1
        let next = min(max(-1, now + step), questions.count - 1)
        guard next != now else { return }
        if now == -1 { state.ask.draft = state.ask.question.text }
        state.ask.recalled = next < 0 ? nil : next
        state.ask.question.replace(with: next < 0 ? state.ask.draft : questions[next])
    }

    /// Remembers a question that was asked.
    static func remember(_ question: String, _ state: inout AppState) {
        state.ask.earlierQuestions.removeAll { $0 == question }
        state.ask.earlierQuestions.insert(question, at: 0)
        if state.ask.earlierQuestions.count > 200 { state.ask.earlierQuestions.removeLast() }
        state.ask.recalled = nil
    }

    // MARK: - History

    /// Takes over a query of the history with its caption.
    static func restore(_ restoration: AskRestoration, _ state: inout AppState) -> [Effect] {
        let record = restoration.record
        state.ask.slots = []
        _ = add(restoration.concepts, &state)
        state.ask.sampling =
            (try? record.options.decoded(as: CaptionSampling.self))
            .map { AskSampling($0, seed: record.seed) } ?? AskSampling(seed: record.seed)
        state.ask.modelWish = restoration.modelWish
        state.ask.adapterWish = restoration.adapterWish
        state.ask.picture = restoration.picture
        _ = AskSuggesting.cancel(&state)
        state.ask.suggestions = nil
        state.ask.question.replace(with: record.question)
        state.ask.recalled = nil
        state.ask.shown = nil
        if let picture = restoration.picture {
            AskRuns.show(record, picture, &state)
        }
        state.ask.focus = restoration.picture == nil ? .picture : .caption
        var effects = Reducer.reduce(&state, .show(.ask))
        effects.append(.ask(.describeModel(restoration.modelWish)))
        for change in restoration.changes.prefix(Toasts.limit) {
            effects += Reducer.toast(.warning, change, &state)
        }
        guard restoration.isRepeated, restoration.picture != nil else {
            if restoration.changes.isEmpty {
                effects += Reducer.toast(.good, "the query is as it was then", &state)
            }
            return effects
        }
        return effects + AskRuns.start(.usual, &state)
    }
}
