import Foundation
import Testing

@testable import PersonalCaption
@testable import VLMRuntime

@Suite struct LookComparisonTests {
    private static func metric() throws -> LookMetric {
        let path = Fixtures.golden.deletingLastPathComponent()
            .appending(path: "look/metric.safetensors").path
        return try LookMetric(Safetensors(path: path), path: path)
    }

    /// Pictures of 3×2 random cells with six features.
    private static func picture(_ seed: UInt64) -> PictureRows {
        var random = RandomSource(seed: seed)
        let values = (0..<36).map { _ in Float(random.nextUnit() * 2 - 1) }
        return PictureRows(
            rows: Matrix(rows: 6, columns: 6, values: values), height: 3, width: 2,
            geometry: ImageGeometry(
                originalWidth: 20, originalHeight: 30, resizedWidth: 20, resizedHeight: 30))
    }

    @Test func similarityIsTheMeanOverThePartsOfTheBestCell() throws {
        let metric = try Self.metric()
        let references = (1...5).map { (concept: Int($0), picture: Self.picture($0)) }
        let index = ConceptIndex(references, by: metric)
        #expect(index.count == 5)
        let query = Self.picture(9)
        let found = index.matches(query, limit: 9)
        #expect(found.count == 5)
        #expect(found.map(\.similarity) == found.map(\.similarity).sorted(by: >))
        let cells = metric.query(query)
        for match in found {
            let parts = metric.reference(Self.picture(UInt64(match.concept)))
            var sum: Float = 0
            for part in 0..<parts.rows {
                sum +=
                    (0..<cells.rows).map { cell in
                        (0..<4).reduce(0) { $0 + parts[part, $1] * cells[cell, $1] }
                    }.max() ?? 0
            }
            #expect(abs(match.similarity - Double(sum) / Double(parts.rows)) < 1e-5)
            #expect((0..<20).contains(match.box[0]) && match.box[3] <= 30)
        }
        let middle = found[found.count / 2].similarity
        #expect(found.allSatisfy { abs($0.evidence.lead - ($0.similarity - middle)) < 1e-9 })
        #expect(found.allSatisfy { $0.evidence.margin < $0.similarity })
    }

    @Test func whoeverIsMoreAlikeAtAPlaceIsARival() {
        // Three cells in a row, with two features; each reference has one part.
        func map(_ part: [Float]) -> PlaceMap {
            var cells = RowIndex(columns: 2)
            cells.append(
                Matrix(rows: 5, columns: 2, values: [1, 0, 0, 0, 0, 0, 0, 0, 0, 1]))
            return PlaceMap(Matrix(rows: 1, columns: 2, values: part), cells, columns: 5)
        }
        let (first, same, other) = (map([0.9, 0]), map([0.6, 0.1]), map([0, 0.8]))
        #expect(first.window == [0, 1] && other.window == [3, 4])
        #expect(abs(first.lead(over: [same, other]) - (0.9 - 0.6)) < 1e-6)
        #expect(abs(same.lead(over: [first, other]) - (0.6 - 0.9)) < 1e-6)
        #expect(abs(other.lead(over: [first, same]) - (0.8 - 0.1)) < 1e-6)
        #expect(other.lead(over: []) == 0)
    }

    @Test func aRivalLowersTheEvidence() throws {
        let metric = try Self.metric()
        let shown = Self.picture(1)
        let alone = ConceptIndex([(concept: 0, picture: shown)], by: metric)
        #expect(alone.matches(shown, limit: 1).first?.evidence.rivalry == 0)
        let others = (2...6).map { (concept: Int($0), picture: Self.picture($0)) }
        let index = ConceptIndex([(concept: 0, picture: shown)] + others, by: metric)
        let found = index.matches(shown, limit: 6)
        let best = try #require(found.max { $0.evidence.rivalry < $1.evidence.rivalry })
        #expect(best.concept == found.first?.concept && best.evidence.rivalry > 0)
        #expect(found.contains { $0.evidence.rivalry < 0 })
        // What is asked about beyond the shortlist has the same evidence.
        #expect(index.matches(shown, limit: 3).map(\.evidence) == found.prefix(3).map(\.evidence))
    }

    @Test func rowsOfAnotherWidthAreComparedAsTheyAre() throws {
        let rows = Matrix(rows: 1, columns: 3, values: [1, 0, 0])
        let picture = PictureRows(
            rows: rows, height: 1, width: 1,
            geometry: ImageGeometry(
                originalWidth: 8, originalHeight: 8, resizedWidth: 8, resizedHeight: 8))
        let index = ConceptIndex([(concept: 0, picture: picture)], by: try Self.metric())
        #expect(index.matches(picture, limit: 1).first?.similarity == 1)
        #expect(index.rule == .level(.unknown))
    }

    @Test func theRuleOfAMetricIsReadOrRefused() throws {
        let presence = LookCalibration.Rule(
            asked: .init(
                similarity: 2, lead: 1, margin: 0.5, rivalry: 0, odds: 0.4, bias: -1),
            alone: .init(similarity: 2, lead: 1, margin: 0.5, rivalry: 0, odds: 0, bias: -2))
        var identity = presence
        identity.asked.rivalry = 3
        let rule = LookCalibration(presence: presence, identity: identity)
        let text = String(decoding: try JSONEncoder().encode(rule), as: UTF8.self)
        #expect(LookCalibration(text) == rule)
        #expect(LookCalibration(nil) == nil)
        for broken in ["", "{}", "[1]", text.replacing("0.4", with: "1e300")] {
            #expect(LookCalibration(broken) == nil, "\(broken)")
        }
        let look = LookEvidence(similarity: 0.8, lead: 0.3, margin: 0.1, rivalry: -0.2)
        func logistic(_ sum: Double) -> Double { 1 / (1 + exp(-sum)) }
        let sum = 2 * 0.8 + 0.3 + 0.05 + 0.4 * log(0.9 / 0.1) - 1
        let fitted = LookRule.fitted(rule)
        #expect(abs(fitted.presence(look, probability: 0.9) - logistic(sum)) < 1e-12)
        #expect(abs(fitted.score(look, probability: 0.9) - logistic(sum - 0.6)) < 1e-12)
        #expect(fitted.score(look, probability: 1) > fitted.score(look, probability: 0.9))
        #expect(fitted.score(look, probability: 0) > 0)
        let alone = logistic(1.6 + 0.3 + 0.05 - 2)
        #expect(abs(fitted.presence(look, probability: nil) - alone) < 1e-12)
    }

    @Test func aConceptRanksByItsBestReference() {
        let ranked = ConceptRanking.rank([0.1, 0.9, 0.5, 0.7], [4, 2, 2, 4])
        #expect(ranked.best == [1, 3])
        #expect(ranked.median == 0.7)
        #expect(ConceptRanking.rank([0.5, 0.5], [1, 0]).best == [1, 0], "ties by place")
        #expect(ConceptRanking.rank([], []).best.isEmpty)
    }
}
