import TerminalUI

/// The searchable list of commands, as help (what works here first) and as palette (everything).
enum HelpOverlay {
    /// The commands of this screen, then those that work everywhere.
    static func make(_ state: AppState) -> ListOverlay {
        let scopes = state.scopes.filter { $0 != .everywhere }
        let here = scopes.flatMap { scope in state.keymap.all.filter { $0.scope == scope } }
        let everywhere = state.keymap.all.filter { $0.scope == .everywhere }
        return ListOverlay(
            title: "Help: \(state.screen.title)", prompt: "type to find a key or a command",
            items: (here + everywhere).map { item($0, state) })
    }

    /// All commands of all screens; those of another screen go there first.
    static func palette(_ state: AppState) -> ListOverlay {
        let order = state.keymap.all.filter { $0.scope != .tour || state.tour != nil }.sorted {
            left, right in
            rank(left, state) < rank(right, state)
        }
        return ListOverlay(
            title: "Commands", prompt: "type a command", items: order.map { item($0, state) })
    }

    private static func rank(_ command: Command, _ state: AppState) -> Int {
        guard let screen = command.scope.screen else { return 2 }
        if state.scopes.contains(command.scope) { return 0 }
        return screen == state.screen ? 1 : 3
    }

    private static func item(_ command: Command, _ state: AppState) -> ListItem {
        let isHere = state.scopes.contains(command.scope)
        let bound =
            isHere
            ? state.keymap.keys(of: command, in: state.scopes) : state.keymap.keys(of: command.id)
        let keys = bound.map {
            state.settings.isASCII ? $0.display(ascii: true) : $0.display()
        }
        var action = AppAction.command(command.id)
        var text = command.title
        var availability = command.availability(state)
        if let screen = command.scope.screen, screen != state.screen {
            action = .batch([.show(screen), action])
            text = "\(screen.title): \(text)"
            // Whether it works there can only be known there.
            availability = .ready
        }
        return ListItem(
            text: text, note: keys.joined(separator: "  "), help: command.help,
            availability: availability, action: action)
    }
}
