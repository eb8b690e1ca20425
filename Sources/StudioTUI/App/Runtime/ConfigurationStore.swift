import Foundation

/// The files of settings and keys, as the app reads and changes them.
struct ConfigurationStore: Sendable {
    private let settings: SettingsFile
    private let keys: KeymapFile

    init(places: AppPlaces) {
        settings = SettingsFile(places.home)
        keys = KeymapFile(places.home)
    }

    /// Reads both files; what cannot be used is said, and the defaults stand in.
    func read() -> AppAction {
        let (options, problems) = settings.load()
        let (keymap, keyProblems) = keys.load(Self.actions)
        let changes = Dictionary(
            keymap.keys.map { (CommandID($0.key), $0.value) },
            uniquingKeysWith: { first, _ in first })
        return .configuration(
            .loaded(
                options, keymap: changes,
                problems: problems.map { "config.yaml: \($0.description)" }
                    + keyProblems.map { "keymap.yaml: \($0.description)" }))
    }

    func load(_ context: EffectContext) {
        context.background { context.post(read()) }
    }

    /// Changes one option in its file; `nil` goes back to the default.
    func save(_ key: String, _ value: String?, _ context: EffectContext) {
        context.write {
            do {
                guard let option = SettingCatalogue[key] else {
                    throw SettingMistake("there is no option '\(key)'")
                }
                let new = try value.map { try option.value(of: $0) } ?? option.standard
                try settings.set(option, to: new)
                context.post(.configuration(.saved(settings.load().settings)))
            } catch {
                context.post(.configuration(.failed("\(error)")))
            }
        }
    }

    /// Gives a command other keys in their file; `nil` goes back to the usual ones.
    func save(_ command: CommandID, _ sequences: [KeySequence]?, _ context: EffectContext) {
        context.write {
            do {
                guard let action = Self.actions.first(where: { $0.id == command.name }) else {
                    throw SettingMistake("there is no command '\(command)'")
                }
                try keys.set(command.name, to: sequences ?? action.keys, Self.actions)
                context.post(read())
            } catch {
                context.post(.configuration(.failed("\(error)")))
            }
        }
    }

    /// The file, made with all its comments if there is none yet.
    func file(_ file: ConfigurationFile) throws -> URL {
        switch file {
        case .settings:
            try settings.create()
            return settings.url
        case .keymap:
            try keys.create(Self.actions)
            return keys.url
        }
    }

    /// Every command as something keys can be bound to.
    private static let actions = CommandCatalogue.all.map {
        KeymapAction($0.id.name, $0.title, scope: $0.scope.title, keys: $0.keys)
    }
}
