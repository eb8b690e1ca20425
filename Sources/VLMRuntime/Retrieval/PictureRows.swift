/// A picture as the vision tower describes it: a row for each cell of a grid.
public struct PictureRows: Sendable {
    /// One row for each cell, row by row of the grid, `[height × width, features]`.
    public let rows: Matrix
    /// Cells from top to bottom.
    public let height: Int
    /// Cells from left to right.
    public let width: Int
    /// The picture's size, as given and as the model saw it.
    public let geometry: ImageGeometry

    /// Joins rows and the grid they stand for.
    ///
    /// - Precondition: as many rows as cells.
    public init(rows: Matrix, height: Int, width: Int, geometry: ImageGeometry) {
        precondition(rows.rows == height * width, "\(rows.rows) rows for \(height)×\(width)")
        self.rows = rows
        self.height = height
        self.width = width
        self.geometry = geometry
    }

    /// The box of some cells in pixels of the picture as given, `[x1, y1, x2, y2]`.
    ///
    /// - Precondition: the ranges are not empty and lie within the grid.
    public func box(rows: Range<Int>, columns: Range<Int>) -> [Int] {
        func edge(_ cell: Int, of cells: Int, _ length: Int) -> Int {
            Int((Double(cell) * Double(length) / Double(cells)).rounded())
        }
        let (wide, tall) = (geometry.originalWidth, geometry.originalHeight)
        return [
            edge(columns.lowerBound, of: width, wide), edge(rows.lowerBound, of: height, tall),
            edge(columns.upperBound, of: width, wide), edge(rows.upperBound, of: height, tall),
        ]
    }
}

extension Generator {
    /// The rows by which the language model knows a picture, from the caches when they are there.
    ///
    /// - Throws: `ImagePreprocessingError`, or `CancellationError`.
    public func pictureRows(
        _ picture: ImageInput, cancellation: CancellationFlag? = nil
    ) throws -> PictureRows {
        let prompt = try model.promptImage(picture, at: 0, hasDigest: caches != nil)
        let (found, _) = try rows(of: [prompt], from: 0, GenerationClock(), cancellation) { _ in }
        let merge = model.configuration.vision.mergeSize
        let width = model.configuration.text.hiddenSize
        return PictureRows(
            rows: found.first.flatMap { $0?.leading(columns: width) }
                ?? Matrix(rows: prompt.tokens.count, columns: width),
            height: prompt.grid.height / merge, width: prompt.grid.width / merge,
            geometry: prompt.geometry)
    }
}
