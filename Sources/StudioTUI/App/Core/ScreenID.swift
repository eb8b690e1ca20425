/// The screens of the app; the raw value is the digit that shows one.
///
/// Training belongs between History and Settings once it exists: add the case here, its reducer and
/// view under `Screens/Train`, and a line in `Screens.all`.
enum ScreenID: Int, CaseIterable, Sendable {
    case concepts = 1
    case ask, compose, compare, history, settings

    var title: String {
        switch self {
        case .concepts: "Concepts"
        case .ask: "Ask"
        case .compose: "Compose"
        case .compare: "Compare"
        case .history: "History"
        case .settings: "Settings"
        }
    }

    /// The name used in settings, command ids and on the command line.
    var name: String { title.lowercased() }

    init?(named name: String) {
        guard let screen = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = screen
    }
}
