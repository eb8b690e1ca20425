public import VLMRuntime

/// A concept that a picture may show, by the look of its references alone.
public struct ConceptMatch: Sendable, Equatable {
    /// Its place in the index.
    public var concept: Int
    /// How alike its best reference and a part of the picture are, -1…1.
    public var similarity: Double
    /// Where that part is, `[x1, y1, x2, y2]` in pixels.
    public var box: [Int]
    /// What the similarity is worth in this library and this picture.
    var evidence: LookEvidence
}

/// A similarity among those it has to be told from.
struct LookEvidence: Sendable, Equatable {
    var similarity: Double
    /// How much more alike than the library's median concept.
    var lead: Double
    /// How much more alike than the most alike other concept of the library is to the reference.
    var margin: Double
    /// How much more alike than any other likely concept at the same place of the picture.
    var rivalry = 0.0
}

/// The references of a library, ready to be found in pictures.
///
/// Every reference is compared with every query: nothing is approximate. With a `LookMetric` of the
/// model its short rows are compared, else the rows of the vision tower.
public struct ConceptIndex: Sendable {
    private let comparison: any ReferenceComparison
    /// Says what similarities are worth.
    let rule: LookRule

    /// References as the vision tower sees them, in any order.
    ///
    /// - Parameter references: places of concepts and their pictures, all of one model; a concept
    ///   may have several.
    /// - Precondition: all rows have the same width.
    public init(_ references: [(concept: Int, picture: PictureRows)]) {
        let rows = RowComparison(references)
        comparison = rows
        rule = .level(ImpostorLevel(rows.highestImpostors()))
    }

    /// References as a metric sees them, in any order.
    ///
    /// - Precondition: all looks are of this metric.
    public init(_ references: [(concept: Int, look: ReferenceLook)], metric: LookMetric) {
        comparison = LookComparison(references, metric: metric)
        rule = .fitted(LookCalibration(metric.calibration) ?? .none)
    }

    /// References as the vision tower sees them, compared by a metric if there is one for them.
    init(_ references: [(concept: Int, picture: PictureRows)], by metric: LookMetric?) {
        guard let metric, references.allSatisfy({ $0.picture.rows.columns == metric.features })
        else {
            self.init(references)
            return
        }
        self.init(
            references.map { ($0.concept, ReferenceLook($0.picture, by: metric)) },
            metric: metric)
    }

    /// Number of references.
    public var count: Int { comparison.count }

    /// The concepts most likely to be in a picture, best first.
    ///
    /// - Parameters:
    ///   - picture: of the same model.
    ///   - limit: at most so many.
    public func matches(_ picture: PictureRows, limit: Int) -> [ConceptMatch] {
        guard comparison.count > 0, limit > 0 else { return [] }
        return comparison.matches(picture, limit: limit)
    }
}

/// A way to compare references with a picture.
protocol ReferenceComparison: Sendable {
    /// Number of references.
    var count: Int { get }
    /// The concepts most alike, best first; there is at least one reference.
    func matches(_ picture: PictureRows, limit: Int) -> [ConceptMatch]
}

/// Picks the best reference of each concept, and the best concepts.
enum ConceptRanking {
    /// - Parameters:
    ///   - scores: one for each reference.
    ///   - concepts: whose reference it is.
    /// - Returns: places of references, best first, one for each concept, and the median of all
    ///   concepts' scores.
    static func rank(
        _ scores: [Double], _ concepts: [Int]
    ) -> (best: [Int], median: Double) {
        var best: [Int: Int] = [:]
        for (place, concept) in concepts.enumerated() {
            if let old = best[concept], scores[old] >= scores[place] { continue }
            best[concept] = place
        }
        let ranked = best.values.sorted {
            (scores[$0], concepts[$1]) > (scores[$1], concepts[$0])
        }
        guard !ranked.isEmpty else { return ([], 0) }
        return (ranked, scores[ranked[ranked.count / 2]])
    }
}
