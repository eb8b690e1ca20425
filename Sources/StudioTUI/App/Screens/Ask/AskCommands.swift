import PersonalCaption
import TerminalUI

/// What can be done on the screen Ask.
enum AskCommands {
    static let all: [Command] = running + query + results

    private static func command(
        _ name: String, _ title: String, _ help: String, keys: [String],
        footer: FooterHint? = nil,
        availability: @escaping @Sendable (AppState) -> Availability = { _ in .ready },
        _ action: @escaping @Sendable (AppState) -> AppAction
    ) -> Command {
        Command(
            CommandID("ask.\(name)"), title, help: help, scope: .screen(.ask), keys: keys,
            footer: footer, availability: availability, action: action)
    }

    // MARK: - Running

    private static let running: [Command] = [
        command(
            "run", "Write the caption",
            "Asks the model; on a suggestion Enter takes it, on an empty slot it chooses a concept.",
            keys: ["enter"], footer: FooterHint("caption", 10),
            availability: { state in
                opens(state) != nil
                    ? .ready : AskRuns.refusal(state).map { .refused($0) } ?? .ready
            },
            { state in .ask(opens(state) ?? .run(.usual)) }),
        command(
            "cancel", "Cancel",
            "Stops the caption, of which what is written stays, or the search.",
            keys: ["esc"], footer: FooterHint("cancel", 11),
            availability: {
                $0.ask.running == nil && $0.ask.searching == nil
                    ? .refused("nothing runs") : .ready
            },
            { _ in .ask(.cancel) }),
        command(
            "regenerate", "Write another one",
            "Asks again, with a new seed when tokens are sampled.", keys: ["r"],
            footer: FooterHint("again", 12), availability: mayRun, { _ in .ask(.run(.new)) }),
        command(
            "repeat", "Write the same again",
            "Asks exactly what the shown caption was asked, with its seed.", keys: ["R"],
            availability: { state in
                if state.ask.current == nil { return .refused("there is no caption yet") }
                return state.ask.running == nil ? .ready : mayRun(state)
            },
            { _ in .ask(.repeatShown) }),
    ]

    /// What Enter opens instead of asking.
    private static func opens(_ state: AppState) -> AskAction? {
        if let found = AskSuggesting.focused(state) { return .acceptSuggestion(found.id) }
        return switch state.ask.focus {
        case .slot(let slot) where slot >= state.ask.slots.count: .chooseConcept
        case .picture where state.ask.picture == nil: .choosePicture
        default: nil
        }
    }

    private static func mayRun(_ state: AppState) -> Availability {
        AskRuns.refusal(state).map { .refused($0) } ?? .ready
    }

    // MARK: - The query

    private static let query: [Command] = [
        command(
            "picture", "Choose the picture", "Opens a picture file by its path.", keys: ["o"],
            footer: FooterHint("picture", 13), { _ in .ask(.choosePicture) }),
        command(
            "samples", "Sample and recent pictures",
            "Chooses one of the sample pictures or one used before.", keys: ["O"],
            { _ in .ask(.chooseSample) }),
        command(
            "add_concept", "Add a concept",
            "Puts a concept of the library into the query; up to four.", keys: ["a"],
            footer: FooterHint("concept", 14),
            availability: { state in
                if case .slot(let slot) = state.ask.focus, slot < state.ask.slots.count {
                    return .ready
                }
                return state.ask.slots.count < CaptionPrompt.maximumConcepts
                    ? .ready : .refused("all four slots are taken")
            },
            { _ in .ask(.chooseConcept) }),
        command(
            "suggest", "Who is in the picture",
            "Looks for everybody of the library; who is found is suggested in the free slots.",
            keys: ["W"], footer: FooterHint("who is it", 15),
            availability: { AskSuggesting.refusal($0).map { .refused($0) } ?? .ready },
            { _ in .ask(.suggest) }),
        command(
            "accept_all", "Accept all suggestions",
            "Puts everybody who was found into the query.", keys: ["+"],
            availability: { state in
                state.ask.suggested.isEmpty
                    ? .refused("nothing is suggested; W looks who is in the picture") : .ready
            },
            { _ in .ask(.acceptSuggestions) }),
        command(
            "remove_concept", "Take the concept out",
            "Empties the slot under the cursor, or dismisses the suggestion there.",
            keys: ["x", "delete"],
            availability: { state in
                slot(state) == nil && AskSuggesting.focused(state) == nil
                    ? .refused("move to a concept first (Tab)") : .ready
            },
            { state in
                if let found = AskSuggesting.focused(state) {
                    return .ask(.dismissSuggestion(found.id))
                }
                return slot(state).map { .ask(.removeSlot($0)) } ?? .none
            }),
        command(
            "concept_left", "Move the concept left",
            "Changes the order in which the model sees the concepts.", keys: ["<"],
            availability: { mayMove($0, -1) }, { _ in .ask(.moveSlot(-1)) }),
        command(
            "concept_right", "Move the concept right",
            "Changes the order in which the model sees the concepts.", keys: [">"],
            availability: { mayMove($0, 1) }, { _ in .ask(.moveSlot(1)) }),
        command(
            "question", "Write the question",
            "Goes to the question; up and down bring earlier ones, {name} becomes the names.",
            keys: ["i"], footer: FooterHint("question", 30),
            { _ in .ask(.focus(.question)) }),
        command(
            "questions", "Choose a question",
            "The usual question, those models were trained with, and your earlier ones.",
            keys: ["p"], { _ in .ask(.chooseQuestion) }),
        command(
            "sampling", "Sampling settings",
            "Temperature, top-p, top-k, repetition penalty, length and seed of this query.",
            keys: ["e"], footer: FooterHint("sampling", 31), { _ in .ask(.chooseSampling) }),
        command(
            "model", "Choose the model", "Asks another model than the one in use.", keys: ["m"],
            { _ in .ask(.chooseModel) }),
        command(
            "adapter", "Choose the adapter",
            "Asks the model with what a training made, or as it came.", keys: ["A"],
            { _ in .ask(.chooseAdapter) }),
        command(
            "clear", "New query", "Empties picture, concepts, question and sampling.",
            keys: ["n"],
            { _ in .ask(.clear) }),
    ]

    /// The filled slot under the cursor.
    private static func slot(_ state: AppState) -> Int? {
        guard case .slot(let slot) = state.ask.focus, slot < state.ask.slots.count else {
            return nil
        }
        return slot
    }

    private static func mayMove(_ state: AppState, _ step: Int) -> Availability {
        guard let slot = slot(state) else { return .refused("move to a concept first (Tab)") }
        return state.ask.slots.indices.contains(slot + step)
            ? .ready : .refused(step < 0 ? "it is the first one" : "it is the last one")
    }

    // MARK: - Captions

    private static let results: [Command] = [
        command(
            "save", "Keep in the history",
            "Keeps a caption that is not in the history, such as a cancelled one.", keys: ["s"],
            availability: { state in
                guard let caption = state.ask.current else {
                    return .refused("there is no caption yet")
                }
                if let id = caption.savedID { return .refused("it is kept already, as \(id)") }
                return caption.savable == nil ? .refused("it has not ended yet") : .ready
            },
            { _ in .ask(.save) }),
        command(
            "copy", "Copy the caption", "Copies the text to the clipboard.", keys: ["y"],
            footer: FooterHint("copy", 32), availability: hasText,
            { state in
                .copy(state.ask.current.map(AskView.plainText) ?? "", what: "the caption")
            }),
        command(
            "compare", "Send to Compare", "Takes the caption as one of the two to compare.",
            keys: ["C"], footer: FooterHint("compare", 33),
            availability: { state in
                guard let caption = state.ask.current else {
                    return .refused("there is no caption yet")
                }
                if caption.isRunning { return .refused("it has not ended yet") }
                return caption.savedID == nil
                    ? .refused("keep it in the history first (s)") : .ready
            },
            { state in
                guard let id = state.ask.current?.savedID else { return .none }
                return .batch([.compare(.add(id)), .show(.compare)])
            }),
        command(
            "previous", "Earlier caption", "Shows the caption of this picture before this one.",
            keys: ["["], availability: { mayBrowse($0, -1) }, { _ in .ask(.browse(-1)) }),
        command(
            "next", "Later caption", "Shows the caption of this picture after this one.",
            keys: ["]"], footer: FooterHint("other captions", 34),
            availability: { mayBrowse($0, 1) }, { _ in .ask(.browse(1)) }),
        command(
            "follow", "Follow the text",
            "Keeps the end of the caption in sight again after scrolling up.", keys: ["f"],
            availability: hasText, { _ in .ask(.toggleFollow) }),
    ]

    private static func hasText(_ state: AppState) -> Availability {
        guard let caption = state.ask.current else { return .refused("there is no caption yet") }
        return caption.isEmpty ? .refused("it is still empty") : .ready
    }

    private static func mayBrowse(_ state: AppState, _ step: Int) -> Availability {
        let captions = state.ask.captionsOfPicture
        guard captions.count > 1 else {
            return .refused("there is no other caption of this picture")
        }
        let now = captions.firstIndex { $0.id == state.ask.shown } ?? captions.count
        return captions.indices.contains(now + step)
            ? .ready : .refused(step < 0 ? "it is the first one" : "it is the last one")
    }
}
