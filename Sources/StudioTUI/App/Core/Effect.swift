import ConceptDB
import Foundation
import VLMRuntime

/// What the reducer wants done outside of the state: values, carried out by `EffectRunner`.
enum Effect: Sendable {
    case openLibrary
    case reloadLibrary
    case edit(LibraryEdit, EditPurpose)

    case loadModel(KVStorage?)
    case unloadModel

    case timer(TimerID, at: ContinuousClock.Instant)
    case cancelTimer(TimerID)

    case loadConfiguration
    case saveSetting(key: String, value: String?)
    case saveKeys(CommandID, [KeySequence]?)
    case editConfiguration(ConfigurationFile)

    /// Lets the user change a text in `$EDITOR`.
    case editor(EditorRequest)
    case completePath(String, foldersOnly: Bool)
    case copy(String, what: String)
    case openExternally(URL)
    case suspend
    case repaint
    case bell
    case quit

    case concepts(ConceptsEffect)
    case ask(AskEffect)
    case compose(ComposeEffect)
    case compare(CompareEffect)
    case history(HistoryEffect)
    case train(TrainEffect)
    case settings(SettingsEffect)
    case tour(TourEffect)
    /// Opens what was written to the log.
    case showLog
}

/// A text for `$EDITOR`, and what happens with the result.
struct EditorRequest: Sendable {
    let text: String
    /// Tells the editor what kind of text it is: "md", "yaml".
    let fileExtension: String
    /// Called with the new text, unless nothing was changed.
    let then: @Sendable (String) -> AppAction
}
