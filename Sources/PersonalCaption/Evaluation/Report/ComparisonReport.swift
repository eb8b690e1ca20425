public import Foundation

/// The report of two runs over the same pictures.
public struct ComparisonReport {
    private let comparison: PersonalComparison
    private let names: (first: String, second: String)
    private let records: (first: [EvaluationRecord], second: [EvaluationRecord])
    private let pictures: (first: ReportPictures, second: ReportPictures)
    private static let mostShown = 60

    /// Prepares a report.
    ///
    /// - Parameters:
    ///   - comparison: the figures of both.
    ///   - names: what the runs are called.
    ///   - records: the captions of both.
    ///   - folders: the runs' folders, from which small pictures are taken.
    public init(
        _ comparison: PersonalComparison, names: (first: String, second: String),
        records: (first: [EvaluationRecord], second: [EvaluationRecord]),
        folders: (first: URL, second: URL)
    ) {
        self.comparison = comparison
        self.names = names
        self.records = records
        pictures = (ReportPictures(folder: folders.first), ReportPictures(folder: folders.second))
    }

    /// The page.
    public func html() -> String {
        ReportPage.page(
            title: "\(names.first) and \(names.second)",
            """
            <h1>\(names.first) and \(names.second)</h1>
            <p class="soft">\(comparison.items) pictures that both runs have\
            \(comparison.unpaired > 0 ? "; \(comparison.unpaired) that only one has are left out" : "").\
            </p><h2>Figures</h2>\(figures)<h2>Where they differ</h2>\(items)
            """)
    }

    private var figures: HTML {
        let rows = comparison.rows.map { row -> HTML in
            let (figure, result) = (row.figure, row.result)
            let interval = result.interval.map {
                "\(FigureText.value($0.low, figure.unit)) – \(FigureText.value($0.high, figure.unit))"
            }
            let isSure = result.permutationP < 0.05
            let gains = figure.moreIsBetter.map { ($0 ? 1.0 : -1) * result.difference > 0 }
            let kind =
                isSure && result.difference != 0 ? gains.map { $0 ? "good" : "bad" } ?? "" : ""
            let sign = result.difference > 0 ? "+" : ""
            return """
                <tr><td>\(figure.title)</td>\
                <td class="n">\(FigureText.value(result.first, figure.unit))</td>\
                <td class="n">\(FigureText.value(result.second, figure.unit))</td>\
                <td class="n"><b class="\(kind)">\(sign)\(FigureText.value(result.difference, figure.unit))</b></td>\
                <td class="n soft">\(interval ?? "")</td>\
                <td class="n">\(FigureText.chance(result.permutationP))</td>\
                <td class="n soft">\(result.sign.better) : \(result.sign.worse), \
                \(FigureText.chance(result.sign.p))</td></tr>

                """
        }
        return """
            <div class="wide"><table><tr><th>figure</th><th>\(names.first)</th>\
            <th>\(names.second)</th><th>difference</th><th>95 % interval</th><th>p</th>\
            <th>higher : lower, p</th></tr>
            \(rows)</table></div>
            <p class="soft">Intervals: paired bootstrap. p: permutation test, the chance of a \
            difference this large if it did not matter which run a caption came from. Last column: \
            pictures on which the second run's figure is higher or lower, and the sign test.</p>
            """
    }

    private var items: HTML {
        let others = Dictionary(records.second.map { ($0.key, $0) }) { _, last in last }
        let pairs = records.first.compactMap { first -> (EvaluationRecord, EvaluationRecord)? in
            guard let second = others[first.key], first.failure == nil, second.failure == nil,
                Set(first.right) != Set(second.right) || Set(first.wrong) != Set(second.wrong)
                    || first.invented.isEmpty != second.invented.isEmpty
            else { return nil }
            return (first, second)
        }
        guard !pairs.isEmpty else { return "<p>In no picture do they name others.</p>" }
        let shown = pairs.prefix(Self.mostShown).map { first, second -> HTML in
            """
            <div><p class="soft">\(names.first)</p>\(ReportItem(first, pictures.first).html)</div>
            <div><p class="soft">\(names.second)</p>\(ReportItem(second, pictures.second).html)</div>

            """
        }
        return """
            <p class="soft">\(pairs.count) pictures\
            \(pairs.count > Self.mostShown ? "; the first \(Self.mostShown) are shown" : "").</p>
            <div class="items">\(shown)</div>
            """
    }
}
