/// A figure of a run, made of what each item contributes.
public enum PersonalFigure: String, Sendable, Codable, CaseIterable {
    case precision, recall, f1, allNamed, exact
    case wronglyNamed, silent, invented
    case copyShare, copyRougeL, copyLongestRun, copyBLEU
    case characters, under100
    case presence, boxHalf, boxOverlap
    case lookRecall4, shortlistRecall, recall4, acceptedPrecision, acceptedRecall, corrected
    case seconds, searchSeconds, checkSeconds

    /// How a figure is to be read.
    public enum Unit: String, Sendable, Codable {
        case percent, number, seconds
    }

    /// What it is called.
    public var title: String {
        switch self {
        case .precision: "precision of names"
        case .recall: "recall of names"
        case .f1: "F1 of names"
        case .allNamed: "all wanted names used"
        case .exact: "exactly the wanted names"
        case .wronglyNamed: "given, not wanted, yet named"
        case .silent: "no name at all"
        case .invented: "captions with an invented name"
        case .copyShare: "info repeated, in order"
        case .copyRougeL: "ROUGE-L against the info"
        case .copyLongestRun: "info repeated word for word"
        case .copyBLEU: "BLEU-4 against the info"
        case .characters: "characters"
        case .under100: "captions under 100 characters"
        case .presence: "yes/no answers right"
        case .boxHalf: "boxes with IoU of 0.5 or more"
        case .boxOverlap: "mean IoU of boxes"
        case .lookRecall4: "found by look, first four"
        case .shortlistRecall: "found by look, shortlist"
        case .recall4: "found after asking, first four"
        case .acceptedPrecision: "precision of accepted concepts"
        case .acceptedRecall: "recall of accepted concepts"
        case .corrected: "captions corrected"
        case .seconds: "seconds per caption"
        case .searchSeconds: "seconds per search"
        case .checkSeconds: "seconds per check"
        }
    }

    /// How it is to be read.
    public var unit: Unit {
        switch self {
        case .characters: .number
        case .seconds, .searchSeconds, .checkSeconds: .seconds
        default: .percent
        }
    }

    /// Whether more is better; `nil` when neither is.
    public var moreIsBetter: Bool? {
        switch self {
        case .precision, .recall, .f1, .allNamed, .exact, .presence, .boxHalf, .boxOverlap,
            .lookRecall4, .shortlistRecall, .recall4, .acceptedPrecision, .acceptedRecall:
            true
        case .wronglyNamed, .invented, .copyShare, .copyRougeL, .copyLongestRun, .copyBLEU,
            .under100, .seconds, .searchSeconds, .checkSeconds:
            false
        case .silent, .characters, .corrected: nil
        }
    }

    /// What an item contributes; `nil` when the figure does not apply to it.
    public func counts(_ record: EvaluationRecord) -> [Double]? {
        guard record.failure == nil else { return nil }
        func share(_ isSo: Bool) -> [Double] { [isSo ? 1 : 0, 1] }
        switch self {
        case .precision, .recall, .f1, .allNamed, .exact:
            guard !record.wanted.isEmpty || self == .exact else { return nil }
            return Self.outcome(record).counts
        case .wronglyNamed:
            let unwanted = record.given.filter { !$0.isWanted }.map(\.name)
            guard !unwanted.isEmpty else { return nil }
            let used = Set(record.wrong.map(NameKey.init))
            return [Double(unwanted.count { used.contains(NameKey($0)) }), Double(unwanted.count)]
        case .silent: return share((record.right + record.wrong + record.invented).isEmpty)
        case .invented: return share(!record.invented.isEmpty)
        case .copyShare: return record.copy.map { [$0.share, 1] }
        case .copyRougeL: return record.copy.map { [$0.rougeL, 1] }
        case .copyLongestRun: return record.copy.map { [$0.longestRun, 1] }
        case .copyBLEU: return record.copy.map { [$0.bleu, 1] }
        case .characters: return [Double(record.caption.unicodeScalars.count), 1]
        case .under100: return share(record.caption.unicodeScalars.count < 100)
        case .presence:
            let forecasts = record.forecasts
            let right = forecasts.count { ($0.probability >= 0.5) == $0.happened }
            return forecasts.isEmpty ? nil : [Double(right), Double(forecasts.count)]
        case .boxHalf:
            let overlaps = record.overlaps
            return overlaps.isEmpty
                ? nil : [Double(overlaps.count { $0 >= 0.5 }), Double(overlaps.count)]
        case .boxOverlap:
            let overlaps = record.overlaps
            return overlaps.isEmpty ? nil : [overlaps.reduce(0, +), Double(overlaps.count)]
        case .lookRecall4: return found(record, \.rightByLook)
        case .shortlistRecall: return found(record, \.rightInShortlist)
        case .recall4: return found(record, \.rightByScore)
        case .acceptedRecall: return found(record, \.rightlyAccepted)
        case .acceptedPrecision:
            guard let retrieval = record.retrieval, retrieval.accepted > 0 else { return nil }
            return [Double(retrieval.rightlyAccepted), Double(retrieval.accepted)]
        case .corrected: return record.evidence == nil ? nil : share(record.original != nil)
        case .seconds: return [record.seconds, 1]
        case .searchSeconds: return record.retrieval.map { [$0.seconds, 1] }
        case .checkSeconds: return record.checkSeconds.map { [$0, 1] }
        }
    }

    /// How many of the wanted concepts a stage of the search found.
    private func found(
        _ record: EvaluationRecord, _ count: KeyPath<RetrievalRecord, Int>
    ) -> [Double]? {
        guard let retrieval = record.retrieval, !record.wanted.isEmpty else { return nil }
        return [Double(retrieval[keyPath: count]), Double(record.wanted.count)]
    }

    /// The figure of summed counts: 0…1, characters or seconds.
    public func value(_ sums: [Double]) -> Double {
        switch self {
        case .precision: NameFigure.precision.value(sums)
        case .recall: NameFigure.recall.value(sums)
        case .f1: NameFigure.f1.value(sums)
        case .allNamed: NameFigure.allNamed.value(sums)
        case .exact: NameFigure.exact.value(sums)
        default: sums[1] > 0 ? sums[0] / sums[1] : 0
        }
    }

    /// The strict outcome of a caption; invented names cost precision as other wrong ones do.
    private static func outcome(_ record: EvaluationRecord) -> NameOutcome {
        NameOutcome(
            right: record.right, missed: record.missed, wrong: record.wrong,
            invented: record.invented,
            judged: record.right.count + record.wrong.count + record.invented.count)
    }
}

extension EvaluationRecord {
    /// Each stated probability of a concept being in the picture, and whether it is.
    public var forecasts: [Forecast] {
        given.compactMap { concept in
            concept.presence.map { Forecast(probability: $0, happened: concept.isWanted) }
        }
    }

    /// How well each box fits; 0 where the model gave none.
    public var overlaps: [Double] {
        guard askedBoxes else { return [] }
        return given.compactMap { concept in
            concept.box.map { BoxAnswer.overlap($0, concept.foundBox ?? []) }
        }
    }
}
