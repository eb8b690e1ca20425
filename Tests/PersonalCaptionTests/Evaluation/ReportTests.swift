import Foundation
import Testing

@testable import PersonalCaption

@Suite struct ReportTests {
    private static let nasty =
        "</script><script>alert(1)</script> \" onload='x' & <img src=x onerror=y> \u{1B}[31m\u{202E}"

    @Test func onlyLiteralsBecomeMarkup() {
        let text = "<b>\"O'Hara\" & Söhne</b>\u{1B}\u{7}\u{202E}\n"
        let piece: HTML = "<p title=\"\(text)\">\(text)</p>"
        let escaped =
            "&lt;b&gt;&quot;O&#39;Hara&quot; &amp; Söhne&lt;/b&gt;\u{FFFD}\u{FFFD}\u{FFFD}\n"
        #expect(piece.source == "<p title=\"\(escaped)\">\(escaped)</p>")
        let nested: HTML = "<i>\(piece)</i>\(3)\(-1.5)"
        #expect(nested.source == "<i>\(piece.source)</i>3-1.50")
    }

    @Test func numbersDoNotDependOnTheMachinesLanguage() {
        #expect(FigureText.plain(97.449, decimals: 1) == "97.4")
        #expect(FigureText.plain(0.05, decimals: 2) == "0.05")
        #expect(FigureText.plain(-0.004, decimals: 2) == "0.00")
        #expect(FigureText.plain(-3, decimals: 0) == "−3")
        #expect(FigureText.plain(.nan, decimals: 1) == "–")
        #expect(FigureText.value(12.34, .seconds) == "12.34 s")
        #expect(FigureText.chance(0.0004) == "< 0.001")
    }

    /// A run whose every text is hostile.
    private func run(in folder: URL) throws -> (PersonalSummary, [EvaluationRecord]) {
        var set = EvaluationFixtures.set([[0], [1]], absent: [2], boxes: [0: [1, 2, 30, 18]])
        set.name = Self.nasty
        set.problems = [FormatProblem(item: Self.nasty, reason: Self.nasty)]
        for index in set.concepts.indices { set.concepts[index].info = Self.nasty }
        set.queries[1].picture = nil
        let plan = EvaluationPlan(set, PlanOptions(absent: 1))
        let nasty = Self.nasty
        let model = RuleModel { question, _ in
            question.contains("bounding") ? "[2, 4, 60, 36]" : "<ann>, <cy> & <Wanda X> \(nasty)"
        }
        let records = try EvaluationFixtures.perform(
            set, plan, model, in: folder, questions: .init(presence: true, boxes: true))
        return (PersonalSummary(EvaluationFixtures.manifest(set, plan), records), records)
    }

    @Test func hostileTextStaysText() throws {
        try Fixtures.withFolder { folder in
            let (summary, records) = try run(in: folder)
            let page = PersonalReport(summary, records, folder: folder).html()
            let found = try PageElements.read(page)
            let names = Set(found.map(\.name))
            #expect(
                names.isSubset(of: [
                    "main", "h1", "h2", "p", "div", "table", "tr", "th", "td", "b", "br", "svg",
                    "rect",
                    "path", "text", "title", "circle", "polyline", "figure", "figcaption", "ul",
                    "li", "mark", "article", "img", "span",
                ]), "\(names)")
            let sources = found.filter { $0.name == "img" }.map { $0.attributes["src"] ?? "" }
            #expect(sources.count == 3)
            #expect(sources.allSatisfy { $0.hasPrefix("data:image/jpeg;base64,") })
            #expect(found.allSatisfy { $0.attributes.keys.allSatisfy { !$0.hasPrefix("on") } })
            #expect(!page.contains("\u{1B}") && !page.contains("\u{202E}"))
            #expect(!page.contains("http:") && !page.contains("https:"))
            #expect(page.contains("default-src 'none'"))
        }
    }

    @Test func theReportShowsFiguresCurvesAndMarks() throws {
        try Fixtures.withFolder { folder in
            let (summary, records) = try run(in: folder)
            let page = PersonalReport(summary, records, folder: folder).html()
            for text in [
                "F1 of names", "expected calibration error", "IoU of boxes", "Left out",
                "Problems of the set", "✓ right: ann", "✗ wrong: cy",
                "<mark class=\"good\">ann</mark>", "<mark class=\"bad\">cy</mark>",
                "<mark class=\"odd\">Wanda X</mark>", "class=\"truth\"", "class=\"found\"",
                "prefers-color-scheme", "@media print", "width=device-width",
            ] {
                #expect(page.contains(text), "\(text)")
            }
        }
    }

    @Test func picturesOutsideTheRunAreNotShown() throws {
        try Fixtures.withFolder { folder in
            let (summary, made) = try run(in: folder)
            var records = made
            records[0].thumbnail = "../../etc/passwd"
            records[0].given[0].thumbnail = "items.jsonl"
            let page = PersonalReport(summary, records, folder: folder).html()
            #expect(try PageElements.read(page).count { $0.name == "img" } == 1)
        }
    }

    @Test func comparisonsAreReported() throws {
        let set = EvaluationFixtures.set(Array(repeating: [0], count: 6))
        let plan = EvaluationPlan(set, PlanOptions())
        try Fixtures.withFolder { folder in
            let (a, b) = (folder.appending(path: "a"), folder.appending(path: "b"))
            let silent = try EvaluationFixtures.perform(
                set, plan, RuleModel { _, _ in "Nobody." }, in: a)
            let named = try EvaluationFixtures.perform(set, plan, .naming(), in: b)
            let comparison = try #require(PersonalComparison(silent, named))
            let page = ComparisonReport(
                comparison, names: (Self.nasty, "b"), records: (silent, named), folders: (a, b)
            ).html()
            let found = try PageElements.read(page)
            #expect(found.count { $0.name == "article" } == 12)
            #expect(page.contains("+100.0 %"))
            #expect(page.contains("0.031"), "two of 64 exchanges are as extreme")
        }
    }
}
