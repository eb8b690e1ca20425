import TerminalUI

/// What the screen History knows.
struct HistoryState: Sendable {
}

/// What can happen on the screen History.
enum HistoryAction: Sendable {
    case none
}

/// What the screen History wants done outside of the state.
enum HistoryEffect: Sendable {
    case none
}

enum HistoryReducer {
    static func reduce(_ state: inout AppState, _ action: HistoryAction) -> [Effect] { [] }
}

enum HistoryEffects {
    static func run(_ effect: HistoryEffect, _ context: EffectContext) {}
}

enum HistoryScreen: AppScreen {
    static let id = ScreenID.history
    static let commands: [Command] = []

    static func receive(_ input: ScreenInput, _ state: inout AppState) -> [Effect] { [] }

    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        scene.panel(area, title: "History")
    }
}
