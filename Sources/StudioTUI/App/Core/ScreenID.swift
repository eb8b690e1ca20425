/// The screens of the app; the raw value is the digit that shows one.
enum ScreenID: Int, CaseIterable, Sendable {
    case concepts = 1
    case ask, compose, compare, history, train, settings

    var title: String {
        switch self {
        case .concepts: "Concepts"
        case .ask: "Ask"
        case .compose: "Compose"
        case .compare: "Compare"
        case .history: "History"
        case .train: "Train"
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
