import TerminalUI

/// What the screen Settings knows.
struct SettingsState: Sendable {
}

/// What can happen on the screen Settings.
enum SettingsAction: Sendable {
    case none
}

/// What the screen Settings wants done outside of the state.
enum SettingsEffect: Sendable {
    case none
}

enum SettingsReducer {
    static func reduce(_ state: inout AppState, _ action: SettingsAction) -> [Effect] { [] }
}

enum SettingsEffects {
    static func run(_ effect: SettingsEffect, _ context: EffectContext, _ models: CaptionService) {}
}

enum SettingsScreen: AppScreen {
    static let id = ScreenID.settings
    static let commands: [Command] = []

    static func receive(_ input: ScreenInput, _ state: inout AppState) -> [Effect] { [] }

    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        scene.panel(area, title: "Settings")
    }
}
