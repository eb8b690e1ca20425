/// A row of the options: something wrong in a file, or an option.
enum OptionRow: Sendable, Equatable {
    /// What could not be used of `config.yaml`.
    case problem(String)
    case option(SettingOption)

    static func rows(_ state: AppState) -> [OptionRow] {
        problems(of: "config.yaml", state).map(OptionRow.problem)
            + SettingCatalogue.all.map(OptionRow.option)
    }

    /// What could not be used of a file.
    static func problems(of file: String, _ state: AppState) -> [String] {
        state.configurationProblems.filter { $0.hasPrefix("\(file):") }
    }

    /// The row under the cursor.
    static func current(_ state: AppState) -> OptionRow? {
        let rows = rows(state)
        let cursor = state.settingsScreen.options.cursor
        return rows.indices.contains(cursor) ? rows[cursor] : nil
    }

    /// The option under the cursor.
    static func option(_ state: AppState) -> SettingOption? {
        if case .option(let option)? = current(state) { return option }
        return nil
    }

    /// The title above the row, where a new section begins.
    static func title(of row: OptionRow, after previous: OptionRow?) -> String? {
        switch (row, previous) {
        case (.problem, nil): "Problems in config.yaml"
        case (.option(let option), .option(let before)) where option.section == before.section:
            nil
        case (.option(let option), _):
            SettingCatalogue.sections.first { $0.name == option.section }?.title ?? option.section
        default: nil
        }
    }
}

extension SettingOption {
    /// The values one can step through; empty for numbers and texts.
    var steps: [String] {
        switch kind {
        case .choice(let words): words
        case .flag: ["off", "on"]
        default: []
        }
    }

    /// The value so many steps from the one that is set, round and round.
    func value(_ distance: Int, from current: SettingValue) -> String? {
        guard !steps.isEmpty else { return nil }
        let now = steps.firstIndex(of: current.text) ?? 0
        return steps[(now + distance % steps.count + steps.count) % steps.count]
    }
}
