/// A figure with its confidence.
public struct MeasuredFigure: Sendable, Codable, Equatable {
    /// In percent, characters or seconds, by its unit.
    public var value: Double
    /// 95 % interval in the same unit; `nil` when nothing is known of it.
    public var interval: ConfidenceInterval?
    /// Number of items it rests on.
    public var items: Int
    /// How it is to be read.
    public var unit: PersonalFigure.Unit
}

/// The totals of a run.
public struct PersonalSummary: Sendable, Codable, Equatable {
    /// What was run.
    public var manifest: PersonalManifest
    /// Items that have a caption.
    public var captions: Int
    /// Items that failed, and why.
    public var failures: [FormatProblem]
    /// Whether every item of the plan was tried.
    public var isComplete: Bool
    /// Every figure that applies, by name.
    public var figures: [String: MeasuredFigure]
    /// Precision, recall and F1 by the published rule, lower case, in percent.
    public var compat: [String: Double]
    /// How varied the captions are.
    public var diversity: TextDiversity?
    /// How far yes/no probabilities can be believed; `nil` unless they were asked for.
    public var calibration: Calibration?

    /// Adds up records.
    ///
    /// - Parameters:
    ///   - records: those of one run, each key once.
    ///   - bootstrap: how confidence is found.
    public init(
        _ manifest: PersonalManifest, _ records: [EvaluationRecord],
        bootstrap: Bootstrap = Bootstrap()
    ) {
        self.manifest = manifest
        let good = records.filter { $0.failure == nil }
        captions = good.count
        failures = records.compactMap { record in
            record.failure.map { FormatProblem(item: record.key, reason: $0) }
        }
        isComplete = records.count >= manifest.items
        var figures: [String: MeasuredFigure] = [:]
        for figure in PersonalFigure.allCases {
            figures[figure.rawValue] = Self.measure(figure, good, bootstrap)
        }
        self.figures = figures
        let compat = NameScore(
            NameEvaluation(good.map(\.resultRow), rule: .compat).outcomes)
        self.compat = Dictionary(
            uniqueKeysWithValues: [NameFigure.precision, .recall, .f1].map {
                ($0.rawValue, compat.value($0) * 100)
            })
        diversity = TextDiversity(good.map(\.caption))
        calibration = Calibration(good.flatMap(\.forecasts))
    }

    /// A figure over records; `nil` when it applies to none.
    static func measure(
        _ figure: PersonalFigure, _ records: [EvaluationRecord], _ bootstrap: Bootstrap
    ) -> MeasuredFigure? {
        let counts = records.compactMap(figure.counts)
        guard let first = counts.first else { return nil }
        var sums = [Double](repeating: 0, count: first.count)
        for item in counts {
            for index in sums.indices { sums[index] += item[index] }
        }
        let scale = figure.unit == .percent ? 100.0 : 1
        let interval = interval(figure, counts, sums, bootstrap).map {
            ConfidenceInterval(low: $0.low * scale, high: $0.high * scale)
        }
        return MeasuredFigure(
            value: figure.value(sums) * scale, interval: interval, items: counts.count,
            unit: figure.unit)
    }

    /// By resampling; shares of items at either end, where resampling knows no spread, by Wilson.
    private static func interval(
        _ figure: PersonalFigure, _ counts: [[Double]], _ sums: [Double], _ bootstrap: Bootstrap
    ) -> ConfidenceInterval? {
        let drawn = bootstrap.interval(of: counts, statistic: figure.value)
        guard figure.unit == .percent, let drawn, drawn.low == drawn.high,
            drawn.low == 0 || drawn.low == 1
        else { return drawn }
        switch figure {
        case .precision: return .ofShare(Int(sums[0]), of: Int(sums[1]))
        case .recall: return .ofShare(Int(sums[0]), of: Int(sums[2]))
        case .f1: return .ofShare(Int(sums[0]), of: Int(max(sums[1], sums[2])))
        case .allNamed: return .ofShare(Int(sums[3]), of: Int(sums[5]))
        case .exact: return .ofShare(Int(sums[4]), of: Int(sums[5]))
        case .wronglyNamed, .silent, .invented, .under100, .presence, .boxHalf,
            .lookRecall4, .shortlistRecall, .recall4, .acceptedPrecision, .acceptedRecall,
            .corrected:
            return .ofShare(Int(sums[0]), of: Int(sums[1]))
        default: return drawn
        }
    }
}

/// Two runs over the same pictures.
public struct PersonalComparison: Sendable, Codable, Equatable {
    /// One figure of both.
    public struct Row: Sendable, Codable, Equatable {
        /// The figure.
        public var figure: PersonalFigure
        /// Both values, their difference and what chance may have to do with it; in percent,
        /// characters or seconds.
        public var result: PairedComparison
    }

    /// Items both runs have.
    public var items: Int
    /// Items only one of them has.
    public var unpaired: Int
    /// Figures that apply to both.
    public var rows: [Row]

    /// Compares runs item by item.
    ///
    /// - Returns: `nil` when they have no item in common.
    public init?(
        _ first: [EvaluationRecord], _ second: [EvaluationRecord], test: PairedTest = PairedTest()
    ) {
        let others = Dictionary(second.map { ($0.key, $0) }) { _, last in last }
        var pairs: [(one: EvaluationRecord, two: EvaluationRecord)] = []
        for one in first where one.failure == nil {
            guard let two = others[one.key], two.failure == nil, one.wanted == two.wanted else {
                continue
            }
            pairs.append((one, two))
        }
        guard !pairs.isEmpty else { return nil }
        items = pairs.count
        unpaired = first.count + second.count - 2 * pairs.count
        var rows: [Row] = []
        for figure in PersonalFigure.allCases {
            var (ones, twos): ([[Double]], [[Double]]) = ([], [])
            for (one, two) in pairs {
                guard let a = figure.counts(one), let b = figure.counts(two) else { continue }
                ones.append(a)
                twos.append(b)
            }
            guard !ones.isEmpty else { continue }
            let scale = figure.unit == .percent ? 100.0 : 1
            let result = test.compare(ones, twos) { figure.value($0) * scale }
            rows.append(Row(figure: figure, result: result))
        }
        self.rows = rows
    }
}
