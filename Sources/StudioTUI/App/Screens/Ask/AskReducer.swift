import ConceptDB
import Foundation
import PersonalCaption
import TerminalUI

/// Changes the query and follows the captions; forms and lists are in `AskForms`.
enum AskReducer {
    static func reduce(_ state: inout AppState, _ action: AskAction) -> [Effect] {
        switch action {
        case .addConcepts(let ids): return AskQuery.add(ids, &state)
        case .setQuery(let url, let concepts):
            return [.ask(.readPicture(url, concepts: concepts, isTyped: false))]
        case .restore(let id): return [.ask(.restore(captionID: id, isRepeated: false))]
        case .repeatCaption(let id): return [.ask(.restore(captionID: id, isRepeated: true))]

        case .focus(let focus):
            state.ask.focus = focus
            return []
        case .choosePicture:
            state.overlays.append(AskForms.picture(""))
            return []
        case .chooseSample: return [.ask(.findSamples)]
        case .samplesFound(let files):
            state.overlays.append(AskForms.samples(files, state))
            return []
        case .readPicture(let path): return [.ask(AskQuery.read(path, state))]
        case .pictureRead(let picture, let concepts):
            return AskQuery.take(picture, concepts, &state)
        case .pictureRefused(let reason, let path):
            if let path { state.overlays.append(AskForms.picture(path)) }
            return Reducer.toast(.error, reason, &state)
        case .chooseConcept: return AskQuery.chooseConcept(&state)
        case .setSlot(let slot, let id): return AskQuery.set(slot, to: id, &state)
        case .removeSlot(let slot): return AskQuery.remove(slot, &state)
        case .moveSlot(let distance): return AskQuery.move(by: distance, &state)
        case .chooseQuestion:
            state.overlays.append(AskForms.questions(state))
            return []
        case .setQuestion(let text):
            state.ask.question.replace(with: text)
            state.ask.recalled = nil
            return []
        case .earlierQuestions(let questions):
            let known = state.ask.earlierQuestions
            state.ask.earlierQuestions = known + questions.filter { !known.contains($0) }
            return []
        case .chooseSampling:
            state.overlays.append(AskForms.sampling(state))
            return []
        case .setSampling(let sampling):
            state.ask.sampling = sampling
            return []
        case .chooseModel:
            state.overlays.append(AskForms.models(state))
            return []
        case .setModel(let wish):
            let isOther = wish != state.ask.modelWish
            state.ask.modelWish = wish
            var effects: [Effect] = [.ask(.describeModel(wish))]
            if isOther, let adapter = state.ask.adapterWish {
                // It belongs to the model before.
                state.ask.adapterWish = nil
                effects += Reducer.toast(
                    .info, "without the adapter \(adapter), which is another model's", &state)
            }
            return effects
        case .chooseAdapter: return [.ask(.findAdapters(model: state.ask.modelWish))]
        case .adaptersFound(let adapters):
            guard !adapters.isEmpty else {
                return Reducer.toast(
                    .info,
                    "there are no adapters yet; \(ScreenID.train.rawValue) goes to Train, which "
                        + "makes them", &state)
            }
            state.overlays.append(AskForms.adapters(adapters, state))
            return []
        case .setAdapter(let wish):
            state.ask.adapterWish = wish
            return []
        case .modelDescribed(let model):
            state.ask.model = model
            return []
        case .clear: return AskQuery.clear(&state)
        case .suggest: return AskSuggesting.start(&state)
        case .searchStage(let stage, let fraction, let picture):
            return AskSuggesting.follow(stage, fraction, of: picture, &state)
        case .suggested(let found): return AskSuggesting.take(found, &state)
        case .searchFailed(let reason, let picture):
            return AskSuggesting.failed(reason, of: picture, &state)
        case .acceptSuggestion(let id): return AskSuggesting.accept(id, &state)
        case .acceptSuggestions: return AskSuggesting.acceptAll(&state)
        case .dismissSuggestion(let id): return AskSuggesting.dismiss(id, &state)
        case .restored(let restoration): return AskQuery.restore(restoration, &state)

        case .run(let seed): return AskRuns.start(seed, &state)
        case .repeatShown: return AskRuns.repeatShown(&state)
        case .cancel:
            return state.ask.running == nil
                ? AskSuggesting.cancel(&state) : AskRuns.cancel(&state)
        case .news(let number, let news): return AskRuns.follow(number, news, &state)
        case .browse(let step): return AskRuns.browse(by: step, &state)
        case .toggleFollow: return AskRuns.toggleFollow(&state)
        case .scroll(let step): return AskRuns.scroll(step < 0 ? .up : .down, &state)
        case .save: return AskRuns.save(&state)
        case .saved(let number, let id):
            state.ask.update(number) { $0.savedID = id }
            return Reducer.toast(.good, "kept in the history", &state)
                + HistoryReducer.reload(&state)
        case .saveFailed(_, let reason): return Reducer.toast(.error, reason, &state)
        }
    }
}
