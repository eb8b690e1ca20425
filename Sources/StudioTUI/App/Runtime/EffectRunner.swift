import ConceptDB
import Foundation

/// Carries out effects; those that belong to the terminal or the loop are left to the core.
struct EffectRunner: Sendable {
    let context: EffectContext
    let models: CaptionService
    let configuration: ConfigurationStore
    let training: TrainingService

    init(context: EffectContext, models: CaptionService, configuration: ConfigurationStore) {
        self.context = context
        self.models = models
        self.configuration = configuration
        training = TrainingService(context: context, models: models)
    }

    /// Starts an effect; its results come back as actions.
    ///
    /// Returns `false` for effects that only the loop can carry out.
    func run(_ effect: Effect) -> Bool {
        switch effect {
        case .openLibrary: LibraryEffects.open(context)
        case .reloadLibrary: LibraryEffects.reload(context)
        case .edit(let edit, let purpose): LibraryEffects.edit(edit, purpose, context, models)
        case .loadModel(let keyValues): models.load(keyValues)
        case .unloadModel: models.unload()
        case .loadConfiguration: configuration.load(context)
        case .saveSetting(let key, let value): configuration.save(key, value, context)
        case .saveKeys(let command, let keys): configuration.save(command, keys, context)
        case .completePath(let typed, let foldersOnly):
            complete(typed, foldersOnly: foldersOnly)
        case .openExternally(let url): ExternalOpener.open(url, context)
        case .concepts(let effect): ConceptsEffects.run(effect, context)
        case .ask(let effect): AskEffects.run(effect, context, models)
        case .compose(let effect): ComposeEffects.run(effect, context)
        case .compare(let effect): CompareEffects.run(effect, context)
        case .history(let effect): HistoryEffects.run(effect, context)
        case .train(let effect): TrainEffects.run(effect, context, training)
        case .settings(let effect): SettingsEffects.run(effect, context)
        case .tour(let effect): TourEffects.run(effect, context)
        case .showLog: LogEffects.show(context)
        case .timer, .cancelTimer, .editConfiguration, .editor, .copy, .suspend, .repaint, .bell,
            .quit:
            return false
        }
        return true
    }

    private func complete(_ typed: String, foldersOnly: Bool) {
        let context = context
        context.background {
            let found = PathCompletion.complete(
                typed, in: context.places.paths, foldersOnly: foldersOnly)
            context.post(.overlay(.completions(for: typed, found)))
        }
    }
}
