/// A result file scored by one rule.
public struct NameEvaluation: Sendable, Equatable {
    /// The rule.
    public let rule: NameRule
    /// Whether the published rule compared upper and lower case; never by the strict one.
    public let isCaseSensitive: Bool
    /// One per row, in order.
    public let outcomes: [NameOutcome]
    /// The totals.
    public let score: NameScore
    /// Tags with white space, which the published rule can never find, and how many rows want them.
    public let unreachable: (tags: Int, uses: Int)
    /// Characters of each caption.
    public let lengths: [Int]

    /// Scores rows; the pool of names is made of all their tags.
    public init(_ rows: [ResultRow], rule: NameRule, isCaseSensitive: Bool = false) {
        self.rule = rule
        self.isCaseSensitive = rule == .compat && isCaseSensitive
        let tags = rows.flatMap(\.tags)
        switch rule {
        case .compat:
            let scorer = CompatNameScorer(tags: tags, isCaseSensitive: isCaseSensitive)
            outcomes = rows.map { scorer.outcome(caption: $0.caption, tags: $0.tags) }
            let lost = tags.filter(CompatNameScorer.isUnreachable)
            unreachable = (Set(lost).count, lost.count)
        case .strict:
            let scorer = StrictNameScorer(tags: tags)
            outcomes = rows.map { scorer.outcome(caption: $0.caption, tags: $0.tags) }
            unreachable = (0, 0)
        }
        score = NameScore(outcomes)
        lengths = rows.map(\.caption.unicodeScalars.count)
    }

    /// How sure a figure is, by resampling rows.
    ///
    /// Shares of rows have Wilson's interval, and so have the other figures where all resamples are
    /// alike, since resampling knows no spread there.
    public func interval(_ figure: NameFigure, _ bootstrap: Bootstrap = Bootstrap())
        -> ConfidenceInterval?
    {
        switch figure {
        case .allNamed: return .ofShare(score.complete, of: score.records)
        case .exact: return .ofShare(score.exact, of: score.records)
        case .precision, .recall, .f1: break
        }
        let drawn = bootstrap.interval(of: outcomes.map(\.counts), statistic: figure.value)
        guard let drawn, drawn.low == drawn.high else { return drawn }
        let trials =
            switch figure {
            case .precision: score.judged
            case .recall: score.wanted
            default: max(score.judged, score.wanted)
            }
        return .ofShare(score.hits, of: trials)
    }

    /// Compares everything but the two counts, which follow from the rest.
    public static func == (a: NameEvaluation, b: NameEvaluation) -> Bool {
        a.rule == b.rule && a.isCaseSensitive == b.isCaseSensitive && a.outcomes == b.outcomes
    }
}
