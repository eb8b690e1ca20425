/// How long the search for a picture in a library takes, whatever the pictures show.
///
/// Rows are random: every reference is compared with every cell in any case.
public struct SearchBenchmark: Sendable {
    /// References in the library.
    public var images: Int
    /// Rows of a reference.
    public var parts: Int
    /// Values of a row.
    public var width: Int
    /// Cells of the picture searched.
    public var cells: Int
    /// Searches; the median counts.
    public var repeats: Int

    /// Takes the sizes of the work, all positive.
    public init(images: Int, parts: Int, width: Int, cells: Int = 64, repeats: Int = 5) {
        self.images = max(1, images)
        self.parts = max(1, parts)
        self.width = max(1, width)
        self.cells = max(1, cells)
        self.repeats = max(1, repeats)
    }

    /// What was measured.
    public struct Report: Sendable, Codable, Equatable {
        /// References that were compared.
        public var images: Int
        /// Rows of each.
        public var parts: Int
        /// Values of a row.
        public var width: Int
        /// Median for the comparison of one picture with all of them, all cells with all rows.
        public var seconds: Double
        /// Bytes of the rows in memory.
        public var bytes: Int
    }

    /// Fills an index and searches it.
    ///
    /// - Throws: `CancellationError`.
    public func run(cancellation: CancellationFlag? = nil) throws -> Report {
        var random = RandomSource(seed: 11)
        func rows(_ count: Int) -> Matrix {
            let scale = 1 / Float(width).squareRoot()
            return Matrix(
                rows: count, columns: width,
                values: (0..<count * width).map { _ in
                    Float(random.nextUnit() * 2 - 1) * scale * 1.732
                })
        }
        var index = RowIndex(columns: width)
        index.reserve(images * parts)
        // The same thousand again and again: nothing is remembered between them.
        let block = rows(min(images, 1_000) * parts)
        var left = images * parts
        while left > 0 {
            if cancellation?.isCancelled == true { throw CancellationError() }
            index.append(left >= block.rows ? block : block.rows(0..<left))
            left -= min(left, block.rows)
        }
        var seconds: [Double] = []
        for _ in 0..<repeats + 1 {
            if cancellation?.isCancelled == true { throw CancellationError() }
            let query = rows(cells)
            let start = ContinuousClock.now
            let best = index.bestMatches(query)
            var highest = -Float.infinity
            for image in 0..<images {
                var sum: Float = 0
                for part in image * parts..<(image + 1) * parts { sum += best[part] }
                highest = max(highest, sum)
            }
            precondition(highest.isFinite)
            seconds.append((ContinuousClock.now - start).inSeconds)
        }
        // The first one pays for memory that nobody has touched.
        let sorted = seconds.dropFirst().sorted()
        return Report(
            images: images, parts: parts, width: width, seconds: sorted[sorted.count / 2],
            bytes: images * parts * width * 4)
    }
}
