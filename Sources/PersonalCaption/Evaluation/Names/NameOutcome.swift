/// How names are looked for in captions.
public enum NameRule: String, Sendable, Codable, CaseIterable {
    /// The rule of RePIC's published scripts, token by token.
    case compat
    /// Word sequences, as sets: several words, possessives and any case count, and so do names that
    /// should not be there.
    case strict
}

/// What one caption contributes to a name score.
public struct NameOutcome: Sendable, Codable, Equatable {
    /// Wanted names the caption uses.
    public var right: [String]
    /// Wanted names it does not use.
    public var missed: [String]
    /// Names of the pool it uses although they are not wanted.
    public var wrong: [String]
    /// Names it writes between brackets that nobody has; not part of precision.
    public var invented: [String]
    /// What precision divides by: by the strict rule all names used, by the published one the
    /// wanted names that were used and, when a wrong one was used, those that were missed.
    public var judged: Int

    /// Names every part.
    public init(
        right: [String], missed: [String], wrong: [String], invented: [String] = [], judged: Int
    ) {
        self.right = right
        self.missed = missed
        self.wrong = wrong
        self.invented = invented
        self.judged = judged
    }

    /// Number of names wanted.
    public var wanted: Int { right.count + missed.count }
    /// Whether all wanted names are used, whatever else is.
    public var isComplete: Bool { missed.isEmpty }
    /// Whether exactly the wanted names are used.
    public var isExact: Bool { missed.isEmpty && wrong.isEmpty && invented.isEmpty }

    /// The counts that totals, resamples and comparisons add up: hits, judged, wanted, complete,
    /// exact, records.
    public var counts: [Double] {
        [
            Double(right.count), Double(judged), Double(wanted), isComplete ? 1 : 0,
            isExact ? 1 : 0, 1,
        ]
    }
}

/// A figure of a name score.
public enum NameFigure: String, Sendable, Codable, CaseIterable {
    case precision, recall, f1, allNamed, exact

    /// The figure of summed `NameOutcome.counts`, 0…1.
    ///
    /// Precision with no name used, or recall with none wanted, is 1 when there was nothing to do
    /// and 0 when there was.
    public func value(_ sums: [Double]) -> Double {
        let (hits, judged, wanted, records) = (sums[0], sums[1], sums[2], sums[5])
        switch self {
        case .precision: return judged > 0 ? hits / judged : (wanted > 0 ? 0 : 1)
        case .recall: return wanted > 0 ? hits / wanted : (judged > 0 ? 0 : 1)
        case .f1:
            let precision = Self.precision.value(sums)
            let recall = Self.recall.value(sums)
            let sum = precision + recall
            return sum > 0 ? 2 * precision * recall / sum : 0
        case .allNamed: return records > 0 ? sums[3] / records : 0
        case .exact: return records > 0 ? sums[4] / records : 0
        }
    }
}

/// The totals of a name score: micro-averaged, every name weighs the same.
public struct NameScore: Sendable, Equatable {
    /// Sums of `NameOutcome.counts`.
    public let sums: [Double]
    /// Names between brackets that nobody has.
    public let invented: Int

    /// Adds the outcomes up.
    public init(_ outcomes: [NameOutcome]) {
        sums = outcomes.reduce(into: [0, 0, 0, 0, 0, 0]) { sums, outcome in
            for (index, count) in outcome.counts.enumerated() { sums[index] += count }
        }
        invented = outcomes.reduce(0) { $0 + $1.invented.count }
    }

    /// Number of captions.
    public var records: Int { Int(sums[5]) }
    /// Wanted names that were used.
    public var hits: Int { Int(sums[0]) }
    /// What precision divides by.
    public var judged: Int { Int(sums[1]) }
    /// What recall divides by.
    public var wanted: Int { Int(sums[2]) }
    /// Captions that use all wanted names.
    public var complete: Int { Int(sums[3]) }
    /// Captions that use exactly the wanted names.
    public var exact: Int { Int(sums[4]) }

    /// A figure, 0…1.
    public func value(_ figure: NameFigure) -> Double { figure.value(sums) }
}
