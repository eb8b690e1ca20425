import ConceptDB
import TerminalUI

/// The lists and forms of the screen Compare.
enum CompareOverlays {
    static func captions(
        _ records: [ConceptDB.CaptionRecord], _ side: CompareSide, _ compare: CompareState
    ) -> ListOverlay {
        let other = compare[side.other].caption?.record.image.sha256
        let items = records.map { record in
            let isSame = other != nil && record.image.sha256 == other
            return ListItem(
                text: line(record), note: "\(isSame ? "same picture " : "")#\(record.id)",
                help: "\(record.model), \(record.image.originalPath), \(record.question)",
                action: .compare(.put(side, record.id)))
        }
        let now = records.firstIndex { $0.id == compare[side].captionID } ?? 0
        return ListOverlay(
            title: "Caption for the \(side.word)", prompt: "type to find a caption", items: items,
            cursor: now)
    }

    /// Whose place a third caption takes.
    static func replacing(_ id: Int64, _ compare: CompareState) -> ListOverlay {
        ListOverlay(
            title: "Compare holds two captions: replace which?",
            items: CompareSide.allCases.map { side in
                let record = compare[side].caption?.record
                return ListItem(
                    text: "\(side.word): \(record.map(line) ?? "not readable")",
                    note: compare[side].captionID.map { "#\($0)" } ?? "",
                    action: .compare(.put(side, id)))
            })
    }

    static func export(_ state: AppState) -> FormOverlay {
        let ids = CompareSide.allCases.compactMap { state.compare[$0].captionID }
        let name = "comparison-\(ids.map(String.init).joined(separator: "-")).md"
        return FormOverlay(
            title: "Export the comparison", submitWord: "save",
            fields: [
                FormField(
                    key: "path", label: "File", kind: .path(foldersOnly: false),
                    help: "Markdown with both captions, their differences and figures.",
                    value: name)
            ],
            check: { values, state in
                if case .failure(let problem) = TypedPath.read(
                    values["path"] ?? "", in: state.places.paths)
                {
                    return problem.text
                }
                return nil
            },
            submit: { .compare(.export($0["path"] ?? "")) })
    }

    /// The caption on one line.
    private static func line(_ record: ConceptDB.CaptionRecord) -> String {
        let text = record.caption.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return text.isEmpty ? "(empty)" : String(text.prefix(300))
    }
}
