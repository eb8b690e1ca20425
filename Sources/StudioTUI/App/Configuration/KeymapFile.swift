import Foundation
import TerminalUI

/// An action that keys can be bound to.
struct KeymapAction: Sendable, Equatable {
    /// Its name in the file, such as `concepts.add`.
    let id: String
    /// What it does, in a few words.
    let title: String
    /// Where its keys count; the same key may mean something else in another scope.
    let scope: String
    /// The keys it has until the user says otherwise.
    let keys: [KeySequence]

    init(_ id: String, _ title: String, scope: String, keys: [KeySequence]) {
        self.id = id
        self.title = title
        self.scope = scope
        self.keys = keys
    }
}

/// The keys of every action, after the user's file.
struct Keymap: Sendable, Equatable {
    private(set) var keys: [String: [KeySequence]]

    init(keys: [String: [KeySequence]]) { self.keys = keys }

    /// Every action with its own keys.
    init(_ actions: [KeymapAction]) {
        keys = Dictionary(actions.map { ($0.id, $0.keys) }, uniquingKeysWith: { first, _ in first })
    }

    /// The keys of an action; none if it has none or does not exist.
    subscript(id: String) -> [KeySequence] { keys[id] ?? [] }
}

/// `keymap.yaml`: which keys run which action.
struct KeymapFile: Sendable, Equatable {
    private let file: UserFile

    /// Where it lies.
    var url: URL { file.url }

    init(_ home: StudioHome) {
        file = UserFile(url: home.configuration.appendingPathComponent("keymap.yaml"))
    }

    init(url: URL) { file = UserFile(url: url) }

    /// The keys as the file changes them, and what in it could not be used.
    func load(_ actions: [KeymapAction]) -> (keymap: Keymap, problems: [FileProblem]) {
        do {
            return Self.parse(try file.read() ?? "", actions)
        } catch {
            return (Keymap(actions), [FileProblem(error.description)])
        }
    }

    /// Writes the commented file unless there is one.
    ///
    /// - Throws: `FileFailure`.
    func create(_ actions: [KeymapAction]) throws(FileFailure) {
        if try file.read() == nil { try file.write(Self.template(actions)) }
    }

    /// Gives an action other keys, in its line, and leaves the rest of the file as it is.
    ///
    /// - Throws: `FileFailure`; the file is as it was.
    func set(
        _ id: String, to keys: [KeySequence], _ actions: [KeymapAction]
    ) throws(FileFailure) {
        var sheet = OptionSheet(try file.read() ?? Self.template(actions))
        guard sheet.set(id, to: .list(keys.map(\.description))) else {
            throw FileFailure(
                "'\(id)' cannot be changed in '\(TerminalText.sanitized(url.path))', "
                    + "because of how the file is written; please edit it by hand")
        }
        try file.write(sheet.text)
    }

    // MARK: - Text

    /// Reads the text of the file over the actions' own keys.
    static func parse(
        _ text: String, _ actions: [KeymapAction]
    ) -> (keymap: Keymap, problems: [FileProblem]) {
        var builder = KeymapBuilder(actions)
        let sheet = OptionSheet(text)
        for entry in sheet.entries { builder.read(entry) }
        builder.settleConflicts()
        let problems = (sheet.problems + builder.problems)
            .sorted { ($0.line ?? 0) < ($1.line ?? 0) }
        return (builder.keymap, Array(problems.prefix(OptionSheet.mostProblems)))
    }

    /// The file as it is before anything was changed: every action with its keys, switched off.
    static func template(_ actions: [KeymapAction]) -> String {
        var lines = [
            "# Keys of the studio.",
            "#",
            "# Every action stands here with its keys. To change them, remove the # in front and",
            "# write others; [] leaves an action without a key. Keys are written like these:",
            "#   j   G   ?   ctrl-d   alt-x   shift-tab   space   enter   esc   f1   pgdn   up",
            "# and keys pressed one after the other with a space between them: \"g g\".",
            "# Terminals cannot tell ctrl-i from tab, ctrl-m and ctrl-j from enter, ctrl-h from",
            "# backspace, and ctrl-[ from esc.",
        ]
        var scope: String?
        for action in actions {
            if action.scope != scope {
                lines += ["", "", "# ---- \(onOneLine(action.scope)) ----", ""]
                scope = action.scope
            }
            let keys = OptionSheet.Value.list(action.keys.map(\.description))
            lines.append("# \(onOneLine(action.title))")
            lines.append("#\(action.id): \(YAMLText.value(keys))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func onOneLine(_ text: String) -> String { TerminalText.sanitized(text) }
}
