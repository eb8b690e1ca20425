import Foundation
import TerminalUI

/// What the screen Ask knows.
struct AskState: Sendable {
}

/// What can happen on the screen Ask.
enum AskAction: Sendable {
    /// Puts concepts into free slots, in this order.
    case addConcepts([Int64])
    /// Takes a picture and its concepts, as from Compose.
    case setQuery(URL, concepts: [Int64])
    /// Brings back a query of the history.
    case restore(captionID: Int64)
}

/// What the screen Ask wants done outside of the state.
enum AskEffect: Sendable {
    case none
}

enum AskReducer {
    static func reduce(_ state: inout AppState, _ action: AskAction) -> [Effect] { [] }
}

enum AskEffects {
    static func run(_ effect: AskEffect, _ context: EffectContext, _ models: CaptionService) {}
}

enum AskScreen: AppScreen {
    static let id = ScreenID.ask
    static let commands: [Command] = []

    static func receive(_ input: ScreenInput, _ state: inout AppState) -> [Effect] { [] }

    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        scene.panel(area, title: "Ask")
    }
}
