import ConceptDB
import Foundation
import TerminalUI

/// Where the parts of the screen lie.
struct HistoryLayout: Sendable {
    let list: Rect
    let rows: Rect
    /// The field of the filter, above the rows; empty when there is none.
    let filter: Rect
    let preview: Rect
    let picture: Rect
    /// The words of the preview, with the column of the scroll bar.
    let text: Rect
    /// Whether an entry takes two rows, because one is too narrow for all of it.
    let isNarrow: Bool

    /// How many captions fit into the list.
    var entries: Int { max(1, rows.rows / (isNarrow ? 2 : 1)) }
    var textColumns: Int { max(1, text.columns - 1) }

    init(_ state: AppState) {
        let size = state.terminal.size
        self.init(
            area: Rect(x: 0, y: 1, columns: size.columns, rows: size.rows - 3), state)
    }

    init(area: Rect, _ state: AppState) {
        (list, preview) = area.split(left: area.columns * 45 / 100)
        isNarrow = list.columns < 76
        let hasFilter = state.history.focus == .filter || state.history.found != nil
        (filter, rows) = list.inset(horizontal: 1, vertical: 1).split(top: hasFilter ? 1 : 0)
        let inside = preview.inset(horizontal: 1, vertical: 1)
        // The words take what they need, up to a half; the picture has the rest.
        let words = HistoryView.previewText(state, columns: inside.columns - 3).count
        let rows = min(max(6, words), inside.rows / 2 + 1)
        let (above, below) = inside.split(bottom: rows)
        picture = above.split(bottom: 1).0
        text = below.inset(horizontal: 1, vertical: 0)
    }
}

/// Draws the list on the left and the caption under the cursor on the right.
enum HistoryView {
    static func draw(_ state: AppState, into scene: inout Scene, area: Rect) {
        let layout = HistoryLayout(area: area, state)
        let history = state.history
        switch history.phase {
        case .failed(let reason):
            scene.emptyState("The history cannot be read", [reason], in: scene.panel(area))
            return
        case .ready where history.all.isEmpty:
            scene.emptyState(
                "No captions yet",
                [
                    "Every caption you make is kept here, with all it takes to repeat it.",
                    "2 goes to Ask, where you make one.",
                ], in: scene.panel(area, title: "History"))
            return
        default: break
        }
        drawList(state, layout, &scene)
        drawPreview(state, layout, &scene)
    }

    // MARK: - List

    private static func drawList(
        _ state: AppState, _ layout: HistoryLayout, _ scene: inout Scene
    ) {
        let history = state.history
        let listed = history.listed
        let note =
            history.searched != nil
            ? "searching"
            : history.found == nil
                ? "\(listed.count)" : "\(listed.count) of \(history.all.count)"
        scene.panel(
            layout.list, title: "Captions", note: note, isFocused: history.focus != .preview)
        if layout.filter.rows > 0 {
            let width = scene.write(
                "/", x: layout.filter.x, y: layout.filter.y, style: scene.theme.key)
            scene.field(
                history.filter, x: layout.filter.x + width, y: layout.filter.y,
                columns: layout.filter.columns - width,
                isFocused: history.focus == .filter && state.overlays.isEmpty,
                placeholder: "picture, concept or words")
            scene.region(layout.filter, press: .history(.focus(.filter)))
        }
        scene.region(layout.rows, scroll: { .history(.scrollList($0)) })
        if listed.isEmpty, history.phase == .ready {
            return scene.note("nothing fits; Esc shows all", layout.rows, scene.theme.faint)
        }
        let height = layout.isNarrow ? 2 : 1
        let first = history.position.firstVisible(count: listed.count, page: layout.entries)
        for row in 0..<layout.entries where first + row < listed.count {
            let rect = Rect(
                x: layout.rows.x, y: layout.rows.y + row * height,
                columns: layout.rows.columns - 1, rows: height)
            drawEntry(first + row, listed[first + row], rect, state, layout.isNarrow, &scene)
            scene.region(rect, press: .history(.moveTo(first + row)))
        }
        scene.scrollBar(
            layout.rows, first: first, visible: layout.entries, total: listed.count)
    }

    private static func drawEntry(
        _ index: Int, _ id: Int64, _ rect: Rect, _ state: AppState, _ isNarrow: Bool,
        _ scene: inout Scene
    ) {
        let history = state.history
        let isCursor = index == history.position.cursor
        let look =
            isCursor
            ? (history.focus == .preview ? scene.theme.restingCursor : scene.theme.cursor) : nil
        if let look { scene.frame.fill(rect, style: look) }
        let isSelected = history.selection.contains(id)
        let sign = isSelected ? scene.symbols.selected : isCursor ? scene.symbols.pointer : " "
        scene.write(sign, x: rect.x, y: rect.y, style: look ?? scene.theme.accent)
        if isCursor, history.focus == .list {
            scene.frame.cursor = Point(x: rect.x, y: rect.y)
        }
        let x = rect.x + 2
        guard let entry = history.entries[id] else {
            scene.write(scene.symbols.ellipsis, x: x, y: rect.y, style: look ?? scene.theme.faint)
            return
        }
        let plain = look ?? scene.theme.text
        let faint = look ?? scene.theme.faint
        let columns = rect.right - x
        let width = 13
        scene.write(entry.when, x: x, y: rect.y, style: faint, columns: width)
        let names = entry.facts.concepts.joined(separator: ", ")
        let strong = look ?? scene.theme.strong
        if isNarrow {
            let room = columns - width
            // Where the first row is too short for both, the names begin the second one.
            let isTight = room < 30
            let used = scene.write(
                entry.title, x: x + width, y: rect.y, style: strong,
                columns: isTight || names.isEmpty ? room : room * 55 / 100)
            var second = x
            if isTight, !names.isEmpty {
                second +=
                    scene.write(
                        names, x: x, y: rect.y + 1, style: plain, columns: columns / 2) + 2
            } else {
                scene.write(
                    names, x: x + width + used + 2, y: rect.y, style: plain,
                    columns: max(0, room - used - 2))
            }
            scene.write(
                entry.firstWords, x: second, y: rect.y + 1, style: faint,
                columns: rect.right - second)
        } else {
            let title = min(24, columns / 4)
            scene.write(
                entry.title, x: x + width, y: rect.y, style: strong, columns: title - 1)
            let people = min(20, columns / 4)
            scene.write(
                names, x: x + width + title, y: rect.y, style: plain, columns: people - 1)
            scene.write(
                entry.firstWords, x: x + width + title + people, y: rect.y, style: faint,
                columns: columns - width - title - people)
        }
    }

    // MARK: - Preview

    private static func drawPreview(
        _ state: AppState, _ layout: HistoryLayout, _ scene: inout Scene
    ) {
        let isFocused = state.history.focus == .preview
        guard let entry = state.history.current else {
            scene.panel(layout.preview, isFocused: isFocused)
            return
        }
        let record = entry.record
        let size = record.image.width.flatMap { width in
            record.image.height.map { "\(width)x\($0)" }
        }
        scene.panel(
            layout.preview, title: entry.title, note: size ?? "", isFocused: isFocused)
        scene.region(
            layout.preview, press: .history(.focus(.preview)),
            scroll: { .history(.scrollPreview($0)) })
        if isFocused {
            scene.frame.cursor = Point(x: layout.text.x, y: layout.text.y)
        }
        if let picture = entry.picture {
            scene.picture(
                PictureRequest(
                    source: picture.source, box: layout.picture.size, priority: 0,
                    magnification: 8, label: entry.title),
                in: layout.picture)
        } else {
            scene.note(
                "The picture is missing: neither the copy in the library nor "
                    + "\(record.image.originalPath) is there.", layout.picture,
                scene.theme.warning)
        }
        let lines = previewText(state, columns: layout.textColumns)
        let top = min(state.history.previewTop, max(0, lines.count - layout.text.rows))
        scene.caption(Array(lines.dropFirst(top).prefix(layout.text.rows)), in: layout.text)
        scene.scrollBar(
            layout.text, first: top, visible: layout.text.rows, total: lines.count)
    }

    /// The caption, who was named, and everything needed to repeat it, as lines.
    static func previewText(_ state: AppState, columns: Int) -> [CaptionFlow.Line] {
        guard let entry = state.history.current else { return [] }
        let symbols =
            state.settings.isASCII || !state.terminal.isUTF8 ? Symbols.ascii : Symbols.unicode
        let caption = CaptionFlow(entry.facts.tagged, columns: columns)
        var lines = caption.lines(0..<caption.count) + [CaptionFlow.Line()]
        var marks = entry.facts.marks(symbols)
        if entry.facts.isCancelled { marks.insert(TaggedText("(cancelled)", .warning), at: 0) }
        if !marks.isEmpty {
            lines += CaptionMarks.rows(marks, columns: columns) + [CaptionFlow.Line()]
        }
        for (label, value) in facts(entry) where !value.isEmpty {
            lines += rows(label, value, columns: columns)
        }
        return lines
    }

    private static let labelColumns = 10

    /// A fact behind its label; what does not fit goes on below it.
    private static func rows(
        _ label: String, _ value: String, columns: Int
    ) -> [CaptionFlow.Line] {
        let room = max(8, columns - labelColumns)
        return TerminalText.wrapped(TerminalText.sanitized(value), to: room).enumerated().map {
            row, text in
            let start = TerminalText.padded(row == 0 ? label : "", to: labelColumns)
            var line = CaptionFlow.Line()
            line.append(start, .faint, width: labelColumns)
            line.append(text, .plain, width: TerminalText.width(text))
            return line
        }
    }

    private static func facts(_ entry: HistoryEntry) -> [(String, String)] {
        let record = entry.record
        return [
            ("asked", record.question), ("made", "\(entry.when), number \(record.id)"),
            ("model", [record.model, record.adapter].compactMap { $0 }.joined(separator: " + ")),
            ("sampling", entry.facts.settings), ("speed", entry.facts.speed),
            (
                "picture",
                record.image.originalPath
                    + (entry.picture?.isOriginal == true ? " (the library has no copy)" : "")
            ),
        ]
    }
}
