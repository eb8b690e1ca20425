import VLMRuntime

/// How alike each part of a reference and each cell of a picture are.
struct PlaceMap {
    /// One list of cells for each part.
    private let parts: [[Float]]
    /// Summed over the parts, one value for each cell.
    let sums: [Float]
    /// The cells around the best one.
    let window: [Int]

    /// - Parameters:
    ///   - parts: rows of the reference.
    ///   - cells: rows of the picture.
    ///   - columns: cells from left to right.
    init(_ parts: Matrix, _ cells: RowIndex, columns: Int) {
        self.parts = (0..<parts.rows).map { cells.bestMatches(parts.rows($0..<$0 + 1)) }
        var sums = [Float](repeating: 0, count: self.parts.first?.count ?? 0)
        for part in self.parts {
            for cell in sums.indices { sums[cell] += part[cell] }
        }
        self.sums = sums
        let best = sums.indices.max { sums[$0] < sums[$1] } ?? 0
        let (row, column) = (best / columns, best % columns)
        var window: [Int] = []
        for y in max(0, row - 1)...min(sums.count / columns - 1, row + 1) {
            for x in max(0, column - 1)...min(columns - 1, column + 1) {
                window.append(y * columns + x)
            }
        }
        self.window = window
    }

    /// How much more alike the reference is to its own place than any other one; 0 without others.
    func lead(over others: some Sequence<PlaceMap>) -> Double {
        let best = others.lazy.map { $0.similarity(in: window) }.max()
        return best.map { similarity(in: window) - $0 } ?? 0
    }

    /// How alike reference and picture are there: the mean over the parts of the best cell.
    private func similarity(in window: [Int]) -> Double {
        var sum: Float = 0
        for part in parts { sum += window.reduce(-1) { max($0, part[$1]) } }
        return Double(sum / Float(max(1, parts.count)))
    }
}
