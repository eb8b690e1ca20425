/// One cell of a frame.
public struct Cell: Sendable, Hashable {
    /// One grapheme cluster; empty for the right half of a wide one.
    public var text: String
    /// How it looks.
    public var style: Style
    /// The picture of the frame that shows through here, by its index; -1 for none.
    public var picture: Int32

    /// A cell of text.
    public init(_ text: String = " ", style: Style = .plain) {
        self.text = text
        self.style = style
        picture = -1
    }
}

/// A picture that lies over cells: bytes that the terminal draws itself.
public struct FramePicture: Sendable, Equatable {
    /// Says what is drawn: the same key in the same place means the same pixels.
    public var key: String
    /// The cells it covers; never the last row of the screen, where a sixel would scroll it.
    public var rect: Rect
    /// What to write, line `i` with the cursor at (`rect.x`, `rect.y + i`).
    ///
    /// One line of sixel, with its raster attributes, or as many lines of text as there are rows,
    /// each of which fills its row.
    public var lines: [[UInt8]]

    /// A picture of these bytes in these cells.
    public init(key: String, rect: Rect, lines: [[UInt8]]) {
        self.key = key
        self.rect = rect
        self.lines = lines
    }
}

/// Everything that is on the screen at one moment, drawn in memory.
///
/// Later drawing covers earlier drawing; text over a picture hides that part of it.
public struct Frame: Sendable {
    /// How large it is.
    public let size: Size
    /// Row by row, `size.columns` in each.
    public private(set) var cells: [Cell]
    /// The pictures, later ones over earlier ones.
    public private(set) var pictures: [FramePicture] = []
    /// Where the terminal's own cursor stands; hidden without.
    public var cursor: Point?

    /// An empty frame in one style.
    public init(size: Size, style: Style = .plain) {
        let checked = Size(columns: max(0, size.columns), rows: max(0, size.rows))
        self.size = checked
        cells = Array(
            repeating: Cell(style: style), count: checked.columns * checked.rows)
    }

    /// All of it.
    public var bounds: Rect { Rect(size) }

    /// The cell at a point inside the frame.
    public subscript(x: Int, y: Int) -> Cell { cells[y * size.columns + x] }

    /// Writes one line of text, cut where `columns` or the frame end.
    ///
    /// Control characters must have been made visible before (`TerminalText.sanitized`). A style
    /// without a background of its own keeps the one that is there.
    ///
    /// - Returns: how many columns were written.
    @discardableResult
    public mutating func write(
        _ text: String, x: Int, y: Int, style: Style = .plain, columns: Int = .max
    ) -> Int {
        guard y >= 0, y < size.rows, x < size.columns, columns > 0 else { return 0 }
        let limit = columns == .max ? size.columns : min(size.columns, x + columns)
        var column = x
        for character in text {
            let (shown, width) = TerminalText.displayed(character)
            guard width > 0 else { continue }
            guard column + width <= limit else { break }
            if column >= 0 { put(shown, width: width, column: column, row: y, style: style) }
            column += width
        }
        return max(0, column - x)
    }

    /// Fills cells with spaces.
    public mutating func fill(_ rect: Rect, style: Style, with text: String = " ") {
        let area = rect.intersection(bounds)
        let cell = Cell(text, style: style)
        for y in area.y..<area.bottom {
            splitWide(column: area.x, row: y)
            splitWide(column: area.right, row: y)
            for x in area.x..<area.right { cells[y * size.columns + x] = cell }
        }
    }

    /// Changes the style of cells and leaves their text.
    public mutating func restyle(_ rect: Rect, _ change: (Style) -> Style) {
        let area = rect.intersection(bounds)
        for y in area.y..<area.bottom {
            for x in area.x..<area.right {
                let index = y * size.columns + x
                cells[index].style = change(cells[index].style)
            }
        }
    }

    /// Lays a picture over cells; where it would leave the frame or touch its last row, not at all.
    public mutating func place(_ picture: FramePicture) {
        let allowed = Rect(x: 0, y: 0, columns: size.columns, rows: size.rows - 1)
        guard !picture.rect.isEmpty, picture.rect.intersection(allowed) == picture.rect else {
            return
        }
        fill(picture.rect, style: .plain)
        let index = Int32(pictures.count)
        pictures.append(picture)
        for y in picture.rect.y..<picture.rect.bottom {
            for x in picture.rect.x..<picture.rect.right {
                cells[y * size.columns + x].picture = index
            }
        }
    }

    /// Puts ready-made cells in place, such as a picture of half blocks; cut at the frame's edges.
    public mutating func put(_ rows: [[Cell]], x: Int, y: Int) {
        for (down, row) in rows.enumerated() where (0..<size.rows).contains(y + down) {
            for (across, cell) in row.enumerated() where (0..<size.columns).contains(x + across) {
                splitWide(column: x + across, row: y + down)
                cells[(y + down) * size.columns + x + across] = cell
            }
        }
    }

    /// The text of one row without styles, for tests and for reading aloud.
    public func text(row: Int) -> String {
        let start = row * size.columns
        return cells[start..<start + size.columns].map(\.text).joined()
    }

    private mutating func put(_ text: String, width: Int, column: Int, row: Int, style: Style) {
        splitWide(column: column, row: row)
        splitWide(column: column + width, row: row)
        let index = row * size.columns + column
        var style = style
        if style.background == .standard { style.background = cells[index].style.background }
        cells[index] = Cell(text, style: style)
        if width == 2 { cells[index + 1] = Cell("", style: style) }
    }

    /// Before something new starts in a column: a wide character that reaches into it loses its
    /// other half.
    private mutating func splitWide(column: Int, row: Int) {
        guard column > 0, column < size.columns else { return }
        let index = row * size.columns + column
        if cells[index].text.isEmpty {
            cells[index].text = " "
            cells[index - 1].text = " "
        }
    }
}
