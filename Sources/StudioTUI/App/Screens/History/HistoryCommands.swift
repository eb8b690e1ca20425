import ConceptDB
import TerminalUI

/// What can be done on the screen History.
enum HistoryCommands {
    private static func command(
        _ name: String, _ title: String, _ help: String, keys: [String],
        footer: FooterHint? = nil,
        availability: @escaping @Sendable (AppState) -> Availability = needsCaption,
        _ action: @escaping @Sendable (AppState) -> AppAction
    ) -> Command {
        Command(
            CommandID("history.\(name)"), title, help: help, scope: .screen(.history),
            keys: keys, footer: footer, availability: availability, action: action)
    }

    private static let needsCaption: @Sendable (AppState) -> Availability = { state in
        state.history.currentID == nil ? .refused("there is no caption here") : .ready
    }

    static let all: [Command] = [
        command(
            "restore", "Restore the query",
            "Brings picture, concepts, question, sampling and model back to Ask.",
            keys: ["enter"], footer: FooterHint("restore", 10),
            { state in state.history.currentID.map { .ask(.restore(captionID: $0)) } ?? .none }),
        command(
            "repeat", "Ask again at once", "Restores the query and asks it with the same seed.",
            keys: ["r"], footer: FooterHint("ask again", 11),
            availability: { state in
                if state.history.currentID == nil { return .refused("there is no caption here") }
                return state.ask.running == nil
                    ? .ready : .refused("a caption is being written; cancel it first")
            },
            { state in
                state.history.currentID.map { .ask(.repeatCaption(captionID: $0)) } ?? .none
            }),
        command(
            "filter", "Filter",
            "Names of pictures and concepts like what you type, and captions with its words.",
            keys: ["/"], footer: FooterHint("filter", 12),
            availability: {
                $0.history.all.isEmpty ? .refused("there are no captions yet") : .ready
            },
            { _ in .history(.focus(.filter)) }),
        command(
            "select", "Select", "Selects the caption for export, trash and Compare.",
            keys: ["space"], footer: FooterHint("select", 13), { _ in .history(.select) }),
        command(
            "select_all", "Select all", "Selects everything in the list, or nothing.",
            keys: ["ctrl-a"], { _ in .history(.selectAll) }),
        command(
            "export", "Export", "Writes captions to a Markdown, JSON or JSON Lines file.",
            keys: ["e", "x"],
            footer: FooterHint("export", 14), { _ in .history(.chooseExport) }),
        command(
            "trash", "Remove", "Takes captions out of the history; undo brings them back.",
            keys: ["d"], footer: FooterHint("remove", 15), { _ in .history(.trash) }),
        command(
            "copy", "Copy the caption", "Copies the text to the clipboard.", keys: ["y"],
            footer: FooterHint("copy", 32),
            { state in
                state.history.current.map { .copy($0.record.caption, what: "the caption") }
                    ?? .none
            }),
        command(
            "compare", "Send to Compare",
            "Takes the caption, or two selected ones, to compare them.", keys: ["C"],
            footer: FooterHint("compare", 33),
            availability: { state in
                if state.history.currentID == nil { return .refused("there is no caption here") }
                return state.history.selection.count > 2
                    ? .refused("select at most two captions") : .ready
            },
            { state in
                let chosen = state.history.chosen
                if chosen.count == 2 { return .compare(.pair(chosen[0], chosen[1])) }
                return .batch(chosen.map { .compare(.add($0)) } + [.show(.compare)])
            }),
    ]
}
