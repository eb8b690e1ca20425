import Foundation
import TerminalUI

/// The form that asks where and what to export.
enum HistoryForms {
    static func export(_ state: AppState) -> FormOverlay {
        let history = state.history
        let chosen = history.chosen
        let selected =
            history.selection.isEmpty
            ? "this caption" : "\(TextForm.count(chosen.count, "selected caption"))"
        let listed = history.listed
        let all = TextForm.count(history.all.count, "caption")
        var ranges: [(word: String, captions: [Int64])] = [(selected, chosen)]
        if let found = history.found, found.count != history.all.count {
            ranges.append(("the \(found.count) found", listed))
        }
        ranges.append(("all, \(all)", history.all))
        let first = history.selection.isEmpty ? ranges[ranges.count - 1].word : ranges[0].word
        return FormOverlay(
            title: "Export captions", submitWord: "write",
            fields: [
                FormField(
                    key: "path", label: "File", kind: .path(foldersOnly: false),
                    help: "Tab completes the path; an existing file is only replaced if you agree.",
                    value: "studio-history.md"),
                FormField(
                    key: "format", label: "Format",
                    kind: .choice(
                        ["by the ending"] + HistoryFormat.ofOneFile.map(\.rawValue)),
                    help: ".md means Markdown, .jsonl a line for each, any other ending JSON.",
                    value: "by the ending"),
                FormField(
                    key: "what", label: "Captions", kind: .choice(ranges.map(\.word)),
                    help: "Space selects captions in the list.", value: first),
            ],
            check: { values, _ in
                let path = (values["path"] ?? "").trimmingCharacters(in: .whitespaces)
                if path.isEmpty { return "type the path of a file" }
                return path.hasSuffix("/") ? "type the name of a file, not of a folder" : nil
            },
            submit: { [places = state.places, ranges] values in
                let typed = (values["path"] ?? "").trimmingCharacters(in: .whitespaces)
                let word = ShellWords.split(typed)
                let path =
                    word.count == 1
                    ? places.paths.absolute(word[0])
                    : places.paths.absolute(typed, hasTilde: false)
                let format =
                    HistoryFormat(rawValue: values["format"] ?? "") ?? HistoryFormat(fileName: path)
                let range = ranges.first { $0.word == values["what"] }
                return .history(
                    .export(
                        HistoryExportRequest(
                            captions: range?.captions ?? [], path: path, format: format)))
            })
    }
}
