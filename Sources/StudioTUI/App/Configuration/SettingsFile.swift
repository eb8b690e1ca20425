import Foundation
import TerminalUI

/// `config.yaml`: the user's settings, with a comment for every option.
struct SettingsFile: Sendable, Equatable {
    private let file: UserFile

    /// Where it lies.
    var url: URL { file.url }

    init(_ home: StudioHome) {
        file = UserFile(url: home.configuration.appendingPathComponent("config.yaml"))
    }

    init(url: URL) { file = UserFile(url: url) }

    /// What the file says; the defaults where it says nothing or nothing usable.
    func load() -> (settings: Settings, problems: [FileProblem]) {
        do {
            return Self.parse(try file.read() ?? "")
        } catch {
            return (Settings(), [FileProblem(error.description)])
        }
    }

    /// Writes the commented file unless there is one.
    ///
    /// - Throws: `FileFailure`.
    func create() throws(FileFailure) {
        if try file.read() == nil { try file.write(Self.template()) }
    }

    /// Changes one option in its line and leaves the rest of the file as it is.
    ///
    /// The file is read anew, so that what was edited meanwhile is kept.
    ///
    /// - Throws: `FileFailure`; the file is as it was.
    func set(_ option: SettingOption, to value: SettingValue) throws(FileFailure) {
        var sheet = OptionSheet(try file.read() ?? Self.template())
        guard sheet.set(option.key, to: .text(value.text)) else {
            throw FileFailure(
                "'\(option.key)' cannot be changed in '\(TerminalText.sanitized(url.path))', "
                    + "because of how the file is written; please edit it by hand")
        }
        try file.write(sheet.text)
    }

    // MARK: - Text

    /// Reads the text of the file.
    static func parse(_ text: String) -> (settings: Settings, problems: [FileProblem]) {
        let sheet = OptionSheet(text)
        var settings = Settings()
        var problems = sheet.problems
        for entry in sheet.entries {
            guard problems.count < OptionSheet.mostProblems else { break }
            if let problem = apply(entry, to: &settings) {
                problems.append(FileProblem(line: entry.line, problem))
            }
        }
        return (settings, problems.sorted { ($0.line ?? 0) < ($1.line ?? 0) })
    }

    private static func apply(_ entry: OptionSheet.Entry, to settings: inout Settings) -> String? {
        guard let option = SettingCatalogue[entry.key] else {
            let near = CommandSuggestion.nearest(
                to: String(entry.key.prefix(60)), among: SettingCatalogue.all.map(\.key))
            let hint = near.map { "; did you mean '\($0)'?" } ?? ""
            return "there is no option '\(OptionSheet.shown(entry.key))'\(hint)"
        }
        let fallback = "the default, \(shown(option.standard)), is used"
        switch entry.value {
        case .nothing: return "'\(option.key)' has no value; \(fallback)"
        case .list: return "'\(option.key)' takes one value, not a list; \(fallback)"
        case .text(let text):
            do {
                // A text written over several lines is one line all the same.
                let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
                settings.set(option, to: try option.value(of: line))
                return nil
            } catch {
                return "\(error.description); \(fallback)"
            }
        }
    }

    /// The file as it is before anything was changed: every option with what it does, what it
    /// takes and its default, switched off by a `#`.
    static func template() -> String {
        var lines = [
            "# Settings of the studio.",
            "#",
            "# Every option stands here with its default. To change one, remove the # in front of",
            "# it and write another value; the settings screen of the app does the same.",
        ]
        for section in SettingCatalogue.sections {
            lines += ["", "", "# ---- \(section.title) ----"]
            for option in SettingCatalogue.all where option.section == section.name {
                lines.append("")
                lines += TerminalText.wrapped(option.explanation, to: 96).map { "# \($0)" }
                let facts = "Takes: \(option.allowed). Default: \(shown(option.standard))."
                lines += TerminalText.wrapped(facts, to: 96).map { "# \($0)" }
                lines.append("#\(option.key): \(YAMLText.scalar(option.standard.text))")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func shown(_ value: SettingValue) -> String {
        value.text.isEmpty ? "empty" : value.text
    }
}
