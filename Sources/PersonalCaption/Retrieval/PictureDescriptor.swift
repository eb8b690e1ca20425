import Foundation
import VLMRuntime

/// A picture for comparison: unit rows of its cells, and of its squares of 2×2 cells.
///
/// Late interaction after Khattab & Zaharia, "ColBERT", 2020, on two scales of regions.
struct PictureDescriptor: Sendable {
    /// What a row is compared as: its cell, or the square of cells that begins there.
    struct Scale: Sendable {
        /// Unit rows.
        let rows: Matrix
        /// Regions from top to bottom and from left to right.
        let height: Int
        let width: Int
        /// Cells of a region's side; fewer at pictures that are narrower.
        let side: Int
    }

    let cells: Scale
    let squares: Scale
    let picture: PictureRows

    /// - Parameter center: subtracted from each row, so that what all pictures have in common
    ///   does not count.
    init(_ picture: PictureRows, center: [Float]) {
        self.picture = picture
        cells = Self.scale(picture, center, side: 1)
        squares = Self.scale(picture, center, side: 2)
    }

    private static func scale(_ picture: PictureRows, _ center: [Float], side: Int) -> Scale {
        let (high, wide) = (min(side, picture.height), min(side, picture.width))
        let (height, width) = (picture.height - high + 1, picture.width - wide + 1)
        let columns = picture.rows.columns
        let source = picture.rows.values
        var values = [Float](repeating: 0, count: height * width * columns)
        for row in 0..<height {
            for column in 0..<width {
                let target = (row * width + column) * columns
                for cell in 0..<high * wide {
                    let from =
                        ((row + cell / wide) * picture.width + column + cell % wide) * columns
                    // Each cell has the same say, however long its row is.
                    let length = Self.length(source, from, columns, center)
                    for feature in 0..<columns {
                        values[target + feature] +=
                            (source[from + feature] - center[feature]) / length
                    }
                }
                let length = Self.length(values, target, columns, nil)
                for feature in target..<target + columns { values[feature] /= length }
            }
        }
        return Scale(
            rows: Matrix(rows: height * width, columns: columns, values: values), height: height,
            width: width, side: side)
    }

    private static func length(
        _ values: [Float], _ start: Int, _ count: Int, _ center: [Float]?
    ) -> Float {
        var sum: Float = 0
        for feature in 0..<count {
            let value = values[start + feature] - (center?[feature] ?? 0)
            sum += value * value
        }
        return max(sum.squareRoot(), 1e-9)
    }

    /// How alike a reference and this picture are: the mean of the best pair of cells, the best
    /// pair of squares, and the four cells of the reference that are found best.
    ///
    /// - Parameters:
    ///   - cells: for each cell of the reference its best product with a cell of this picture.
    ///   - squares: the same for its squares.
    static func similarity(cells: some Collection<Float>, squares: some Collection<Float>) -> Double
    {
        let best = cells.sorted(by: >).prefix(4)
        guard let highest = best.first else { return -1 }
        let several = best.reduce(0, +) / Float(best.count)
        return Double((highest + several + (squares.max() ?? highest)) / 3)
    }

    /// Where the reference is found best: the cells whose best product is near the highest, around
    /// the highest, as a box in pixels.
    func place(of reference: PictureDescriptor) -> [Int] {
        var index = RowIndex(columns: cells.rows.columns)
        index.append(cells.rows)
        let heat = index.bestMatches(reference.cells.rows)
        return picture.box(ofWarmCells: heat)
    }
}

extension PictureRows {
    /// The box around the warmest cell and its neighbours that are nearly as warm.
    ///
    /// - Parameter heat: a value for each cell.
    func box(ofWarmCells heat: [Float]) -> [Int] {
        guard let peak = heat.indices.max(by: { heat[$0] < heat[$1] }) else {
            return box(rows: 0..<height, columns: 0..<width)
        }
        let mean = heat.reduce(0, +) / Float(heat.count)
        let least = mean + 0.5 * (heat[peak] - mean)
        // Neighbours of the peak that are warm, and their neighbours.
        var taken: Set<Int> = [peak]
        var frontier = [peak]
        while let cell = frontier.popLast() {
            let (row, column) = (cell / width, cell % width)
            for (down, right) in [(0, 1), (1, 0), (0, -1), (-1, 0)] {
                let (r, c) = (row + down, column + right)
                guard (0..<height).contains(r), (0..<width).contains(c) else { continue }
                let next = r * width + c
                if heat[next] >= least, taken.insert(next).inserted { frontier.append(next) }
            }
        }
        let rows = taken.map { $0 / width }
        let columns = taken.map { $0 % width }
        return box(
            rows: (rows.min() ?? 0)..<(rows.max() ?? 0) + 1,
            columns: (columns.min() ?? 0)..<(columns.max() ?? 0) + 1)
    }
}
