import VLMRuntime

/// Compares the short rows of a metric: each part of a reference with its best cell.
struct LookComparison: ReferenceComparison {
    private let metric: LookMetric
    private var index: RowIndex
    private var concepts: [Int] = []
    private var looks: [ReferenceLook] = []
    /// For each reference how alike the most alike other concept of the library is.
    private var impostors: [Double] = []

    /// Most references that are taken for pictures to find impostors.
    private static let mostSearches = 256
    /// The most alike concepts, which may be what is seen in another one's place.
    private static let mostRivals = 24

    init(_ references: [(concept: Int, look: ReferenceLook)], metric: LookMetric) {
        self.metric = metric
        index = RowIndex(columns: metric.width)
        index.reserve(references.count * metric.parts)
        for reference in references {
            index.append(reference.look.parts)
            concepts.append(reference.concept)
            looks.append(reference.look)
        }
        impostors = highestImpostors()
    }

    var count: Int { looks.count }

    private func scores(_ cells: Matrix) -> [Double] {
        let best = index.bestMatches(cells)
        return looks.indices.map { place in
            var sum: Float = 0
            for part in place * metric.parts..<(place + 1) * metric.parts { sum += best[part] }
            return Double(sum / Float(metric.parts))
        }
    }

    func matches(_ picture: PictureRows, limit: Int) -> [ConceptMatch] {
        let cells = metric.query(picture)
        let scores = scores(cells)
        let (ranked, median) = ConceptRanking.rank(scores, concepts)
        var grid = RowIndex(columns: cells.columns)
        grid.append(cells)
        func map(_ place: Int) -> PlaceMap {
            PlaceMap(looks[place].parts, grid, columns: picture.width)
        }
        let rivals = ranked.prefix(Self.mostRivals).map { (place: $0, map: map($0)) }
        return ranked.prefix(limit).map { place in
            let own = rivals.first { $0.place == place }?.map ?? map(place)
            return ConceptMatch(
                concept: concepts[place], similarity: scores[place],
                box: picture.box(ofWarmCells: own.sums),
                evidence: LookEvidence(
                    similarity: scores[place], lead: scores[place] - median,
                    margin: scores[place] - impostors[place],
                    rivalry: own.lead(over: rivals.lazy.filter { $0.place != place }.map(\.map))))
        }
    }

    /// References take the place of pictures, and whoever of another concept they are most alike
    /// to learns what similarity means nothing.
    private func highestImpostors() -> [Double] {
        var highest = [Double](repeating: 0, count: count)
        for number in stride(from: 0, to: count, by: max(1, count / Self.mostSearches)) {
            let scores = scores(looks[number].cells)
            for place in scores.indices where concepts[place] != concepts[number] {
                highest[place] = max(highest[place], scores[place])
            }
        }
        return highest
    }
}
