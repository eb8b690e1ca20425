/// The order in which the vision tower works on the merged cells of one picture.
///
/// Cells (2×2 patches) are grouped into square windows, windows row by row, cells of a window row
/// by row; windows at the right and lower border are smaller. Source: Transformers
/// `get_window_index`; MODEL.md, "Windows".
struct WindowLayout: Sendable, Equatable {
    /// Raster number of the cell at each place of the window order.
    let cellOrder: [Int]
    /// Patches of each window, as ranges of the window order.
    let windows: [Range<Int>]
    /// Patches of the whole picture.
    let whole: Range<Int>

    /// - Parameter cellsPerSide: side of a full window in cells.
    init(grid: PatchGrid, mergeSize: Int, cellsPerSide: Int) {
        let (rows, columns) = (grid.height / mergeSize, grid.width / mergeSize)
        var order: [Int] = []
        var windows: [Range<Int>] = []
        for top in stride(from: 0, to: rows, by: cellsPerSide) {
            for left in stride(from: 0, to: columns, by: cellsPerSide) {
                let start = order.count
                for row in top..<min(top + cellsPerSide, rows) {
                    for column in left..<min(left + cellsPerSide, columns) {
                        order.append(row * columns + column)
                    }
                }
                let area = mergeSize * mergeSize
                windows.append(start * area..<order.count * area)
            }
        }
        cellOrder = order
        self.windows = windows
        whole = 0..<rows * columns * mergeSize * mergeSize
    }
}
