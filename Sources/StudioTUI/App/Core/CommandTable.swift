import TerminalUI

/// Which keys run which command: the defaults of the commands under the user's changes.
struct CommandTable: Sendable {
    private let commands: [CommandID: Command]
    private let order: [CommandID]
    private let bindings: [CommandID: [KeySequence]]

    /// - Parameter changes: what the keymap file says; an empty list disables a command's keys.
    init(_ all: [Command], changes: [CommandID: [KeySequence]] = [:]) {
        commands = Dictionary(all.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        order = all.map(\.id)
        bindings = commands.mapValues { changes[$0.id] ?? $0.keys }
    }

    /// All commands in the order of the catalogue.
    var all: [Command] { order.compactMap { commands[$0] } }

    func command(_ id: CommandID) -> Command? { commands[id] }

    func keys(of id: CommandID) -> [KeySequence] { bindings[id] ?? [] }

    /// The keys that run a command in these scopes: those that no more particular command takes.
    func keys(of command: Command, in scopes: [CommandScope]) -> [KeySequence] {
        keys(of: command.id).filter { sequence in
            guard case .command(let found) = match(sequence.keys, scopes: scopes) else {
                return false
            }
            return found.id == command.id
        }
    }

    /// What a series of keys means in these scopes, the first scope winning.
    enum Match {
        case command(Command)
        /// More keys are needed; what can follow.
        case prefix([(rest: KeySequence, command: Command)])
        case none
    }

    func match(_ keys: [Key], scopes: [CommandScope]) -> Match {
        var longer: [(rest: KeySequence, command: Command)] = []
        for scope in scopes {
            for command in all where command.scope == scope {
                for sequence in self.keys(of: command.id) {
                    let wanted = sequence.keys
                    guard wanted.starts(with: keys) else { continue }
                    if wanted.count == keys.count, longer.isEmpty { return .command(command) }
                    if wanted.count > keys.count {
                        let rest = KeySequence(Array(wanted.dropFirst(keys.count)))
                        longer.append((rest, command))
                    }
                }
            }
        }
        return longer.isEmpty ? .none : .prefix(longer)
    }
}
