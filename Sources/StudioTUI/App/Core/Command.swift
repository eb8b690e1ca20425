import TerminalUI

/// Names one thing the user can do, for key bindings and tests: `concepts.add`.
struct CommandID: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    let name: String

    init(_ name: String) { self.name = name }
    init(stringLiteral name: String) { self.name = name }

    var description: String { name }
}

/// Where a command works.
enum CommandScope: Hashable, Sendable {
    case everywhere
    case screen(ScreenID)
    /// One way of working on a screen: "list", "crop".
    case part(ScreenID, String)
    /// While the tour is shown.
    case tour

    var title: String {
        switch self {
        case .everywhere: "Everywhere"
        case .screen(let screen): screen.title
        case .part(let screen, let name): "\(screen.title), \(name)"
        case .tour: "Tour"
        }
    }

    var screen: ScreenID? {
        switch self {
        case .everywhere, .tour: nil
        case .screen(let screen), .part(let screen, _): screen
        }
    }
}

/// Whether a command can be run now, and if not, why: the reason is shown to the user.
enum Availability: Sendable, Equatable {
    case ready
    /// A clause: "select a concept first".
    case refused(String)

    var isReady: Bool { self == .ready }
}

/// One thing the user can do: the same value feeds keys, footer, help, palette and which-key.
struct Command: Sendable {
    let id: CommandID
    /// What it does in a few words: "Add concepts".
    let title: String
    /// One sentence for help and palette.
    let help: String
    let scope: CommandScope
    /// The keys without a keymap file; each is a sequence.
    let keys: [KeySequence]
    /// The word in the footer and how early it comes there; `nil` keeps it out.
    let footer: FooterHint?
    let availability: @Sendable (AppState) -> Availability
    let action: @Sendable (AppState) -> AppAction

    init(
        _ id: CommandID, _ title: String, help: String, scope: CommandScope, keys: [String],
        footer: FooterHint? = nil,
        availability: @escaping @Sendable (AppState) -> Availability = { _ in .ready },
        action: @escaping @Sendable (AppState) -> AppAction
    ) {
        self.id = id
        self.title = title
        self.help = help
        self.scope = scope
        self.keys = keys.compactMap { try? KeySequence(parsing: $0) }
        self.footer = footer
        self.availability = availability
        self.action = action
    }
}

/// How a command appears in the footer.
struct FooterHint: Sendable, Hashable {
    let word: String
    /// Smaller comes first and survives longer on narrow screens.
    let order: Int

    init(_ word: String, _ order: Int) {
        self.word = word
        self.order = order
    }
}
