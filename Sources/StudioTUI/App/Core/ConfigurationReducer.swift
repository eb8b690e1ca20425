import TerminalUI

/// Follows the files of settings and keys.
enum ConfigurationReducer {
    static func reduce(_ state: inout AppState, _ action: ConfigurationAction) -> [Effect] {
        switch action {
        case .loaded(let settings, let keys, let problems):
            state.keyChanges = keys
            adopt(settings, &state)
            state.configurationProblems = problems
            guard let first = problems.first else { return [] }
            let more = problems.count > 1 ? " (and \(problems.count - 1) more; see Settings)" : ""
            return Reducer.toast(.warning, first + more, &state)
        case .set(let key, let value): return [.saveSetting(key: key, value: value)]
        case .setKeys(let command, let keys): return [.saveKeys(command, keys)]
        case .saved(let settings):
            adopt(settings, &state)
            return []
        case .failed(let reason): return Reducer.toast(.error, reason, &state)
        case .editFile(let file): return [.editConfiguration(file)]
        }
    }

    private static func adopt(_ settings: Settings, _ state: inout AppState) {
        state.settings = settings
        state.keymap = CommandTable(
            CommandCatalogue.all,
            changes: settings.hasVimKeys ? state.keyChanges : withoutLetters(state.keyChanges))
        state.theme = Theme.resolve(settings, state.terminal)
    }

    /// Without vim's keys the letters that move the cursor are free; keys that the user chose for
    /// moving stay.
    private static func withoutLetters(
        _ changes: [CommandID: [KeySequence]]
    ) -> [CommandID: [KeySequence]] {
        var changes = changes
        for command in CommandCatalogue.all where command.id.name.hasPrefix("move.") {
            let isOwn = changes[command.id].map { $0 == command.keys } ?? true
            let isTyped = command.keys.allSatisfy { $0.keys.allSatisfy { $0.typed != nil } }
            if isOwn, isTyped { changes[command.id] = [] }
        }
        return changes
    }
}
