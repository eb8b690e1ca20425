import TerminalUI

/// Changes what the screen Settings knows.
enum SettingsReducer {
    static func reduce(_ state: inout AppState, _ action: SettingsAction) -> [Effect] {
        switch action {
        case .showPart(let part): return show(part, &state)
        case .stepPart(let distance): return step(distance, &state)
        case .select(let part, let index): return select(part, index, &state)
        case .useModel, .askForModel, .inspectModel, .toggleLoaded, .askToRemoveModel:
            // These may come from the palette, while another part is shown.
            state.settingsScreen.part = .models
            return SettingsModelReducer.reduce(&state, action)
        case .addModel, .removeModel, .inspected, .foldersRead:
            return SettingsModelReducer.reduce(&state, action)
        case .changeOption, .stepOption, .resetOption:
            state.settingsScreen.part = .options
            return SettingsOptionReducer.reduce(&state, action)
        case .changeKeys, .resetKeys:
            state.settingsScreen.part = .keys
            return SettingsOptionReducer.reduce(&state, action)
        case .examine: return examine(&state)
        case .examined(let report):
            state.settingsScreen.report = report
            state.settingsScreen.isExamining = false
            return []
        case .verifyLibrary: return [.settings(.verifyLibrary)]
        case .copyReport:
            guard let report = state.settingsScreen.report else { return [] }
            let lines = report.lines(TextStyle(usesColour: false))
            return [.copy(lines.joined(separator: "\n") + "\n", what: "the report")]
        }
    }

    /// Something of the part may have to be read first.
    static func shown(_ state: inout AppState) -> [Effect] {
        switch state.settingsScreen.part {
        case .models: return [.settings(.readFolders(ModelRow.rows(state).map(\.path)))]
        case .doctor where state.settingsScreen.report == nil: return examine(&state)
        case .options, .keys, .doctor: return []
        }
    }

    private static func show(_ part: SettingsPart, _ state: inout AppState) -> [Effect] {
        state.settingsScreen.part = part
        return shown(&state)
    }

    private static func step(_ distance: Int, _ state: inout AppState) -> [Effect] {
        let count = SettingsPart.allCases.count
        let index = (state.settingsScreen.part.rawValue + distance + count) % count
        return show(SettingsPart.allCases[index], &state)
    }

    private static func examine(_ state: inout AppState) -> [Effect] {
        guard !state.settingsScreen.isExamining else { return [] }
        state.settingsScreen.part = .doctor
        state.settingsScreen.isExamining = true
        return [.settings(.examine(DoctorReport.Terminal(state)))]
    }

    // MARK: - Movement

    static func navigate(_ movement: Navigation, _ state: inout AppState) -> [Effect] {
        switch movement {
        case .nextFocus: return step(1, &state)
        case .previousFocus: return step(-1, &state)
        case .activate: return activate(&state)
        case .left, .right:
            guard state.settingsScreen.part == .options else { return [] }
            return reduce(&state, .stepOption(movement == .left ? -1 : 1))
        case .back: return []
        default:
            move(movement, &state)
            return []
        }
    }

    private static func move(_ movement: Navigation, _ state: inout AppState) {
        // What the screen shows at a time, roughly: header, tabs, frame and footer take the rest.
        let page = max(4, state.terminal.size.rows - 8)
        switch state.settingsScreen.part {
        case .models:
            let count = ModelRow.rows(state).count
            state.settingsScreen.models.move(movement, count: count, page: page)
        case .options:
            let count = OptionRow.rows(state).count
            state.settingsScreen.options.move(movement, count: count, page: page)
        case .keys:
            let count = KeyRow.rows(state).count
            state.settingsScreen.keys.move(movement, count: count, page: page)
        case .doctor:
            let columns = state.terminal.size.columns
            let count = DoctorPartView.lines(state, columns: columns - 2).count
            state.settingsScreen.doctor.move(movement, count: max(1, count - page), page: page)
        }
    }

    /// The first click on a row puts the cursor there, the second one opens it.
    private static func select(
        _ part: SettingsPart, _ index: Int, _ state: inout AppState
    ) -> [Effect] {
        func choose(_ position: WritableKeyPath<SettingsState, ListPosition>) -> [Effect] {
            guard state.settingsScreen[keyPath: position].cursor != index else {
                return activate(&state)
            }
            state.settingsScreen[keyPath: position].cursor = index
            return []
        }
        switch part {
        case .models: return choose(\.models)
        case .options: return choose(\.options)
        case .keys: return choose(\.keys)
        case .doctor: return []
        }
    }

    private static func activate(_ state: inout AppState) -> [Effect] {
        switch state.settingsScreen.part {
        case .models: Reducer.run("settings.use_model", &state)
        case .options: Reducer.run("settings.change_option", &state)
        case .keys: Reducer.run("settings.change_keys", &state)
        case .doctor: []
        }
    }
}

extension DoctorReport.Terminal {
    /// What the app knows about its terminal.
    init(_ state: AppState) {
        let environment = state.places.environment
        let colours = ColourPolicy.decide(
            environment: environment, isTerminal: true, optionOff: false)
        let terminal = state.terminal
        let name = environment["TERM"] ?? ""
        let version = terminal.version.isEmpty ? "" : " (\(terminal.version))"
        self.init(
            term: name + version, isTerminal: true, columns: terminal.size.columns,
            rows: terminal.size.rows, cellWidth: terminal.cell.width,
            cellHeight: terminal.cell.height, cellSource: terminal.cellSource,
            colours: terminal.depth.label, coloursWhy: colours.reason,
            imageProtocol: terminal.pictures.method.rawValue,
            imageProtocolWhy: terminal.pictures.reason, advice: terminal.pictures.advice)
    }
}
