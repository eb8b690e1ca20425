/// What one caption gets right and wrong against the truth of its picture.
public struct SceneScore: Sendable, Codable, Equatable {
    /// Names of concepts in the picture that the caption uses.
    public var right: [String]
    /// Names of concepts in the picture that it does not use.
    public var missed: [String]
    /// Names it uses of concepts that are not in the picture, and invented ones.
    public var wrong: [String]

    /// Names every part.
    public init(right: [String], missed: [String], wrong: [String]) {
        self.right = right
        self.missed = missed
        self.wrong = wrong
    }

    /// Compares the names a caption uses with those of the concepts in view.
    ///
    /// - Parameters:
    ///   - report: the names found in the caption.
    ///   - truth: names of the concepts in the picture, supplied to the model or not.
    public init(report: NameReport, truth: [String]) {
        let used = report.named + report.wrong
        let usedKeys = Set(used.map(NameKey.init))
        let trueKeys = Set(truth.map(NameKey.init))
        right = truth.filter { usedKeys.contains(NameKey($0)) }
        missed = truth.filter { !usedKeys.contains(NameKey($0)) }
        wrong = used.filter { !trueKeys.contains(NameKey($0)) }
    }

    /// Whether the caption uses exactly the names in the picture.
    public var isExact: Bool { missed.isEmpty && wrong.isEmpty }
}

/// Totals over pictures: strict, set-based, micro-averaged (every name weighs the same).
public struct DemoScore: Sendable, Codable, Equatable {
    /// Number of pictures.
    public private(set) var scenes = 0
    /// Number of pictures whose set of names is exact.
    public private(set) var exact = 0
    /// Number of pictures whose concepts are all named, whatever else is.
    public private(set) var complete = 0
    /// Names in view that were used.
    public private(set) var right = 0
    /// Names in view that were not used.
    public private(set) var missed = 0
    /// Names used that are not in view.
    public private(set) var wrong = 0

    /// No pictures yet.
    public init() {}

    /// The totals of these pictures.
    public init(_ scores: some Sequence<SceneScore>) {
        for score in scores { add(score) }
    }

    /// Counts one more picture.
    public mutating func add(_ score: SceneScore) {
        scenes += 1
        exact += score.isExact ? 1 : 0
        complete += score.missed.isEmpty ? 1 : 0
        right += score.right.count
        missed += score.missed.count
        wrong += score.wrong.count
    }

    /// Share of the names used that are right, 0…1; 1 when none is used, as nothing is wrong.
    public var precision: Double { Self.share(right, of: right + wrong) }

    /// Share of the names in view that are used, 0…1; 1 when none is in view.
    public var recall: Double { Self.share(right, of: right + missed) }

    /// Harmonic mean of precision and recall, 0…1.
    public var f1: Double { Self.share(2 * right, of: 2 * right + wrong + missed) }

    private static func share(_ part: Int, of whole: Int) -> Double {
        whole == 0 ? 1 : Double(part) / Double(whole)
    }
}
