import ConceptDB
import Foundation
import TerminalUI

/// Everything that can happen to the app.
indirect enum AppAction: Sendable {
    /// Nothing; what commands return that only have a reason not to run.
    case none
    case batch([AppAction])
    case input(InputEvent)
    case command(CommandID)
    case navigate(Navigation)
    case show(ScreenID)
    case goBack, goForward

    case open(any AppOverlay)
    case closeOverlay
    /// News for the overlay on top.
    case overlay(OverlayMessage)
    /// A click on a numbered part of the overlay on top.
    case overlayChoice(Int)
    /// The wheel over the overlay on top.
    case navigateOverlay(Navigation)
    case toast(Severity, String)
    case dismissToast(Int)
    case timer(TimerID)

    case terminal(TerminalAction)
    case library(LibraryAction)
    case edit(LibraryEdit)
    case model(ModelAction)
    case task(TaskAction)
    case configuration(ConfigurationAction)

    case concepts(ConceptsAction)
    case ask(AskAction)
    case compose(ComposeAction)
    case compare(CompareAction)
    case history(HistoryAction)
    case train(TrainAction)
    case settings(SettingsAction)
    case tour(TourAction)

    case copy(String, what: String)
    case openExternally(URL)
    case showLog
    case suspend
    case repaint
    /// Asks first when work is going on.
    case quit
    case quitNow
}

/// What happens to the terminal.
enum TerminalAction: Sendable {
    /// Size, protocol or colours are other than before.
    case changed(TerminalState)
    case focus(Bool)
    /// The program was asked to end.
    case terminate
}

/// What happens to the model.
enum ModelAction: Sendable {
    case changed(ModelState)
    case load
    case unload
}

/// What happens to settings and keys.
enum ConfigurationAction: Sendable {
    case loaded(Settings, keymap: [CommandID: [KeySequence]], problems: [String])
    /// The user changes one option; `nil` goes back to the default.
    case set(key: String, value: String?)
    /// Gives a command other keys; `nil` goes back to the usual ones.
    case setKeys(CommandID, [KeySequence]?)
    case saved(Settings)
    case failed(String)
    /// Opens the file in the editor.
    case editFile(ConfigurationFile)
}

/// The files people may edit by hand.
enum ConfigurationFile: Sendable, Equatable {
    case settings, keymap
}

/// Wakes that the reducer asks for.
enum TimerID: Hashable, Sendable {
    case whichKey
    case toasts
    /// The next news for screen readers.
    case announcement
    /// A screen's own timer.
    case screen(ScreenID, String)
    case overlay(String)
}

/// News for an overlay that is open.
enum OverlayMessage: Sendable {
    /// How a path that is being typed can go on.
    case completions(for: String, PathCompletion)
    /// More lines of a text that is followed (the log).
    case lines([String])
    /// Anything an overlay and its effects agree on.
    case custom(String, String)
}
