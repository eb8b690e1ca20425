public import VLMRuntime

/// A concept that a picture may show, by the look of its references alone.
public struct ConceptMatch: Sendable, Equatable {
    /// Its place in the index.
    public var concept: Int
    /// How alike its best reference and a part of the picture are, -1…1.
    public var similarity: Double
    /// Where that part is, `[x1, y1, x2, y2]` in pixels.
    public var box: [Int]
}

/// The references of a library, ready to be found in pictures.
///
/// Every reference is compared with every query: nothing is approximate.
public struct ConceptIndex: Sendable {
    private let center: [Float]
    private var cells: RowIndex
    private var squares: RowIndex
    /// For each reference its concept and where its rows begin.
    private var entries: [(concept: Int, cells: Range<Int>, squares: Range<Int>)] = []
    private var descriptors: [PictureDescriptor] = []

    /// References, in any order.
    ///
    /// - Parameter references: places of concepts and their pictures, all of one model; a concept
    ///   may have several.
    /// - Precondition: all rows have the same width.
    public init(_ references: [(concept: Int, picture: PictureRows)]) {
        let columns = references.first?.picture.rows.columns ?? 1
        center = Self.center(of: references.map(\.picture.rows), columns: columns)
        cells = RowIndex(columns: columns)
        squares = RowIndex(columns: columns)
        for reference in references {
            let descriptor = PictureDescriptor(reference.picture, center: center)
            let firsts = (cells.count, squares.count)
            cells.append(descriptor.cells.rows)
            squares.append(descriptor.squares.rows)
            entries.append(
                (reference.concept, firsts.0..<cells.count, firsts.1..<squares.count))
            descriptors.append(descriptor)
        }
    }

    /// Number of references.
    public var count: Int { entries.count }

    /// The concepts most likely to be in a picture, best first.
    ///
    /// - Parameters:
    ///   - picture: of the same model.
    ///   - limit: at most so many.
    public func matches(_ picture: PictureRows, limit: Int) -> [ConceptMatch] {
        guard !entries.isEmpty, limit > 0 else { return [] }
        let query = PictureDescriptor(picture, center: center)
        let cellScores = cells.bestMatches(query.cells.rows)
        let squareScores = squares.bestMatches(query.squares.rows)
        var best: [Int: (similarity: Double, entry: Int)] = [:]
        for (number, entry) in entries.enumerated() {
            let similarity = PictureDescriptor.similarity(
                cells: cellScores[entry.cells], squares: squareScores[entry.squares])
            if similarity > best[entry.concept]?.similarity ?? -.infinity {
                best[entry.concept] = (similarity, number)
            }
        }
        let ranked = best.sorted {
            ($0.value.similarity, $1.key) > ($1.value.similarity, $0.key)
        }
        return ranked.prefix(limit).map { concept, found in
            ConceptMatch(
                concept: concept, similarity: found.similarity,
                box: query.place(of: descriptors[found.entry]))
        }
    }

    /// How alike references look that do not show the same concept.
    ///
    /// Each of up to 64 references takes the place of a picture, and the most alike reference of
    /// another concept, in general one of its category, is its impostor. The user's own library so
    /// says what similarity means nothing.
    func impostors() -> ImpostorLevel {
        let step = max(1, entries.count / 64)
        var highest: [Double] = []
        for number in stride(from: 0, to: entries.count, by: step) {
            let query = descriptors[number]
            let cellScores = cells.bestMatches(query.cells.rows)
            let squareScores = squares.bestMatches(query.squares.rows)
            let others = entries.lazy.filter { $0.concept != entries[number].concept }
            let found = others.map {
                PictureDescriptor.similarity(
                    cells: cellScores[$0.cells], squares: squareScores[$0.squares])
            }
            if let best = found.max() { highest.append(best) }
        }
        return ImpostorLevel(highest)
    }

    /// The mean row; zero for so few pictures that it would be one of them.
    private static func center(of rows: [Matrix], columns: Int) -> [Float] {
        var sums = [Double](repeating: 0, count: columns)
        guard rows.count >= 4 else { return sums.map(Float.init) }
        var count = 0
        for matrix in rows.prefix(1_000) {
            let values = matrix.values
            for start in stride(from: 0, to: values.count, by: columns) {
                for feature in 0..<columns { sums[feature] += Double(values[start + feature]) }
            }
            count += matrix.rows
        }
        return sums.map { Float($0 / Double(max(count, 1))) }
    }
}
