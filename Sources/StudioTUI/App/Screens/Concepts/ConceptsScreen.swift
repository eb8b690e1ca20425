import TerminalUI

/// What the screen Concepts knows.
struct ConceptsState: Sendable {
    /// The concept to put the cursor on once the library is renewed.
    var pendingFocus: Int64?
}

/// What can happen on the screen Concepts.
enum ConceptsAction: Sendable {
    case none
}

/// What the screen Concepts wants done outside of the state.
enum ConceptsEffect: Sendable {
    case none
}

enum ConceptsReducer {
    static func reduce(_ state: inout AppState, _ action: ConceptsAction) -> [Effect] { [] }
}

enum ConceptsEffects {
    static func run(_ effect: ConceptsEffect, _ context: EffectContext) {}
}

enum ConceptsScreen: AppScreen {
    static let id = ScreenID.concepts
    static let commands: [Command] = []

    static func receive(_ input: ScreenInput, _ state: inout AppState) -> [Effect] { [] }

    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        scene.panel(area, title: "Concepts")
    }
}
