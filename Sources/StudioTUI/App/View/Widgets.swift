import TerminalUI

extension Scene {
    /// A frame with a title; returns the cells inside.
    @discardableResult
    mutating func panel(
        _ rect: Rect, title: String = "", note: String = "", isFocused: Bool = false,
        fill: Style? = nil
    ) -> Rect {
        guard rect.columns >= 2, rect.rows >= 2 else {
            return Rect(x: rect.x, y: rect.y, columns: 0, rows: 0)
        }
        let base = fill ?? theme.text
        let line = (isFocused ? theme.focusedBorder : theme.border).on(base.background)
        frame.fill(rect, style: base)
        let bar = String(repeating: symbols.horizontal, count: rect.columns - 2)
        let corners = symbols.corners
        frame.write(corners.topLeft + bar + corners.topRight, x: rect.x, y: rect.y, style: line)
        frame.write(
            corners.bottomLeft + bar + corners.bottomRight, x: rect.x, y: rect.bottom - 1,
            style: line)
        for y in (rect.y + 1)..<max(rect.y + 1, rect.bottom - 1) {
            frame.write(symbols.vertical, x: rect.x, y: y, style: line)
            frame.write(symbols.vertical, x: rect.right - 1, y: y, style: line)
        }
        let titleStyle = (isFocused ? theme.accent : theme.title).on(base.background)
        var used = 0
        if !title.isEmpty {
            used = write(
                " \(title) ", x: rect.x + 1, y: rect.y, style: titleStyle,
                columns: rect.columns - 2)
        }
        let noteWidth = TerminalText.width(note) + 2
        if !note.isEmpty, used + noteWidth + 2 <= rect.columns - 2 {
            write(
                " \(note) ", x: rect.right - 1 - noteWidth, y: rect.y,
                style: theme.faint.on(base.background))
        }
        return rect.inset(horizontal: 1, vertical: 1)
    }

    /// A scroll bar on the right edge, only when there is more than fits.
    mutating func scrollBar(_ rect: Rect, first: Int, visible: Int, total: Int) {
        guard total > visible, visible > 0, rect.rows > 0 else { return }
        let length = max(1, rect.rows * visible / total)
        let room = rect.rows - length
        let top = total == visible ? 0 : room * first / max(1, total - visible)
        for row in 0..<rect.rows {
            let isThumb = row >= top && row < top + length
            frame.write(
                isThumb ? symbols.scroll.thumb : symbols.scroll.track, x: rect.right - 1,
                y: rect.y + row, style: isThumb ? theme.accent : theme.border)
        }
    }

    /// A bar that fills with progress, with the share behind it.
    mutating func progressBar(x: Int, y: Int, columns: Int, fraction: Double, style: Style? = nil) {
        guard columns > 6 else { return }
        let width = columns - 5
        let full = Int((min(1, max(0, fraction)) * Double(width)).rounded())
        frame.write(
            String(repeating: symbols.bar.full, count: full), x: x, y: y,
            style: style ?? theme.accent)
        frame.write(
            String(repeating: symbols.bar.empty, count: width - full), x: x + full, y: y,
            style: theme.faint)
        let share = "\(Int(min(1, max(0, fraction)) * 100))%"
        let padded = String(repeating: " ", count: max(0, 4 - share.count)) + share
        frame.write(padded, x: x + width + 1, y: y)
    }

    /// Text broken into lines; returns how many rows it took.
    @discardableResult
    mutating func paragraph(_ text: String, in rect: Rect, style: Style? = nil) -> Int {
        guard !rect.isEmpty else { return 0 }
        let lines = TerminalText.wrapped(
            TerminalText.sanitized(text, lines: true), to: rect.columns)
        for (index, line) in lines.prefix(rect.rows).enumerated() {
            frame.write(line, x: rect.x, y: rect.y + index, style: style ?? theme.text)
        }
        return min(lines.count, rect.rows)
    }

    /// A text field with the hardware cursor in it when it has the focus.
    mutating func field(
        _ field: TextField, x: Int, y: Int, columns: Int, isFocused: Bool, placeholder: String = ""
    ) {
        guard columns > 1 else { return }
        frame.fill(Rect(x: x, y: y, columns: columns, rows: 1), style: theme.field)
        let shown = field.visible(columns: columns)
        if field.text.isEmpty {
            write(
                placeholder, x: x, y: y, style: theme.faint.on(theme.field.background),
                columns: columns)
        } else {
            frame.write(
                TerminalText.sanitized(shown.text), x: x, y: y, style: theme.field,
                columns: columns)
        }
        if isFocused { frame.cursor = Point(x: x + shown.cursorColumn, y: y) }
    }

    /// What to do when there is nothing to show.
    mutating func emptyState(_ title: String, _ lines: [String], in rect: Rect) {
        let rows = lines.flatMap {
            TerminalText.wrapped(TerminalText.sanitized($0), to: max(1, rect.columns - 4))
        }
        var y = rect.y + max(0, (rect.rows - rows.count - 2) / 2)
        func centre(_ text: String) -> Int {
            rect.x + max(0, (rect.columns - TerminalText.width(text)) / 2)
        }
        write(title, x: centre(title), y: y, style: theme.strong, columns: rect.columns)
        y += 2
        for row in rows where y < rect.bottom {
            write(row, x: centre(row), y: y, style: theme.faint, columns: rect.columns)
            y += 1
        }
    }
}

/// The cursor and first visible row of a list.
struct ListPosition: Sendable, Equatable {
    var cursor = 0
    var top = 0

    /// Rows kept visible around the cursor.
    static let margin = 2

    /// Moves within `count` rows of which `page` are visible.
    mutating func move(_ movement: Navigation, count: Int, page: Int, step: Int = 1) {
        let page = max(1, page)
        switch movement {
        case .up: cursor -= step
        case .down: cursor += step
        case .pageUp: cursor -= page
        case .pageDown: cursor += page
        case .halfPageUp: cursor -= max(1, page / 2)
        case .halfPageDown: cursor += max(1, page / 2)
        case .first: cursor = 0
        case .last: cursor = count - 1
        default: break
        }
        clamp(count: count)
    }

    mutating func clamp(count: Int) { cursor = min(max(0, cursor), max(0, count - 1)) }

    /// The first row to draw so that the cursor is in sight.
    func firstVisible(count: Int, page: Int) -> Int {
        let margin = min(Self.margin, max(0, (page - 1) / 2))
        var first = top
        if cursor < first + margin { first = cursor - margin }
        if cursor >= first + page - margin { first = cursor - page + margin + 1 }
        return min(max(0, first), max(0, count - page))
    }
}
