import TerminalUI

/// What a screen receives when no command took the input.
enum ScreenInput: Sendable {
    case navigate(Navigation)
    /// A key while the screen's text field has the focus.
    case key(Key)
    case paste(String)
}

/// One screen: its commands, how it answers to input, how it is drawn.
///
/// Its part of the state lies in `AppState`, its own actions in `AppAction`.
protocol AppScreen: SendableMetatype {
    static var id: ScreenID { get }
    static var commands: [Command] { get }

    /// Whose commands work now besides those that work everywhere, the most particular first.
    static func scopes(_ state: AppState) -> [CommandScope]

    /// Whether typed characters go into a text field rather than to commands.
    static func wantsText(_ state: AppState) -> Bool

    /// What the footer says while typed characters go into a text field: key and word; without any
    /// it shows the commands.
    static func typingHints(_ state: AppState) -> [(key: String, word: String)]

    /// Answers to movement, typed text and pasted text.
    static func receive(_ input: ScreenInput, _ state: inout AppState) -> [Effect]

    /// The screen becomes visible.
    static func entered(_ state: inout AppState) -> [Effect]

    /// The library has fresh rows, whether visible or not.
    static func libraryChanged(_ state: inout AppState) -> [Effect]

    /// A timer of this screen went off.
    static func timer(_ name: String, _ state: inout AppState) -> [Effect]

    /// Where one is, in a few words for the last row: "3 of 128, 2 selected".
    static func statusLine(_ state: AppState) -> String

    static func draw(_ state: AppState, into scene: inout Scene, area: Rect)
}

extension AppScreen {
    static func scopes(_ state: AppState) -> [CommandScope] { [.screen(id)] }
    static func wantsText(_ state: AppState) -> Bool { false }
    static func typingHints(_ state: AppState) -> [(key: String, word: String)] { [] }
    static func entered(_ state: inout AppState) -> [Effect] { [] }
    static func libraryChanged(_ state: inout AppState) -> [Effect] { [] }
    static func timer(_ name: String, _ state: inout AppState) -> [Effect] { [] }
    static func statusLine(_ state: AppState) -> String { "" }
}

/// The screens in the order of their digits.
enum Screens {
    static let all: [any AppScreen.Type] = [
        ConceptsScreen.self, AskScreen.self, ComposeScreen.self, CompareScreen.self,
        HistoryScreen.self, TrainScreen.self, SettingsScreen.self,
    ]

    static func screen(_ id: ScreenID) -> any AppScreen.Type { all[id.rawValue - 1] }
}
