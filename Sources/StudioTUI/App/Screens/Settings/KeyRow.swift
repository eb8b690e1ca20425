/// A row of the table of keys: something wrong in the file, or a command with its keys.
enum KeyRow: Sendable {
    /// What could not be used of `keymap.yaml`.
    case problem(String)
    case command(Command)

    static func rows(_ state: AppState) -> [KeyRow] {
        OptionRow.problems(of: "keymap.yaml", state).map(KeyRow.problem)
            + grouped(state.keymap.all).map(KeyRow.command)
    }

    /// Commands of one scope together; the scopes in the order in which they come first.
    private static func grouped(_ commands: [Command]) -> [Command] {
        var scopes: [CommandScope] = []
        for command in commands where !scopes.contains(command.scope) {
            scopes.append(command.scope)
        }
        return scopes.flatMap { scope in commands.filter { $0.scope == scope } }
    }

    /// The command under the cursor.
    static func command(_ state: AppState) -> Command? {
        let rows = rows(state)
        let cursor = state.settingsScreen.keys.cursor
        guard rows.indices.contains(cursor), case .command(let command) = rows[cursor] else {
            return nil
        }
        return command
    }

    /// The title above the row, where a new group begins.
    static func title(of row: KeyRow, after previous: KeyRow?) -> String? {
        switch (row, previous) {
        case (.problem, nil): "Problems in keymap.yaml"
        case (.command(let command), .command(let before)) where command.scope == before.scope:
            nil
        case (.command(let command), _): command.scope.title
        default: nil
        }
    }
}

/// Keys that mean two things at once.
struct KeyConflict: Sendable, Equatable {
    let keys: KeySequence
    let first: CommandID
    let second: CommandID

    /// All pairs of commands of one scope of which one hides the other: the same keys, or keys that
    /// others begin with.
    static func all(in table: CommandTable) -> [KeyConflict] {
        var conflicts: [KeyConflict] = []
        let bindings = table.all.flatMap { command in
            table.keys(of: command.id).map { (command: command, keys: $0) }
        }
        for (index, later) in bindings.enumerated() {
            for earlier in bindings[..<index] where earlier.command.scope == later.command.scope {
                guard earlier.command.id != later.command.id,
                    earlier.keys.isPrefix(of: later.keys) || later.keys.isPrefix(of: earlier.keys)
                else { continue }
                conflicts.append(
                    KeyConflict(
                        keys: later.keys, first: earlier.command.id, second: later.command.id))
            }
        }
        return conflicts
    }

    /// What hides a command's keys where it works: a command of its own scope with the same keys, or
    /// one of a screen that takes a key that works everywhere else.
    static func remark(on command: Command, in table: CommandTable) -> String? {
        let own = table.keys(of: command.id)
        let clashes = all(in: table).filter { $0.first == command.id || $0.second == command.id }
        if let clash = clashes.first {
            let other = clash.first == command.id ? clash.second : clash.first
            return "conflict: \(clash.keys.display()) is also \(other)"
        }
        guard command.scope == .everywhere else { return nil }
        let hiding = table.all.filter { other in
            other.scope != .everywhere && !Set(table.keys(of: other.id)).isDisjoint(with: own)
        }
        guard !hiding.isEmpty else { return nil }
        let names = hiding.prefix(3).map { "\($0.id) (\($0.scope.title))" }
        let more = hiding.count > 3 ? " and \(hiding.count - 3) more" : ""
        return "means something else in places: " + names.joined(separator: ", ") + more
    }
}
