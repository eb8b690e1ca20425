import TerminalUI

/// What the screen Compare knows.
struct CompareState: Sendable {
}

/// What can happen on the screen Compare.
enum CompareAction: Sendable {
    /// Takes a caption of the history as one of the two.
    case add(Int64)
}

/// What the screen Compare wants done outside of the state.
enum CompareEffect: Sendable {
    case none
}

enum CompareReducer {
    static func reduce(_ state: inout AppState, _ action: CompareAction) -> [Effect] { [] }
}

enum CompareEffects {
    static func run(_ effect: CompareEffect, _ context: EffectContext) {}
}

enum CompareScreen: AppScreen {
    static let id = ScreenID.compare
    static let commands: [Command] = []

    static func receive(_ input: ScreenInput, _ state: inout AppState) -> [Effect] { [] }

    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        scene.panel(area, title: "Compare")
    }
}
