/// A reference picture as it is compared with others, by a `LookMetric`.
public struct ReferenceLook: Sendable {
    /// What stands for it when it is looked for, rows of length one.
    public let parts: Matrix
    /// What stands for it when it is searched itself, a row of length one for each cell.
    public let cells: Matrix

    /// Joins rows of equal width.
    ///
    /// - Precondition: at least one row each.
    public init(parts: Matrix, cells: Matrix) {
        precondition(parts.columns == cells.columns && parts.rows > 0 && cells.rows > 0)
        self.parts = parts
        self.cells = cells
    }

    /// The look of a picture.
    public init(_ picture: PictureRows, by metric: LookMetric) {
        self.init(parts: metric.reference(picture), cells: metric.query(picture))
    }
}
