/// A cell of the screen; (0, 0) is the top left one.
public struct Point: Sendable, Hashable {
    /// The column, from 0.
    public var x: Int
    /// The row, from 0.
    public var y: Int

    /// The cell in column `x` and row `y`.
    public init(x: Int, y: Int) {
        self.x = x
        self.y = y
    }
}

/// A size in cells.
public struct Size: Sendable, Hashable {
    /// How many cells across.
    public var columns: Int
    /// How many cells down.
    public var rows: Int

    /// So many columns and rows.
    public init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
    }
}

/// A rectangle of cells; never of negative size.
public struct Rect: Sendable, Hashable {
    /// The column of its left edge.
    public var x: Int
    /// The row of its top edge.
    public var y: Int
    /// How many cells across.
    public var columns: Int
    /// How many cells down.
    public var rows: Int

    /// The rectangle whose top left cell is (`x`, `y`).
    public init(x: Int, y: Int, columns: Int, rows: Int) {
        self.x = x
        self.y = y
        self.columns = max(0, columns)
        self.rows = max(0, rows)
    }

    /// A rectangle of this size at the origin.
    public init(_ size: Size) {
        self.init(x: 0, y: 0, columns: size.columns, rows: size.rows)
    }

    /// The column behind the last one.
    public var right: Int { x + columns }
    /// The row below the last one.
    public var bottom: Int { y + rows }
    /// Whether there is no cell in it.
    public var isEmpty: Bool { columns == 0 || rows == 0 }
    /// Its size.
    public var size: Size { Size(columns: columns, rows: rows) }
    /// Its top left cell.
    public var origin: Point { Point(x: x, y: y) }

    /// Whether the cell is inside.
    public func contains(_ point: Point) -> Bool {
        point.x >= x && point.x < right && point.y >= y && point.y < bottom
    }

    /// The part that both share, which may be empty.
    public func intersection(_ other: Rect) -> Rect {
        let left = max(x, other.x)
        let top = max(y, other.y)
        return Rect(
            x: left, y: top, columns: min(right, other.right) - left,
            rows: min(bottom, other.bottom) - top)
    }

    /// Whether both share a cell.
    public func overlaps(_ other: Rect) -> Bool { !intersection(other).isEmpty }

    /// The rectangle without so many cells at each side.
    public func inset(horizontal: Int, vertical: Int) -> Rect {
        Rect(
            x: x + horizontal, y: y + vertical, columns: columns - 2 * horizontal,
            rows: rows - 2 * vertical)
    }

    /// A rectangle of this size in the middle, no larger than this one.
    public func centred(_ size: Size) -> Rect {
        let width = min(size.columns, columns)
        let height = min(size.rows, rows)
        return Rect(
            x: x + (columns - width) / 2, y: y + (rows - height) / 2, columns: width, rows: height)
    }

    /// Cuts so many columns off the left and returns both parts.
    public func split(left count: Int) -> (Rect, Rect) {
        let cut = min(max(0, count), columns)
        return (
            Rect(x: x, y: y, columns: cut, rows: rows),
            Rect(x: x + cut, y: y, columns: columns - cut, rows: rows)
        )
    }

    /// Cuts so many rows off the top and returns both parts.
    public func split(top count: Int) -> (Rect, Rect) {
        let cut = min(max(0, count), rows)
        return (
            Rect(x: x, y: y, columns: columns, rows: cut),
            Rect(x: x, y: y + cut, columns: columns, rows: rows - cut)
        )
    }

    /// Cuts so many columns off the right and returns the rest and the cut part.
    public func split(right count: Int) -> (Rect, Rect) { split(left: columns - max(0, count)) }

    /// Cuts so many rows off the bottom and returns the rest and the cut part.
    public func split(bottom count: Int) -> (Rect, Rect) { split(top: rows - max(0, count)) }
}
