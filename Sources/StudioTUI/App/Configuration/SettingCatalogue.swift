/// Every option there is, in the order of the file and of the settings screen.
enum SettingCatalogue {
    static let all: [SettingOption] = look + pictures + captions + others

    /// The sections with their titles.
    static let sections: [(name: String, title: String)] = [
        ("ui", "Look and keys"), ("images", "Pictures in the terminal"), ("caption", "Captions"),
        ("model", "Model"), ("engine", "Engines"), ("editor", "Editor"), ("log", "Log"),
    ]

    static subscript(key: String) -> SettingOption? { byKey[key] }

    private static let byKey = Dictionary(
        all.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })

    private static let look = [
        choice(
            "ui.theme", ThemeChoice.self, .automatic,
            "Colours of the app; auto asks the terminal for its background."),
        choice("ui.start_screen", StartScreen.self, .last, "The screen the app opens with."),
        flag("ui.mouse", true, "Take clicks and the wheel; hold shift to select text."),
        flag(
            "ui.screen_reader", false,
            "Keep the cursor on what has the focus, and leave out spinners and ticking numbers."),
        flag("ui.ascii", false, "Draw frames and signs with plain ASCII characters."),
        integer(
            "ui.which_key_delay_ms", 0...5000, 300,
            "Milliseconds until the possible next keys of an unfinished sequence are shown."),
        choice(
            "ui.confirm_quit", AutomaticChoice.self, .automatic,
            "Ask before quitting; auto asks only while something is running."),
        flag("ui.vim_keys", true, "Let h, j, k, l and their relatives move besides the arrows."),
    ]

    private static let pictures = [
        SettingOption(
            key: "images.protocol",
            kind: .choice(["auto"] + ImageProtocol.allCases.map(\.rawValue)),
            standard: .text("auto"),
            explanation: "How pictures are drawn; auto takes the best the terminal can do."),
        choice(
            "images.tmux_passthrough", AutomaticChoice.self, .off,
            "Send pictures through tmux to the terminal around it; other panes may show remains."),
        choice(
            "images.dither", AutomaticChoice.self, .automatic,
            "Smooth colour steps of sixel pictures; auto does so where bytes are cheap."),
        integer(
            "images.memory_mib", 4...1024, 12,
            "MiB of memory for pictures that are ready to be shown again."),
    ]

    private static let captions = [
        SettingOption(
            key: "caption.question", kind: .text(2000), standard: .text(""),
            explanation:
                "What to ask instead of the usual question; {name} becomes the names."),
        numberOrModel(
            "caption.temperature", 0...100,
            "0 takes the likeliest token; higher is more varied."),
        numberOrModel(
            "caption.top_p", 0.001...1,
            "Keep the likeliest tokens up to this probability; 1 keeps all."),
        integerOrModel(
            "caption.top_k", 0...1_000_000, "Keep this many of the likeliest tokens; 0 keeps all."),
        numberOrModel(
            "caption.repetition_penalty", 0.01...100,
            "Make tokens already seen less likely; 1 is off."),
        integerOrModel(
            "caption.max_tokens", 1...100_000, "Write at most this many tokens."),
        SettingOption(
            key: "caption.seed", kind: .integerOr("random", 0...((1 << 53) - 1)),
            standard: .word("random"),
            explanation: "A number repeats a sampled caption; random draws a new one each time."),
        flag("caption.keep_history", true, "Keep every caption in the history."),
    ]

    private static let others = [
        choice(
            "model.load", ModelLoading.self, .whenNeeded,
            "Read the model when the first caption is asked for, or as soon as the app starts."),
        choice(
            "model.kv_bits", KeyValueBits.self, .automatic,
            "Bits of each number kept of a prompt: 8 halves the memory of long prompts and rounds a "
                + "little more."),
        SettingOption(
            key: "engine.urls", kind: .text(2000), standard: .text(""),
            explanation:
                "Servers that write captions instead of this program, here and in 'studio caption', "
                + "'caption-folder' and 'eval', with spaces between; pictures are sent there."),
        SettingOption(
            key: "engine.model", kind: .text(500), standard: .text(""),
            explanation: "What those servers call the model; empty takes the first they tell of."),
        SettingOption(
            key: "engine.key_file", kind: .text(1000), standard: .text(""),
            explanation: "A file whose first line is the key to show to those servers."),
        SettingOption(
            key: "editor.command", kind: .text(500), standard: .text(""),
            explanation: "The editor for longer texts; empty takes $VISUAL, $EDITOR or vi."),
        choice("log.level", LogLevel.self, .info, "How much is written to the log file."),
    ]

    // MARK: - Kinds

    private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String, _: Choice.Type, _ standard: Choice, _ explanation: String
    ) -> SettingOption {
        SettingOption(
            key: key, kind: .choice(Choice.allCases.map(\.rawValue)),
            standard: .text(standard.rawValue), explanation: explanation)
    }

    private static func flag(
        _ key: String, _ standard: Bool, _ explanation: String
    ) -> SettingOption {
        SettingOption(key: key, kind: .flag, standard: .flag(standard), explanation: explanation)
    }

    private static func integer(
        _ key: String, _ range: ClosedRange<Int>, _ standard: Int, _ explanation: String
    ) -> SettingOption {
        SettingOption(
            key: key, kind: .integer(range), standard: .integer(standard), explanation: explanation)
    }

    /// The word by which a value is left to the model's own profile.
    static let modelWord = "model"

    private static func numberOrModel(
        _ key: String, _ range: ClosedRange<Double>, _ explanation: String
    ) -> SettingOption {
        SettingOption(
            key: key, kind: .numberOr(modelWord, range), standard: .word(modelWord),
            explanation: explanation + " 'model' leaves it to the model.")
    }

    private static func integerOrModel(
        _ key: String, _ range: ClosedRange<Int>, _ explanation: String
    ) -> SettingOption {
        SettingOption(
            key: key, kind: .integerOr(modelWord, range), standard: .word(modelWord),
            explanation: explanation + " 'model' leaves it to the model.")
    }
}
