import Foundation
import Testing

@testable import PersonalCaption

/// The published result files of RePIC, scored by the strict rule; figures of the fixtures' README.
struct GoldenScoreTests {
    @Test(arguments: [
        ("double-repic", [95.9, 99.4, 97.6, 98.8]),
        ("double-zero-shot", [98.4, 77.4, 86.7, 75.6]),
        ("double-rap-llava-2k", [100.0, 90.2, 94.9, 80.5]),
        ("quad-repic", [84.4, 73.6, 78.6, 36.2]),
        ("quad-zero-shot", [78.3, 24.0, 36.8, 0.0]),
    ])
    func strictScoresOfPublishedCaptions(file: String, expected: [Double]) throws {
        let url = Fixtures.golden.appending(path: "repic-captions/\(file).json")
        let rows = try ResultList.read(Data(contentsOf: url))
        let pool = Set(rows.flatMap(\.tags)).sorted()
        let score = DemoScore(
            rows.map { row in
                let report = NameCheck(supplied: row.tags, library: pool).report(on: row.caption)
                let known = NameReport(
                    named: report.named, unnamed: report.unnamed, absent: [],
                    unsupplied: report.unsupplied, mentions: [], closingTags: [])
                return SceneScore(report: known, truth: row.tags)
            })
        let found = [
            score.precision, score.recall, score.f1, Double(score.complete) / Double(score.scenes),
        ].map { ($0 * 1000).rounded() / 10 }
        #expect(found == expected)
    }
}
