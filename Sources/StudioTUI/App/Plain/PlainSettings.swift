import Foundation
import TerminalUI

/// Options in plain mode: hear what they do, change them.
struct PlainSettings {
    let studio: PlainStudio

    private var dialogue: PlainDialogue { studio.dialogue }

    func run() throws(PlainLeave) {
        var isHeard = false
        while true {
            let (settings, problems) = studio.settingsFile.load()
            if !isHeard { say(settings, problems) }
            isHeard = true
            let option = try dialogue.ask(
                "Number or name of the option",
                help: "The option to hear about and to change."
            ) { answer in
                if let number = Int(answer), SettingCatalogue.all.indices.contains(number - 1) {
                    return SettingCatalogue.all[number - 1]
                }
                if let option = SettingCatalogue[answer] { return option }
                let names = SettingCatalogue.all.map(\.key)
                let near = CommandSuggestion.nearest(to: answer, among: names)
                let hint = near.map { " Did you mean \($0)?" } ?? ""
                dialogue.say("There is no option \(answer).\(hint)")
                return nil
            }
            guard let option else { return }
            try change(option, settings)
        }
    }

    private func say(_ settings: Settings, _ problems: [FileProblem]) {
        for problem in problems { dialogue.say("In config.yaml: \(problem).") }
        for (index, option) in SettingCatalogue.all.enumerated() {
            let changed = settings.isChanged(option) ? ", changed" : ""
            dialogue.say("\(index + 1). \(option.key): \(Self.shown(settings[option]))\(changed)")
        }
    }

    private func change(_ option: SettingOption, _ settings: Settings) throws(PlainLeave) {
        dialogue.say(option.explanation)
        dialogue.say(
            "It is \(Self.shown(settings[option])) now; the default is "
                + "\(Self.shown(option.standard)). It takes \(option.allowed).")
        let value = try dialogue.ask(
            "New value, d for the default",
            help: option.explanation + " It takes \(option.allowed)."
        ) { answer -> SettingValue? in
            if answer == "d" { return option.standard }
            do throws(SettingMistake) {
                return try option.value(of: answer)
            } catch {
                dialogue.say("\(error.description).")
                return nil
            }
        }
        guard let value else { return }
        let done: Void? = try dialogue.attempt { try studio.settingsFile.set(option, to: value) }
        if done != nil { dialogue.say("\(option.key) is \(Self.shown(value)) from now on.") }
    }

    private static func shown(_ value: SettingValue) -> String {
        value.text.isEmpty ? "empty" : value.text
    }
}
