import VLMRuntime

/// Compares the rows of the vision tower as they are, less their mean.
struct RowComparison: ReferenceComparison {
    private let center: [Float]
    private var cells: RowIndex
    private var squares: RowIndex
    private var concepts: [Int] = []
    /// For each reference where its rows begin and end.
    private var entries: [(cells: Range<Int>, squares: Range<Int>)] = []
    private var descriptors: [PictureDescriptor] = []

    init(_ references: [(concept: Int, picture: PictureRows)]) {
        let columns = references.first?.picture.rows.columns ?? 1
        center = Self.center(of: references.map(\.picture.rows), columns: columns)
        cells = RowIndex(columns: columns)
        squares = RowIndex(columns: columns)
        for reference in references {
            let descriptor = PictureDescriptor(reference.picture, center: center)
            let firsts = (cells.count, squares.count)
            cells.append(descriptor.cells.rows)
            squares.append(descriptor.squares.rows)
            entries.append((firsts.0..<cells.count, firsts.1..<squares.count))
            concepts.append(reference.concept)
            descriptors.append(descriptor)
        }
    }

    var count: Int { entries.count }

    private func scores(_ query: PictureDescriptor) -> [Double] {
        let cellScores = cells.bestMatches(query.cells.rows)
        let squareScores = squares.bestMatches(query.squares.rows)
        return entries.map {
            PictureDescriptor.similarity(
                cells: cellScores[$0.cells], squares: squareScores[$0.squares])
        }
    }

    func matches(_ picture: PictureRows, limit: Int) -> [ConceptMatch] {
        let query = PictureDescriptor(picture, center: center)
        let scores = scores(query)
        let (ranked, median) = ConceptRanking.rank(scores, concepts)
        return ranked.prefix(limit).map { place in
            ConceptMatch(
                concept: concepts[place], similarity: scores[place],
                box: query.place(of: descriptors[place]),
                evidence: LookEvidence(
                    similarity: scores[place], lead: scores[place] - median, margin: 0))
        }
    }

    /// How alike references look that do not show the same concept.
    ///
    /// Each of up to 64 references takes the place of a picture, and the most alike reference of
    /// another concept, in general one of its category, is its impostor. The user's own library so
    /// says what similarity means nothing.
    func highestImpostors() -> [Double] {
        stride(from: 0, to: count, by: max(1, count / 64)).compactMap { number in
            let scores = scores(descriptors[number])
            return scores.indices.lazy.filter { concepts[$0] != concepts[number] }
                .map { scores[$0] }.max()
        }
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
