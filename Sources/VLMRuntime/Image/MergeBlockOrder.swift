/// The order of patches in the vision tower: square blocks row by row, then patches in a block.
///
/// Each block becomes one language-model token, so its patches must be neighbours in memory.
struct MergeBlockOrder {
    private let blocksPerRow: Int
    private let mergeSize: Int

    /// - Precondition: both sides of the grid are multiples of `mergeSize`.
    init(_ grid: PatchGrid, mergeSize: Int) {
        precondition(
            grid.width % mergeSize == 0 && grid.height % mergeSize == 0,
            "\(grid) is not made of \(mergeSize)×\(mergeSize) blocks")
        blocksPerRow = grid.width / mergeSize
        self.mergeSize = mergeSize
    }

    /// Row and column, in patches, of the patch at a place in the order.
    func patch(at index: Int) -> (row: Int, column: Int) {
        let (block, inside) = index.quotientAndRemainder(dividingBy: mergeSize * mergeSize)
        return (
            block / blocksPerRow * mergeSize + inside / mergeSize,
            block % blocksPerRow * mergeSize + inside % mergeSize
        )
    }
}
