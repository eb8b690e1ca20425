import ConceptDB
import Foundation
import PersonalCaption
import TerminalUI
import VLMRuntime

/// Starts captions, follows them while they are written, and browses them.
enum AskRuns {
    /// How often the elapsed time is drawn again.
    static let tick = Duration.milliseconds(100)

    // MARK: - Starting

    /// Why nothing can be asked now.
    static func refusal(_ state: AppState) -> String? {
        if state.ask.running != nil { return "a caption is being written; Esc cancels it" }
        guard state.ask.picture != nil else { return "choose a picture first (o)" }
        if let slot = state.ask.slots.first(where: { $0.problem != nil }) {
            return "\(slot.name) \(slot.problem ?? ""); take it out of the query"
        }
        if state.settings.engineWish != nil, state.ask.adapterWish != nil {
            return "an engine has its adapters as models of their own; take the adapter out, or "
                + "empty engine.urls in the settings"
        }
        if state.ask.slots.isEmpty, state.ask.question.text.contains("{name}") {
            return CaptionPromptError.nothingToName.description
        }
        return nil
    }

    static func start(_ seed: AskSeed, _ state: inout AppState) -> [Effect] {
        if let refusal = refusal(state) { return Reducer.toast(.warning, refusal, &state) }
        guard let picture = state.ask.picture else { return [] }
        let typed = state.ask.question.text.trimmingCharacters(in: .whitespaces)
        let sampling = state.ask.sampling.over(state.settings)
        var hint: [Effect] = []
        if seed == .new, sampling.isGreedy, let before = state.ask.current, before.phase == .done {
            hint = Reducer.toast(
                .info, "greedy: same query, same caption (e sets a temperature)",
                &state)
        }
        let job = CaptionJob(
            number: state.ask.nextNumber, image: picture.file, imageName: picture.name,
            concepts: state.ask.slots.map(\.id),
            question: typed.isEmpty ? state.settings.question : typed, options: sampling.options,
            drawsSeed: seed == .new || sampling.seed == nil, model: state.ask.modelWish,
            adapter: state.ask.adapterWish, keyValues: state.settings.keyValues,
            engines: state.settings.engineWish, isSaved: state.settings.keepsHistory)
        if !typed.isEmpty { AskQuery.remember(typed, &state) }
        return hint + start(job, picture, AskQuery.names(state), &state)
    }

    /// Asks exactly what the shown caption was asked, with its seed.
    static func repeatShown(_ state: inout AppState) -> [Effect] {
        guard let caption = state.ask.current else { return start(.usual, &state) }
        guard state.ask.running == nil else {
            return Reducer.toast(.warning, "a caption is being written; Esc cancels it", &state)
        }
        let job = CaptionJob(
            number: state.ask.nextNumber, image: caption.picture.file,
            imageName: caption.picture.name, concepts: caption.job.concepts,
            question: caption.job.question, options: options(of: caption),
            model: caption.job.model, adapter: caption.job.adapter,
            keyValues: caption.job.keyValues, engines: caption.job.engines,
            isSaved: state.settings.keepsHistory)
        return start(job, caption.picture, caption.names, &state)
    }

    private static func options(of caption: AskCaption) -> CaptionOptions {
        guard let facts = caption.facts, let sampling = facts.sampling else {
            return caption.job.options
        }
        return AskSampling(sampling, seed: facts.seed).options
    }

    private static func start(
        _ job: CaptionJob, _ picture: AskPicture, _ names: [String], _ state: inout AppState
    ) -> [Effect] {
        let flag = CancellationFlag()
        state.ask.nextNumber += 1
        state.ask.running = AskRun(number: job.number, cancellation: flag)
        state.ask.captions.append(
            AskCaption(
                job: job, picture: picture, names: names,
                columns: AskLayout(state).textColumns, now: state.now))
        if state.ask.captions.count > AskState.kept { state.ask.captions.removeFirst() }
        state.ask.shown = job.number
        if state.ask.focus == .picture || state.ask.focus == .question {
            state.ask.focus = .caption
        }
        return [
            .ask(.caption(job, flag, title: "Caption of \(picture.title)")), ticking(state),
        ] + Reducer.announce("writing the caption", &state)
    }

    /// The caption of a restored query, as it was written then.
    static func show(
        _ record: ConceptDB.CaptionRecord, _ picture: AskPicture, _ state: inout AppState
    ) {
        if let known = state.ask.captions.first(where: { $0.savedID == record.id }) {
            if known.picture.identity == picture.identity {
                state.ask.shown = known.id
                return
            }
        }
        let job = CaptionJob(
            number: state.ask.nextNumber, image: picture.file, imageName: picture.name,
            concepts: state.ask.slots.map(\.id), question: record.question,
            options: state.ask.sampling.options, model: state.ask.modelWish,
            adapter: state.ask.adapterWish)
        state.ask.nextNumber += 1
        var caption = AskCaption(
            job: job, picture: picture, names: record.concepts.map(\.name),
            columns: AskLayout(state).textColumns, now: state.now)
        caption.adopt(record)
        state.ask.captions.append(caption)
        state.ask.shown = job.number
    }

    // MARK: - Following

    static func follow(
        _ number: Int, _ news: CaptionNews, _ state: inout AppState
    ) -> [Effect] {
        let now = state.now
        let columns = AskLayout(state).textColumns
        switch news {
        case .stage(let stage, let fraction):
            state.ask.update(number) { caption in
                caption.stage = stage
                caption.fraction = fraction
            }
            return []
        case .text(let text, let tokens):
            state.ask.update(number) { caption in
                // What arrives after Esc was written before it.
                caption.fit(columns: columns)
                caption.append(text, tokens: tokens, now: now)
            }
            return []
        case .finished(let answer):
            state.ask.update(number) { $0.finish(answer) }
            var effects = ended(number, &state)
            if state.screen != .ask, answer.record.finishReason != .cancelled {
                let title = state.ask.caption(number)?.picture.title ?? "the picture"
                effects += Reducer.toast(.good, "the caption of \(title) is ready", &state)
            }
            effects += Reducer.announce(summary(number, state), &state)
            return answer.saved == nil ? effects : effects + HistoryReducer.reload(&state)
        case .failed(let reason):
            state.ask.update(number) { caption in
                caption.phase = .failed(reason)
                caption.flush()
            }
            let effects = ended(number, &state)
            return state.screen == .ask
                ? effects : effects + Reducer.toast(.error, reason, &state)
        case .cancelled:
            state.ask.update(number) { $0.phase = .cancelled }
            return ended(number, &state)
        }
    }

    private static func ended(_ number: Int, _ state: inout AppState) -> [Effect] {
        guard state.ask.running?.number == number else { return [] }
        state.ask.running = nil
        return [.cancelTimer(.screen(.ask, "tick"))]
    }

    /// Stops at once as far as the user is concerned: the next caption can be asked for.
    static func cancel(_ state: inout AppState) -> [Effect] {
        guard let run = state.ask.running else { return [] }
        run.cancellation.cancel()
        state.ask.update(run.number) { caption in
            caption.phase = .cancelled
            caption.flush()
        }
        return ended(run.number, &state)
    }

    /// The next drawing of the elapsed time; seldom for those who would hear it every time.
    static func ticking(_ state: AppState) -> Effect {
        let wait = state.settings.isForScreenReader ? Duration.seconds(5) : tick
        return .timer(.screen(.ask, "tick"), at: state.now.advanced(by: wait))
    }

    /// How a caption ended, for those who listen.
    private static func summary(_ number: Int, _ state: AppState) -> String {
        guard let facts = state.ask.caption(number)?.facts else { return "" }
        func list(_ title: String, _ names: [String]) -> String {
            names.isEmpty ? "" : ", \(title) \(names.joined(separator: " and "))"
        }
        return (facts.isCancelled ? "caption cancelled" : "caption ready")
            + list("named", facts.named) + list("not named", facts.unnamed)
            + list("wrongly named", facts.wrong)
    }

    /// Breaks the lines of the shown caption for the screen as it is.
    static func fit(_ state: inout AppState) {
        guard let shown = state.ask.shown else { return }
        let columns = AskLayout(state).textColumns
        state.ask.update(shown) { $0.fit(columns: columns) }
    }

    // MARK: - Reading

    static func browse(by step: Int, _ state: inout AppState) -> [Effect] {
        let captions = state.ask.captionsOfPicture
        guard let now = captions.firstIndex(where: { $0.id == state.ask.shown }) else {
            state.ask.shown = captions.last?.id
            return []
        }
        state.ask.shown = captions[min(max(0, now + step), captions.count - 1)].id
        fit(&state)
        return []
    }

    static func scroll(_ movement: Navigation, _ state: inout AppState) -> [Effect] {
        guard let shown = state.ask.shown else { return [] }
        fit(&state)
        let rows = AskLayout(state).text.rows
        state.ask.update(shown) { $0.scroll(movement, rows: rows) }
        return []
    }

    static func toggleFollow(_ state: inout AppState) -> [Effect] {
        guard let shown = state.ask.current else { return [] }
        let rows = AskLayout(state).text.rows
        state.ask.update(shown.id) { $0.follow(!shown.follows, rows: rows) }
        return []
    }

    static func save(_ state: inout AppState) -> [Effect] {
        guard let caption = state.ask.current, let draft = caption.savable else { return [] }
        return [.ask(.save(caption.id, draft))]
    }
}
