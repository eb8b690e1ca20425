import VLMRuntime

/// What the user has set, and the defaults for all else.
struct Settings: Sendable, Equatable {
    /// Only what differs from its default.
    private var changed: [String: SettingValue] = [:]

    /// The value of an option.
    subscript(option: SettingOption) -> SettingValue { changed[option.key] ?? option.standard }

    /// The value of the option with this key; `nil` if there is none.
    subscript(key: String) -> SettingValue? { SettingCatalogue[key].map { self[$0] } }

    /// Whether the user wants something else than the default.
    func isChanged(_ option: SettingOption) -> Bool { changed[option.key] != nil }

    /// Sets a value that `SettingOption.value(of:)` has read.
    mutating func set(_ option: SettingOption, to value: SettingValue) {
        changed[option.key] = value == option.standard ? nil : value
    }

    /// Sets a value as people write it.
    ///
    /// - Throws: `SettingMistake` for an unknown key and for a value the option does not take.
    mutating func set(_ key: String, to text: String) throws(SettingMistake) {
        guard let option = SettingCatalogue[key] else {
            throw SettingMistake("there is no option '\(OptionSheet.shown(key))'")
        }
        set(option, to: try option.value(of: text))
    }
}

/// The options by their meaning.
extension Settings {
    var theme: ThemeChoice { choice("ui.theme", .automatic) }
    var startScreen: StartScreen { choice("ui.start_screen", .last) }
    var takesMouse: Bool { flag("ui.mouse") }
    var isForScreenReader: Bool { flag("ui.screen_reader") }
    var isASCII: Bool { flag("ui.ascii") }
    var whichKeyDelay: Duration { .milliseconds(integer("ui.which_key_delay_ms") ?? 300) }
    var confirmsQuit: AutomaticChoice { choice("ui.confirm_quit", .automatic) }
    var hasVimKeys: Bool { flag("ui.vim_keys") }

    /// `nil` takes the best the terminal can do.
    var imageProtocol: ImageProtocol? { ImageProtocol(rawValue: text("images.protocol")) }
    var tmuxPassthrough: AutomaticChoice { choice("images.tmux_passthrough", .off) }
    var dither: AutomaticChoice { choice("images.dither", .automatic) }
    var pictureMemoryBytes: Int { (integer("images.memory_mib") ?? 12) << 20 }

    /// `nil` asks the usual question.
    var question: String? { text("caption.question").isEmpty ? nil : text("caption.question") }
    /// These are `nil` when they are left to the model.
    var temperature: Double? { number("caption.temperature") }
    var topP: Double? { number("caption.top_p") }
    var topK: Int? { integer("caption.top_k") }
    var repetitionPenalty: Double? { number("caption.repetition_penalty") }
    var maximumTokens: Int? { integer("caption.max_tokens") }
    /// `nil` draws a new one for every caption.
    var seed: UInt64? { integer("caption.seed").map(UInt64.init) }
    var keepsHistory: Bool { flag("caption.keep_history") }

    /// `nil` leaves it to the model.
    var keyValues: KVStorage? { choice("model.kv_bits", KeyValueBits.automatic).storage }
    var modelLoading: ModelLoading { choice("model.load", .whenNeeded) }
    /// Servers that answer instead of this program.
    ///
    /// `nil` when there are none.
    var engineWish: EngineWish? {
        let urls = text("engine.urls").split(separator: " ").map(String.init)
        guard !urls.isEmpty, urls != ["local"] else { return nil }
        return EngineWish(
            urls: urls, model: filled("engine.model"), keyFile: filled("engine.key_file"))
    }
    /// `nil` takes the one of the environment.
    var editorCommand: String? { filled("editor.command") }
    var logLevel: LogLevel { choice("log.level", .info) }

    // MARK: - Reading by type

    private func choice<Choice: RawRepresentable<String>>(
        _ key: String, _ fallback: Choice
    ) -> Choice {
        Choice(rawValue: text(key)) ?? fallback
    }

    private func text(_ key: String) -> String { self[key]?.text ?? "" }

    private func filled(_ key: String) -> String? {
        let value = text(key)
        return value.isEmpty ? nil : value
    }

    private func flag(_ key: String) -> Bool { self[key] == .flag(true) }

    private func integer(_ key: String) -> Int? {
        guard case .integer(let number)? = self[key] else { return nil }
        return number
    }

    private func number(_ key: String) -> Double? {
        guard case .number(let number)? = self[key] else { return nil }
        return number
    }
}
