import Foundation
import Testing

@testable import PersonalCaption

/// Vectors: `Tests/Scripts/evaluation_vectors.py`.
@Suite struct StatisticsTests {
    static let first = [
        [1, 1, 2], [2, 2, 2], [0, 1, 1], [1, 3, 2], [2, 2, 3], [1, 1, 1], [0, 0, 2], [3, 4, 4],
    ].map { $0.map(Double.init) }
    static let second = [
        [2, 2, 2], [2, 2, 2], [1, 1, 1], [2, 3, 2], [2, 2, 3], [1, 2, 1], [1, 2, 2], [4, 4, 4],
    ].map { $0.map(Double.init) }

    /// Hits, judged, wanted; the other counts of a name score are of no concern here.
    static func f1(_ sums: [Double]) -> Double { NameFigure.f1.value(sums + [0, 0, 1]) }

    private func expectEqual(
        _ found: ConfidenceInterval?, _ low: Double, _ high: Double,
        _ place: SourceLocation = #_sourceLocation
    ) throws {
        let found = try #require(found, sourceLocation: place)
        #expect(abs(found.low - low) < 1e-12, "\(found)", sourceLocation: place)
        #expect(abs(found.high - high) < 1e-12, "\(found)", sourceLocation: place)
    }

    @Test func drawsAreThoseOfTheScript() {
        var draw = IndexDraw(seed: 7)
        #expect((0..<12).map { _ in draw.next(below: 10) } == [3, 0, 9, 5, 4, 2, 4, 3, 1, 4, 1, 9])
    }

    @Test func shufflingKeepsEveryElement() {
        var draw = IndexDraw(seed: 1)
        let shuffled = draw.shuffled(Array(0..<50))
        #expect(shuffled.sorted() == Array(0..<50))
        #expect(shuffled != Array(0..<50))
    }

    @Test func theBootstrapIsThatOfTheScript() throws {
        try expectEqual(
            Bootstrap(resamples: 500).interval(of: Self.first, statistic: Self.f1),
            0.424624060150376, 0.8065624999999997)
        try expectEqual(
            Bootstrap(resamples: 200, level: 0.9, seed: 9)
                .interval(of: Self.first, statistic: Self.f1),
            0.48000000000000004, 0.7884848484848483)
    }

    @Test func oneItemHasNoInterval() {
        #expect(Bootstrap().interval(of: [[1, 1, 1]], statistic: Self.f1) == nil)
        #expect(Bootstrap().interval(of: [], statistic: Self.f1) == nil)
    }

    @Test func quantilesInterpolate() {
        #expect(Bootstrap.quantile([1, 2, 4], 0.5) == 2)
        #expect(Bootstrap.quantile([1, 2, 4], 0.75) == 3)
        #expect(Bootstrap.quantile([1, 2, 4], 0) == 1)
        #expect(Bootstrap.quantile([1, 2, 4], 1) == 4)
    }

    @Test(arguments: [
        (0, 10, 0, 0.27753279986288915), (10, 10, 0.7224672001371109, 1),
        (3, 7, 0.1582198552514697, 0.7495416354723426), (82, 82, 0.9552493763098997, 1),
        (38, 105, 0.27636738958549767, 0.4571900221377803),
    ])
    func sharesHaveWilsonsInterval(_ k: Int, _ n: Int, _ low: Double, _ high: Double) throws {
        try expectEqual(.ofShare(k, of: n), low, high)
    }

    @Test func theLevelCounts() throws {
        try expectEqual(
            .ofShare(3, of: 7, level: 0.9), 0.18644319036395615, 0.710522908986407)
        #expect(ConfidenceInterval.ofShare(0, of: 0) == nil)
    }

    @Test(arguments: [
        (0, 0, 1.0), (5, 0, 0.0625), (9, 2, 0.0654296875), (30, 45, 0.10534226887460488),
        (600, 500, 0.0028195449914364275),
    ])
    func theSignTestIsExact(_ better: Int, _ worse: Int, _ p: Double) {
        #expect(abs(SignTest(better: better, worse: worse, ties: 3).p - p) < 1e-11)
    }

    @Test func pairedRunsAreComparedItemByItem() throws {
        let test = PairedTest(bootstrap: Bootstrap(resamples: 500))
        let found = test.compare(Self.first, Self.second, statistic: Self.f1)
        #expect(found.items == 8)
        #expect(abs(found.first - 0.6451612903225806) < 1e-12)
        #expect(abs(found.second - 0.8571428571428571) < 1e-12)
        #expect(abs(found.difference - (0.8571428571428571 - 0.6451612903225806)) < 1e-12)
        try expectEqual(found.interval, 0.05138227513227505, 0.396513238916256)
        #expect(found.isExact)
        #expect(abs(found.permutationP - 0.09375) < 1e-12)
        #expect(found.sign == SignTest(better: 5, worse: 1, ties: 2))
    }

    /// Too many items to try every exchange: the drawn ones are those of the script.
    @Test func manyItemsAreExchangedAtRandom() {
        let first = (0..<20).map { [Double($0 % 2), 1, 1] }
        let second = (0..<20).map { [$0 % 3 != 0 ? 1.0 : 0, 1, 1] }
        let alternating = PairedTest(exchanges: 999)
            .compare(first, second, statistic: Self.f1)
        #expect(alternating.isExact, "ten items differ, so all 1,024 exchanges are tried")
        let more = (0..<40).map { [Double($0 % 2), 1, 1] }
        let others = (0..<40).map { [$0 % 3 != 0 ? 1.0 : 0, 1, 1] }
        let drawn = PairedTest(exchanges: 999).compare(more, others, statistic: Self.f1)
        #expect(!drawn.isExact)
        #expect(drawn.permutationP > 0.05 && drawn.permutationP < 0.5, "\(drawn)")
    }

    @Test func aRunComparedWithItselfDiffersInNothing() {
        let same = PairedTest().compare(Self.first, Self.first, statistic: Self.f1)
        #expect(same.difference == 0)
        #expect(same.permutationP == 1)
        #expect(same.sign.p == 1)
        #expect(same.interval == ConfidenceInterval(low: 0, high: 0))
    }

    static let forecasts: [Forecast] = [
        (0.05, 0), (0.10, 0), (0.15, 1), (0.30, 0), (0.30, 1), (0.55, 0), (0.62, 1), (0.62, 0),
        (0.80, 1), (0.91, 1), (0.97, 1), (1.0, 1),
    ].map { Forecast(probability: $0.0, happened: $0.1 == 1) }

    @Test func calibrationIsThatOfTheScript() throws {
        let found = try #require(Calibration(Self.forecasts))
        #expect(found.count == 12)
        #expect(abs(found.expectedError - 0.1925) < 1e-12)
        #expect(abs(found.brier - 0.18294166666666664) < 1e-12)
        #expect(abs(found.logLoss - 0.5172052087407969) < 1e-12)
        #expect(abs(try #require(found.areaUnderCurve) - 0.8285714285714286) < 1e-12)
        #expect(abs(found.accuracy - 0.6666666666666666) < 1e-12)
        #expect(found.bins.map(\.count).reduce(0, +) == 12)
        #expect(found.bins.first?.low == 0 && found.bins.last?.high == 1)
        let coarse = try #require(Calibration(Self.forecasts, binCount: 4))
        #expect(abs(coarse.expectedError - 0.18416666666666667) < 1e-12)
    }

    @Test func calibrationNeedsForecasts() throws {
        #expect(Calibration([]) == nil)
        let sure = try #require(Calibration([Forecast(probability: 1, happened: false)]))
        #expect(sure.areaUnderCurve == nil)
        #expect(sure.brier == 1)
        #expect(sure.logLoss > 27, "a sure mistake is a finite surprise")
    }
}
