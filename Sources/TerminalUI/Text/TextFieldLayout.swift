extension TextField {
    /// A field of several lines as it is drawn.
    public struct Layout: Sendable, Equatable {
        /// The rows, each narrower than the field, so that the cursor fits behind any of them.
        public let rows: [String]
        /// Which row the cursor is in.
        public let cursorRow: Int
        /// The cell of the cursor in that row.
        public let cursorColumn: Int
    }

    /// The part of a one-line field around the cursor that fits into so many cells, fit for the
    /// terminal, and the cell of the cursor in it.
    ///
    /// The window moves by half its width, so that the text stands still while the cursor moves.
    public func visible(columns: Int) -> (text: String, cursorColumn: Int) {
        guard columns > 0 else { return ("", 0) }
        let (start, indent) = windowStart(columns: columns)
        var text = String(repeating: " ", count: indent)
        var used = indent
        var cursorColumn = indent
        for index in start...characters.count {
            if index == cursor { cursorColumn = used }
            guard index < characters.count else { break }
            let (shown, width) = Self.shown(characters[index])
            guard used + width <= columns else { break }
            text += shown
            used += width
        }
        return (text, min(cursorColumn, columns - 1))
    }

    /// Where in the text a click into a drawn one-line field lands.
    public func position(atColumn column: Int, columns: Int) -> Int {
        let (start, indent) = windowStart(columns: columns)
        var used = indent
        for index in start..<characters.count {
            used += Self.shown(characters[index]).width
            if used > column { return index }
        }
        return characters.count
    }

    /// The text of a field of several lines, broken at spaces where there are any.
    public func lines(columns: Int) -> Layout {
        let rows = rowRanges(columns: columns)
        let row = Self.row(of: cursor, in: rows)
        let texts = rows.map { range in
            characters[range].reduce(into: "") { $0 += Self.shown($1).text }
        }
        return Layout(
            rows: texts, cursorRow: row, cursorColumn: column(of: cursor, in: rows[row]))
    }

    /// Where in the text a click into a drawn field of several lines lands.
    public func position(atColumn column: Int, row: Int, columns: Int) -> Int {
        let rows = rowRanges(columns: columns)
        return position(column: column, in: rows, row: min(max(0, row), rows.count - 1))
    }

    // MARK: - One line

    /// The first character of the window, and the cells that half of a wide one leaves empty.
    private func windowStart(columns: Int) -> (start: Int, indent: Int) {
        let before = characters[..<cursor].reduce(0) { $0 + Self.shown($1).width }
        let under = cursor < characters.count ? max(1, Self.shown(characters[cursor]).width) : 1
        guard columns > 0, before + under > columns else { return (0, 0) }
        let step = max(1, columns / 2)
        let hidden = (before + under - columns + step - 1) / step * step
        var passed = 0
        for index in characters.indices {
            if passed >= hidden || index == cursor { return (index, max(0, passed - hidden)) }
            passed += Self.shown(characters[index]).width
        }
        return (characters.count, max(0, passed - hidden))
    }

    // MARK: - Several lines

    /// The characters of each row; line breaks belong to none.
    func rowRanges(columns: Int) -> [Range<Int>] {
        // One cell stays free for the cursor behind the last character.
        let room = max(1, columns == .max ? .max : columns - 1)
        var rows: [Range<Int>] = []
        var start = 0
        var used = 0
        var breakAt = 0
        var index = 0
        while index < characters.count {
            let character = characters[index]
            if character.isNewline {
                rows.append(start..<index)
                (start, used, breakAt) = (index + 1, 0, index + 1)
            } else {
                let width = Self.shown(character).width
                if used + width > room, index > start {
                    let end = breakAt > start ? breakAt : index
                    rows.append(start..<end)
                    (start, breakAt) = (end, end)
                    used = characters[end..<index].reduce(0) { $0 + Self.shown($1).width }
                }
                used += width
                if character == " " { breakAt = index + 1 }
            }
            index += 1
        }
        rows.append(start..<characters.count)
        return rows
    }

    /// The row of a position: at a soft break the one that starts there.
    static func row(of position: Int, in rows: [Range<Int>]) -> Int {
        (rows.lastIndex { $0.lowerBound <= position }) ?? 0
    }

    func column(of position: Int, in row: Range<Int>) -> Int {
        characters[row.lowerBound..<max(row.lowerBound, min(position, characters.count))]
            .reduce(0) { $0 + Self.shown($1).width }
    }

    func position(column: Int, in rows: [Range<Int>], row: Int) -> Int {
        let range = rows[row]
        var used = 0
        for index in range {
            used += Self.shown(characters[index]).width
            if used > column { return index }
        }
        // Behind the last character of a row that breaks softly would be the next row.
        let isSoft = row + 1 < rows.count && rows[row + 1].lowerBound == range.upperBound
        return isSoft && !range.isEmpty ? range.upperBound - 1 : range.upperBound
    }

    /// A character as it is drawn, and its cells.
    private static func shown(_ character: Character) -> (text: String, width: Int) {
        let displayed = TerminalText.displayed(character)
        let safe = TerminalText.sanitized(displayed.text)
        return safe == displayed.text ? displayed : (safe, TerminalText.width(safe))
    }
}
