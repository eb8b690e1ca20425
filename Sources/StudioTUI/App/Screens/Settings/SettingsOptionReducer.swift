import Foundation
import TerminalUI

/// What the screen Settings does about options and keys.
enum SettingsOptionReducer {
    static func reduce(_ state: inout AppState, _ action: SettingsAction) -> [Effect] {
        switch action {
        case .changeOption: return change(&state)
        case .stepOption(let distance):
            guard let option = OptionRow.option(state),
                let value = option.value(distance, from: state.settings[option])
            else { return [] }
            return set(option, value, &state)
        case .resetOption:
            guard let option = OptionRow.option(state) else { return [] }
            return Reducer.reduce(&state, .configuration(.set(key: option.key, value: nil)))
        case .changeKeys: return changeKeys(&state)
        case .resetKeys:
            guard let command = KeyRow.command(state) else { return [] }
            return Reducer.reduce(&state, .configuration(.setKeys(command.id, nil)))
        default: return []
        }
    }

    private static func set(
        _ option: SettingOption, _ value: String, _ state: inout AppState
    ) -> [Effect] {
        Reducer.reduce(&state, .configuration(.set(key: option.key, value: value)))
    }

    private static func change(_ state: inout AppState) -> [Effect] {
        switch OptionRow.current(state) {
        case .problem?: return Reducer.reduce(&state, .configuration(.editFile(.settings)))
        case .option(let option)?:
            switch option.kind {
            case .flag: return reduce(&state, .stepOption(1))
            case .choice(let words):
                state.overlays.append(choices(option, words, state))
                return []
            default:
                state.overlays.append(form(option, state))
                return []
            }
        case nil: return []
        }
    }

    private static func choices(
        _ option: SettingOption, _ words: [String], _ state: AppState
    ) -> ListOverlay {
        let now = state.settings[option].text
        let items = words.map { word in
            let marks = [
                word == now ? "set now" : nil, word == option.standard.text ? "default" : nil,
            ]
            return ListItem(
                text: word, note: marks.compactMap { $0 }.joined(separator: ", "),
                help: option.explanation,
                action: .configuration(.set(key: option.key, value: word)))
        }
        return ListOverlay(
            title: option.key, items: items, cursor: words.firstIndex(of: now) ?? 0)
    }

    private static func form(_ option: SettingOption, _ state: AppState) -> FormOverlay {
        let standard = option.standard.text
        return FormOverlay(
            title: option.key,
            intro: option.explanation,
            submitWord: "set",
            fields: [
                FormField(
                    key: "value", label: "Value", kind: .text,
                    placeholder: standard.isEmpty ? "empty" : standard,
                    help: "Takes \(option.allowed). "
                        + "Default: \(standard.isEmpty ? "empty" : standard).",
                    value: state.settings[option].text)
            ],
            check: { values, _ in
                do throws(SettingMistake) {
                    _ = try option.value(of: Self.typed(values))
                    return nil
                } catch {
                    return error.description
                }
            },
            submit: { .configuration(.set(key: option.key, value: Self.typed($0))) })
    }

    private static func typed(_ values: FormValues) -> String {
        (values["value"] ?? "").trimmingCharacters(in: .whitespaces)
    }

    // MARK: - Keys

    private static func changeKeys(_ state: inout AppState) -> [Effect] {
        guard let command = KeyRow.command(state) else {
            return Reducer.reduce(&state, .configuration(.editFile(.keymap)))
        }
        let now = state.keymap.keys(of: command.id).map(\.description)
        let usual = command.keys.map(\.description).joined(separator: ", ")
        state.overlays.append(
            FormOverlay(
                title: "Keys: \(command.title)",
                intro: "Write keys like j, G, ctrl-d, alt-x, space, f5; keys pressed one after the "
                    + "other with a space between them: g g. Commas separate ways to the same "
                    + "command; empty leaves it without keys.",
                submitWord: "set",
                fields: [
                    FormField(
                        key: "keys", label: "Keys", kind: .text, placeholder: "none",
                        help: "Default: \(usual.isEmpty ? "none" : usual).",
                        value: now.joined(separator: ", "))
                ],
                check: { values, state in Self.check(values["keys"] ?? "", command, state) },
                submit: { values in
                    let keys = Self.sequences(values["keys"] ?? "").compactMap { try? $0.get() }
                    return .configuration(.setKeys(command.id, keys))
                }))
        return []
    }

    /// The key sequences in a list with commas; a comma alone between commas is the key itself.
    static func sequences(_ text: String) -> [Result<KeySequence, KeyTextError>] {
        var words = text.split(separator: ",", omittingEmptySubsequences: false)
            .map { $0.trimmingCharacters(in: .whitespaces) }
        var keys: [String] = []
        while !words.isEmpty {
            let word = words.removeFirst()
            if !word.isEmpty {
                keys.append(word)
            } else if words.first?.isEmpty == true {
                words.removeFirst()
                keys.append(",")
            }
        }
        return keys.map { word in
            do throws(KeyTextError) {
                return .success(try KeySequence(parsing: word))
            } catch {
                return .failure(error)
            }
        }
    }

    /// What is wrong with keys for a command, if anything.
    private static func check(_ text: String, _ command: Command, _ state: AppState) -> String? {
        var keys: [KeySequence] = []
        for result in sequences(text) {
            switch result {
            case .success(let sequence): keys.append(sequence)
            case .failure(let error): return error.description
            }
        }
        let table = CommandTable(
            state.keymap.all,
            changes: Dictionary(
                state.keymap.all.map { ($0.id, state.keymap.keys(of: $0.id)) },
                uniquingKeysWith: { first, _ in first }
            ).merging([command.id: keys]) { _, new in new })
        let clash = KeyConflict.all(in: table).first {
            $0.first == command.id || $0.second == command.id
        }
        guard let clash else { return nil }
        let other = clash.first == command.id ? clash.second : clash.first
        return "\(clash.keys.display()) clashes with a key of \(other)"
    }
}
