public import Foundation
import ImageCodecs

/// The report of a run: one file with figures, curves and pictures.
public struct PersonalReport {
    private let summary: PersonalSummary
    private let records: [EvaluationRecord]
    private let pictures: ReportPictures

    /// The most captions that are shown with their pictures; mistakes first.
    public static let mostShown = 120

    /// Prepares a report.
    ///
    /// - Parameters:
    ///   - summary: the totals.
    ///   - records: the captions.
    ///   - folder: the run's folder, from which small pictures are taken.
    public init(_ summary: PersonalSummary, _ records: [EvaluationRecord], folder: URL) {
        self.summary = summary
        self.records = records
        pictures = ReportPictures(folder: folder)
    }

    /// The page.
    public func html() -> String {
        let manifest = summary.manifest
        let title = "\(manifest.set): \(manifest.plan.plan.rawValue), \(manifest.model)"
        return ReportPage.page(
            title: title,
            """
            <h1>Who is named? \(manifest.set)</h1>
            \(introduction)
            <h2>Figures</h2>\(figures)
            \(curves)
            \(troubles)
            \(captions)
            """)
    }

    /// The figures alone, as a part of another page.
    var scores: HTML {
        """
        <section><h2>Evaluation: \(summary.manifest.set)</h2>\(introduction)\(figures)</section>

        """
    }

    private var introduction: HTML {
        let manifest = summary.manifest
        let plan = manifest.plan
        let given =
            switch plan.plan {
            case .skipRetrieval:
                plan.absent > 0
                    ? "the concepts in the picture and up to \(plan.absent) that are not"
                    : "the concepts in the picture"
            case .retrieval: "what a search of the library found"
            case .wrongSame: "another concept of the same category in place of each in the picture"
            case .wrongOther: "a concept of another category in place of each in the picture"
            case .nobody: "concepts that are not in the picture, which shows none of the library"
            }
        let info =
            switch plan.info {
            case .right: "their own info lines"
            case .wrong: "info lines of other concepts"
            case .none: "no info lines"
            }
        let unfinished: HTML =
            summary.isComplete
            ? ""
            : "<p class=\"bad\">The run is not finished: \(records.count) of \(manifest.items) items.</p>"
        return """
            <p class="soft">Model \(manifest.model)\(manifest.adapter.map { " with \($0)" } ?? ""). \
            Given: \(given), with \(info). \(summary.captions) captions; a library of \
            \(manifest.librarySize) concepts. Source: \(manifest.source).</p>\(unfinished)
            """
    }

    private var figures: HTML {
        let rows = PersonalFigure.allCases.compactMap { figure -> HTML? in
            guard let measured = summary.figures[figure.rawValue] else { return nil }
            let interval = measured.interval.map {
                "\(FigureText.value($0.low, measured.unit)) – \(FigureText.value($0.high, measured.unit))"
            }
            let aim = figure.moreIsBetter.map { $0 ? "↑" : "↓" } ?? ""
            return """
                <tr><td>\(figure.title) \(aim)</td>\
                <td class="n"><b>\(FigureText.value(measured.value, measured.unit))</b></td>\
                <td class="n soft">\(interval ?? "")</td>\
                <td class="wideBar">\(ReportCharts.bar(measured))</td>\
                <td class="n soft items">\(measured.items)</td></tr>

                """
        }
        let compat = ["precision", "recall", "f1"].compactMap { key in
            summary.compat[key].map { "\(key) \(FigureText.plain($0, decimals: 1)) %" }
        }.joined(separator: ", ")
        let diversity: HTML =
            summary.diversity.map { found in
                """
                <p class="soft">Variety: distinct-1 \(FigureText.plain(found.distinct1, decimals: 3)), \
                distinct-2 \(FigureText.plain(found.distinct2, decimals: 3)), Self-BLEU \
                \(found.selfBLEU.map { FigureText.plain($0, decimals: 3) } ?? "–").</p>
                """
            } ?? ""
        return """
            <table class="figures"><tr class="head"><th>figure</th><th>value</th><th>95 % interval</th>\
            <th></th><th>items</th></tr>
            \(rows)</table>
            <p class="soft">Names are found as word sequences and counted as sets, every name with \
            the same weight; intervals come from resampling the items. By the published rule \
            (RePIC's scripts, lower case): \(compat).</p>\(diversity)
            """
    }

    private var curves: HTML {
        var charts: [HTML] = []
        if let calibration = summary.calibration {
            charts.append(
                """
                <figure>\(ReportCharts.calibration(calibration))<figcaption>Yes/no answers: \
                \(calibration.count) probabilities; expected calibration error \
                \(FigureText.plain(calibration.expectedError, decimals: 3)), Brier score \
                \(FigureText.plain(calibration.brier, decimals: 3)), area under the curve \
                \(calibration.areaUnderCurve.map { FigureText.plain($0, decimals: 3) } ?? "–")\
                .</figcaption></figure>
                """)
        }
        let overlaps = records.flatMap(\.overlaps)
        if !overlaps.isEmpty {
            charts.append(
                """
                <figure>\(ReportCharts.tenths(overlaps, label: "IoU of boxes"))<figcaption>\
                \(overlaps.count) boxes.</figcaption></figure>
                """)
        }
        return charts.isEmpty ? "" : "<h2>Curves</h2><div class=\"charts\">\(charts)</div>"
    }

    private var troubles: HTML {
        func list(_ title: String, _ lines: [String]) -> HTML {
            guard !lines.isEmpty else { return "" }
            let shown = lines.prefix(200).map { line -> HTML in "<li>\(line)</li>\n" }
            let rest: HTML =
                lines.count > 200 ? "<li>… and \(lines.count - 200) more</li>" : ""
            return "<h2>\(title)</h2><ul>\(shown)\(rest)</ul>"
        }
        let manifest = summary.manifest
        return """
            \(list("Failed", summary.failures.map { "\($0.item): \($0.reason)" }))
            \(list("Left out", manifest.skipped.sorted { $0.key < $1.key }.map { "\($0.value) pictures: \($0.key)" }))
            \(list("Problems of the set", manifest.problems.map { "\($0.item): \($0.reason)" }))
            """
    }

    private var captions: HTML {
        let good = records.filter { $0.failure == nil }
        func mistakes(_ record: EvaluationRecord) -> Int {
            record.missed.count + record.wrong.count + record.invented.count
        }
        let ordered = good.enumerated().sorted { a, b in
            let (first, second) = (mistakes(a.element), mistakes(b.element))
            return first == second ? a.offset < b.offset : first > second
        }.map(\.element)
        let shown = ordered.prefix(Self.mostShown).map { ReportItem($0, pictures).html }
        let count = shown.count == good.count ? "all" : "\(shown.count) of \(good.count)"
        return """
            <h2>Captions (\(count); mistakes first)</h2>
            <p class="soft">In captions: <mark class="good">right name</mark>, \
            <mark class="bad">name that should not be there</mark>, \
            <mark class="odd">invented name</mark>. On pictures: dashed white is the truth, red \
            what the model says.</p>
            <div class="items">\(shown)</div>
            """
    }
}

/// Small copies of pictures as data inside the page.
struct ReportPictures {
    private let folder: URL
    private static let largest = 1 << 20

    init(folder: URL) { self.folder = folder }

    /// An image of the page; empty when the file is not there or is no small JPEG picture.
    func image(_ path: String?, description: String) -> HTML {
        guard let path, let parts = try? FolderPath.components(of: path),
            let url = try? FolderPath.file(parts, in: folder),
            let data = try? BoundedFile.read(url, limit: Self.largest),
            let info = try? ImageDecoder.info(data, name: path), info.format == .jpeg
        else { return "" }
        return """
            <img src="data:image/jpeg;base64,\(data.base64EncodedString())" \
            width="\(info.width)" height="\(info.height)" alt="\(description)" loading="lazy">
            """
    }
}

/// One caption with its pictures.
struct ReportItem {
    private let record: EvaluationRecord
    private let pictures: ReportPictures

    init(_ record: EvaluationRecord, _ pictures: ReportPictures) {
        self.record = record
        self.pictures = pictures
    }

    var html: HTML {
        """
        <article class="item"><div class="view">\
        \(pictures.image(record.thumbnail, description: record.image))\(ReportCharts.boxes(record))\
        </div><div class="refs">\(record.given.map(reference))</div>
        <p>\(caption)</p><p class="soft">\(verdict) · \(record.key)</p></article>

        """
    }

    private func reference(_ concept: GivenConcept) -> HTML {
        let mark: HTML =
            concept.isWanted
            ? "<span class=\"good\">in view</span>" : "<span class=\"odd\">not in view</span>"
        let presence = concept.presence.map {
            " · yes \(FigureText.plain($0 * 100, decimals: 0)) %"
        }
        return """
            <div class="ref">\(pictures.image(concept.thumbnail, description: concept.name))\
            <b>\(concept.name)</b><br>\(mark)\(presence ?? "")<br>\
            <span class="soft">\(String(concept.info.prefix(120)))</span></div>
            """
    }

    private var verdict: HTML {
        func part(_ title: String, _ names: [String], _ kind: String) -> HTML? {
            guard !names.isEmpty else { return nil }
            return "<span class=\"\(kind)\">\(title): \(names.joined(separator: ", "))</span>"
        }
        let parts = [
            part("✓ right", record.right, "good"), part("✗ missed", record.missed, "bad"),
            part("✗ wrong", record.wrong, "bad"), part("? invented", record.invented, "odd"),
        ].compactMap { $0 }
        guard let first = parts.first else { return "nobody named" }
        return parts.dropFirst().reduce(first) { "\($0) · \($1)" }
    }

    /// The caption with every name marked.
    private var caption: HTML {
        let text = record.caption
        let check = NameCheck(supplied: record.right + record.wrong)
        let right = Set(record.right.map(NameKey.init))
        var html: HTML = ""
        var end = text.startIndex
        for mention in check.report(on: text).mentions where mention.range.lowerBound >= end {
            let kind =
                mention.kind == .invented
                ? "odd" : right.contains(NameKey(mention.name)) ? "good" : "bad"
            html += """
                \(String(text[end..<mention.range.lowerBound]))<mark class="\(kind)">\
                \(String(text[mention.range]))</mark>
                """
            end = mention.range.upperBound
        }
        return "\(html)\(String(text[end...]))"
    }
}
