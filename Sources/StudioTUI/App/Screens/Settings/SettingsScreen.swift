import TerminalUI

/// Models, options, keys and the state of health of everything.
enum SettingsScreen: AppScreen {
    static let id = ScreenID.settings
    static let commands = SettingsCommands.all

    static func scopes(_ state: AppState) -> [CommandScope] {
        [state.settingsScreen.part.scope, .screen(.settings)]
    }

    static func receive(_ input: ScreenInput, _ state: inout AppState) -> [Effect] {
        guard case .navigate(let movement) = input else { return [] }
        return SettingsReducer.navigate(movement, &state)
    }

    static func entered(_ state: inout AppState) -> [Effect] { SettingsReducer.shown(&state) }

    static func libraryChanged(_ state: inout AppState) -> [Effect] {
        state.settingsScreen.models.clamp(count: ModelRow.rows(state).count)
        return state.screen == .settings ? SettingsReducer.shown(&state) : []
    }

    static func statusLine(_ state: AppState) -> String {
        let own = state.settingsScreen
        func place(_ position: ListPosition, _ count: Int, _ noun: String) -> String {
            count == 0 ? "no \(noun)s" : "\(noun) \(position.cursor + 1) of \(count)"
        }
        switch own.part {
        case .models: return place(own.models, ModelRow.rows(state).count, "model")
        case .options:
            let changed = SettingCatalogue.all.count { state.settings.isChanged($0) }
            return place(own.options, OptionRow.rows(state).count, "option")
                + (changed > 0 ? ", \(changed) changed" : "")
        case .keys: return place(own.keys, KeyRow.rows(state).count, "command")
        case .doctor:
            guard let report = own.report else { return own.isExamining ? "examining" : "" }
            let problems = report.problems.count
            return problems == 0
                ? "nothing wrong" : TextForm.count(problems, "problem") + " found"
        }
    }

    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        SettingsView.draw(state, into: &scene, area: area)
    }
}
