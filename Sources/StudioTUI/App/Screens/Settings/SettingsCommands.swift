/// What the user can do on the screen Settings, part by part.
enum SettingsCommands {
    static let all: [Command] = models + options + keys + doctor + everyPart

    private static func command(
        _ name: String, _ title: String, _ help: String, _ scope: CommandScope, _ keys: [String],
        _ footer: FooterHint? = nil,
        availability: @escaping @Sendable (AppState) -> Availability = { _ in .ready },
        _ action: @escaping @Sendable (AppState) -> AppAction
    ) -> Command {
        Command(
            CommandID("settings.\(name)"), title, help: help, scope: scope, keys: keys,
            footer: footer, availability: availability, action: action)
    }

    // MARK: - Models

    private static let models: [Command] = [
        command(
            "use_model", "Use this model", "Makes captions with this model from now on.",
            SettingsPart.models.scope, ["enter"], FooterHint("use", 10),
            availability: { state in
                guard let row = ModelRow.current(state) else { return .refused("there is none") }
                return row.isInUse ? .refused("it is in use already") : .ready
            }, { _ in .settings(.useModel) }),
        command(
            "add_model", "Add a model",
            "Registers a checkpoint folder after checking its configuration and every tensor.",
            SettingsPart.models.scope, ["a"], FooterHint("add", 12),
            { _ in .settings(.askForModel) }),
        command(
            "inspect_model", "Inspect this model",
            "Checks its files against its configuration and shows its sizes.",
            SettingsPart.models.scope, ["i"], FooterHint("inspect", 14),
            availability: needsModel, { _ in .settings(.inspectModel) }),
        command(
            "load_model", "Load or unload the model",
            "Reads the model in use now rather than at the first caption, or frees its memory.",
            SettingsPart.models.scope, ["m"], FooterHint("load/unload", 16),
            availability: { state in
                switch state.model {
                case .loading: .refused("it is being loaded")
                default: .ready
                }
            }, { _ in .settings(.toggleLoaded) }),
        command(
            "remove_model", "Forget this model",
            "Takes it off the list; its folder stays as it is.", SettingsPart.models.scope, ["d"],
            FooterHint("forget", 18),
            availability: { state in
                guard let row = ModelRow.current(state) else { return .refused("there is none") }
                return row.isEmbedded
                    ? .refused("the embedded model belongs to the studio") : .ready
            }, { _ in .settings(.askToRemoveModel) }),
    ]

    @Sendable private static func needsModel(_ state: AppState) -> Availability {
        ModelRow.current(state) == nil ? .refused("there is none") : .ready
    }

    // MARK: - Options and keys

    private static let options: [Command] = [
        command(
            "change_option", "Change this option",
            "Switches it, or asks for a value; ← and → step through the values of a choice.",
            SettingsPart.options.scope, ["enter", "space"], FooterHint("change", 10),
            { _ in .settings(.changeOption) }),
        command(
            "reset_option", "Back to the default", "Gives the option the value it had at first.",
            SettingsPart.options.scope, ["d"], FooterHint("default", 12),
            availability: { state in
                guard let option = OptionRow.option(state) else {
                    return .refused("put the cursor on an option")
                }
                return state.settings.isChanged(option) ? .ready : .refused("it has its default")
            }, { _ in .settings(.resetOption) }),
    ]

    private static let keys: [Command] = [
        command(
            "change_keys", "Change these keys", "Gives the command other keys.",
            SettingsPart.keys.scope, ["enter"], FooterHint("change", 10),
            availability: needsCommand, { _ in .settings(.changeKeys) }),
        command(
            "reset_keys", "Back to the usual keys", "Gives the command the keys it had at first.",
            SettingsPart.keys.scope, ["d"], FooterHint("default", 12),
            availability: { state in
                guard let command = KeyRow.command(state) else {
                    return .refused("put the cursor on a command")
                }
                return state.keymap.keys(of: command.id) == command.keys
                    ? .refused("they are the usual ones") : .ready
            }, { _ in .settings(.resetKeys) }),
    ]

    @Sendable private static func needsCommand(_ state: AppState) -> Availability {
        KeyRow.command(state) == nil ? .refused("put the cursor on a command") : .ready
    }

    // MARK: - Doctor

    private static let doctor: [Command] = [
        command(
            "examine", "Examine again", "Looks at computer, terminal, library and models anew.",
            SettingsPart.doctor.scope, ["r"], FooterHint("run again", 10),
            availability: { state in
                state.settingsScreen.isExamining ? .refused("it is running") : .ready
            }, { _ in .settings(.examine) }),
        command(
            "verify_library", "Verify the library",
            "Reads every stored picture and compares it with what the library noted.",
            SettingsPart.doctor.scope, ["v"], FooterHint("verify library", 12),
            { _ in .settings(.verifyLibrary) }),
        command(
            "copy_report", "Copy the report", "Puts the report on the clipboard, for bug reports.",
            SettingsPart.doctor.scope, ["y"], FooterHint("copy", 14),
            availability: { state in
                state.settingsScreen.report == nil ? .refused("there is none yet") : .ready
            }, { _ in .settings(.copyReport) }),
    ]

    // MARK: - Every part

    private static let everyPart: [Command] = [
        command(
            "next_part", "Next part", "Models, Options, Keys, Doctor.", .screen(.settings), ["]"],
            FooterHint("next part", 40), { _ in .settings(.stepPart(1)) }),
        command(
            "previous_part", "Previous part", "Models, Options, Keys, Doctor.",
            .screen(.settings), ["["], nil, { _ in .settings(.stepPart(-1)) }),
        command(
            "edit_settings", "Edit config.yaml",
            "Opens the file of the options, with their explanations, in your editor.",
            .screen(.settings), ["e"], FooterHint("edit file", 50),
            { _ in .configuration(.editFile(.settings)) }),
        command(
            "edit_keymap", "Edit keymap.yaml", "Opens the file of the keys in your editor.",
            .screen(.settings), ["E"], FooterHint("edit keys", 52),
            { _ in .configuration(.editFile(.keymap)) }),
    ]
}
