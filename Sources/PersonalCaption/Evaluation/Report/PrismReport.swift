public import Foundation

/// The report of a run of `eval prism`.
public struct PrismReport {
    private let summary: PrismSummary
    private let records: [PrismRecord]
    private let pictures: ReportPictures
    private static let mostShown = 100

    /// Prepares a report.
    ///
    /// - Parameters:
    ///   - summary: the totals.
    ///   - records: the pictures with captions and answers.
    ///   - folder: the run's folder, from which small pictures are taken.
    public init(_ summary: PrismSummary, _ records: [PrismRecord], folder: URL) {
        self.summary = summary
        self.records = records
        pictures = ReportPictures(folder: folder)
    }

    /// The page.
    public func html() -> String {
        let manifest = summary.manifest
        let shown = records.filter { $0.failure == nil }.prefix(Self.mostShown).map(item)
        let failures = (summary.failures + manifest.problems).prefix(200).map { problem -> HTML in
            "<li>\(problem.item): \(problem.reason)</li>\n"
        }
        let troubles: HTML =
            failures.isEmpty ? "" : "<h2>Failed or left out</h2><ul>\(failures)</ul>"
        return ReportPage.page(
            title: "\(manifest.set): questions answered from captions",
            """
            <h1>What can be known from the captions? \(manifest.set)</h1>
            <p class="soft">\(manifest.model) wrote \(manifest.captions) captions for each of \
            \(summary.pictures) pictures; \(manifest.reader) answered \(summary.questions) \
            questions from the captions alone, each \(manifest.shuffles) times with the options in \
            another order. Source: \(manifest.source).</p>
            <h2>Figures</h2>\(figures)\(troubles)
            <h2>Pictures</h2><div class="items">\(shown)</div>
            """)
    }

    /// The figures alone, as a part of another page.
    var scores: HTML {
        let manifest = summary.manifest
        return """
            <section><h2>Evaluation: \(manifest.set), questions answered from captions</h2>\
            <p class="soft">\(manifest.model); \(summary.pictures) pictures, \
            \(summary.questions) questions.</p>\(figures)</section>

            """
    }

    private var figures: HTML {
        let rows: [(String, PrismSummary.Figure)] = [
            ("mean of right answers", summary.mean),
            ("best caption of each question", summary.bestOfAll),
            ("declined", summary.declined), ("right without a caption", summary.blind),
            ("by chance", .init(value: summary.chance, interval: nil)),
        ]
        let groups = summary.categories.sorted { $0.key < $1.key }.map { name, group in
            ("\(name) (\(group.questions))", PrismSummary.Figure(value: group.mean, interval: nil))
        }
        let lines = (rows + groups).map { title, figure -> HTML in
            let measured = MeasuredFigure(
                value: figure.value, interval: figure.interval, items: summary.pictures,
                unit: .percent)
            let interval = figure.interval.map {
                "\(FigureText.value($0.low, .percent)) – \(FigureText.value($0.high, .percent))"
            }
            return """
                <tr><td>\(title)</td><td class="n"><b>\(FigureText.value(figure.value, .percent))</b>\
                </td><td class="n soft">\(interval ?? "")</td><td class="wideBar">\(ReportCharts.bar(measured))</td></tr>

                """
        }
        return """
            <table class="figures"><tr class="head"><th>figure</th><th>value</th><th>95 % interval</th>\
            <th></th></tr>
            \(lines)</table>
            """
    }

    private func item(_ record: PrismRecord) -> HTML {
        let captions = record.captions.map { caption -> HTML in "<p>\(caption)</p>" }
        let questions = record.questions.map { entry -> HTML in
            let right = entry.answers.map { FigureText.plain($0.right * 100, decimals: 0) }
                .joined(separator: ", ")
            let answer = entry.question.options[entry.question.correct]
            return """
                <li>\(entry.question.stem) <b>\(answer)</b> <span class="soft">right in \(right) %\
                </span></li>
                """
        }
        return """
            <article class="item"><div class="view">\
            \(pictures.image(record.thumbnail, description: record.key))</div>\(captions)\
            <ul>\(questions)</ul><p class="soft">\(record.key)</p></article>

            """
    }
}
