import TerminalUI

/// What the screen Compose knows.
struct ComposeState: Sendable {
}

/// What can happen on the screen Compose.
enum ComposeAction: Sendable {
    case none
}

/// What the screen Compose wants done outside of the state.
enum ComposeEffect: Sendable {
    case none
}

enum ComposeReducer {
    static func reduce(_ state: inout AppState, _ action: ComposeAction) -> [Effect] { [] }
}

enum ComposeEffects {
    static func run(_ effect: ComposeEffect, _ context: EffectContext) {}
}

enum ComposeScreen: AppScreen {
    static let id = ScreenID.compose
    static let commands: [Command] = []

    static func receive(_ input: ScreenInput, _ state: inout AppState) -> [Effect] { [] }

    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        scene.panel(area, title: "Compose")
    }
}
