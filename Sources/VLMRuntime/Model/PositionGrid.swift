/// Learned positions on a square grid, stretched over the patches of a picture (Qwen3-VL).
///
/// The grid's corners lie on the picture's corner patches; between its points they are interpolated
/// bilinearly. Source: Transformers `get_vision_interpolation_indices_and_weights` with
/// `align_corners`; MODEL.md, "Vision tower".
struct PositionGrid: Sendable {
    /// `[side², features]`, row by row of the grid.
    let table: Tensor
    let side: Int

    /// - Returns: a row for each patch, in merge-block order.
    func callAsFunction(_ grid: PatchGrid, mergeSize: Int) -> Matrix {
        let down = (0..<grid.height).map { Self.place(of: $0, among: grid.height, side: side) }
        let across = (0..<grid.width).map { Self.place(of: $0, among: grid.width, side: side) }
        let order = MergeBlockOrder(grid, mergeSize: mergeSize)
        let width = table.count / (side * side)
        var result = Matrix(rows: grid.patchCount, columns: width)
        let target = result.mutable
        table.floats().withUnsafeBufferPointer { values in
            for patch in 0..<grid.patchCount {
                let (row, column) = order.patch(at: patch)
                let sum = target + patch * width
                for (y, high) in down[row].taps(side) {
                    for (x, wide) in across[column].taps(side) {
                        let (first, weight) = ((y * side + x) * width, high * wide)
                        for feature in 0..<width {
                            sum[feature] += weight * values[first + feature]
                        }
                    }
                }
            }
        }
        return result
    }

    /// Where a patch lies on one axis of the grid.
    struct Place {
        /// The grid point before it.
        let point: Int
        /// How far it lies towards the next point, 0..<1.
        let share: Float

        /// Both points and their weights; behind the last there is none, and it has no weight.
        func taps(_ side: Int) -> [(point: Int, weight: Float)] {
            [(point, 1 - share), (min(point + 1, side - 1), share)]
        }
    }

    /// - Parameters:
    ///   - index: row or column of a patch.
    ///   - count: of the picture's patches along the axis.
    static func place(of index: Int, among count: Int, side: Int) -> Place {
        let coordinate = Float(index) * Float(side - 1) / Float(max(count - 1, 1))
        let point = coordinate.rounded(.down)
        return Place(point: Int(point), share: coordinate - point)
    }
}
