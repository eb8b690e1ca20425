import Foundation

/// How often one of two was better, and how surprising that is if none is.
///
/// Source: Arbuthnot's sign test, exact and two-sided; ties are left out.
public struct SignTest: Sendable, Codable, Equatable {
    /// Items on which the second was better.
    public let better: Int
    /// Items on which the second was worse.
    public let worse: Int
    /// Items on which both were alike.
    public let ties: Int
    /// Probability of a split at least as uneven by chance.
    public let p: Double

    /// Tests counts.
    public init(better: Int, worse: Int, ties: Int) {
        self.better = better
        self.worse = worse
        self.ties = ties
        p = Self.probability(better, worse)
    }

    private static func probability(_ better: Int, _ worse: Int) -> Double {
        let count = better + worse
        guard count > 0 else { return 1 }
        let whole = lgamma(Double(count + 1)) - Double(count) * log(2)
        var tail = 0.0
        for fewer in 0...min(better, worse) {
            tail += exp(whole - lgamma(Double(fewer + 1)) - lgamma(Double(count - fewer + 1)))
        }
        return min(1, 2 * tail)
    }
}

/// Two runs over the same items, held against each other.
public struct PairedComparison: Sendable, Codable, Equatable {
    /// Number of items both have.
    public let items: Int
    /// The figure of the first run.
    public let first: Double
    /// The figure of the second run.
    public let second: Double
    /// Second less first.
    public let difference: Double
    /// How sure the difference is, by resampling items; `nil` for fewer than two.
    public let interval: ConfidenceInterval?
    /// Probability of a difference at least as large if it did not matter which run an item's
    /// result came from.
    public let permutationP: Double
    /// Whether all exchanges were tried, instead of a sample of them.
    public let isExact: Bool
    /// Item by item.
    public let sign: SignTest
}

/// Compares runs item by item: bootstrap, permutation and sign test.
///
/// Source: Efron & Tibshirani 1993, ch. 16; Noreen, "Computer-Intensive Methods for Testing
/// Hypotheses", 1989 (approximate randomisation).
public struct PairedTest: Sendable, Equatable {
    /// How differences are resampled.
    public var bootstrap: Bootstrap
    /// How many exchanges are drawn when there are too many to try all.
    public var exchanges: Int

    /// Up to this many differing items every exchange is tried.
    static let mostForAll = 12

    /// 9,999 exchanges unless told otherwise.
    public init(bootstrap: Bootstrap = Bootstrap(), exchanges: Int = 9_999) {
        self.bootstrap = bootstrap
        self.exchanges = exchanges
    }

    /// Compares two runs.
    ///
    /// - Parameters:
    ///   - first: the counts of each item in one run.
    ///   - second: the counts of the same items in the other, in the same order.
    ///   - statistic: makes the figure of summed counts.
    /// - Precondition: both lists are equally long and not empty.
    public func compare(
        _ first: [[Double]], _ second: [[Double]], statistic: ([Double]) -> Double
    ) -> PairedComparison {
        precondition(first.count == second.count && !first.isEmpty, "runs of other items")
        let scores = zip(first, second).map { (statistic($0), statistic($1)) }
        let (one, two) = (statistic(Self.sum(first)), statistic(Self.sum(second)))
        let (p, isExact) = permutation(first, second, abs(two - one), statistic)
        return PairedComparison(
            items: first.count, first: one, second: two, difference: two - one,
            interval: interval(first, second, statistic), permutationP: p, isExact: isExact,
            sign: SignTest(
                better: scores.count { $0.1 > $0.0 }, worse: scores.count { $0.1 < $0.0 },
                ties: scores.count { $0.1 == $0.0 }))
    }

    /// Draws items, each with both its results.
    private func interval(
        _ first: [[Double]], _ second: [[Double]], _ statistic: ([Double]) -> Double
    ) -> ConfidenceInterval? {
        guard first.count > 1, bootstrap.resamples > 0 else { return nil }
        let joined = zip(first, second).map { $0 + $1 }
        let width = first[0].count
        var draw = IndexDraw(seed: bootstrap.seed)
        let differences = (0..<bootstrap.resamples).map { _ -> Double in
            let sums = Bootstrap.resampledSums(joined, &draw)
            return statistic(Array(sums[width...])) - statistic(Array(sums[..<width]))
        }
        return bootstrap.interval(ofDrawn: differences)
    }

    /// Exchanges the results of items at will and counts differences as large as the one seen.
    private func permutation(
        _ first: [[Double]], _ second: [[Double]], _ seen: Double,
        _ statistic: ([Double]) -> Double
    ) -> (p: Double, isExact: Bool) {
        let differing = first.indices.filter { first[$0] != second[$0] }
        let common = Self.sum(first.indices.filter { first[$0] == second[$0] }.map { first[$0] })
        let width = first[0].count
        /// The size of the difference when the chosen items are exchanged.
        func difference(_ isExchanged: (Int) -> Bool) -> Double {
            var (one, two) = (common, common)
            if common.isEmpty {
                (one, two) = (
                    [Double](repeating: 0, count: width), .init(repeating: 0, count: width)
                )
            }
            for (place, item) in differing.enumerated() {
                let swaps = isExchanged(place)
                let (a, b) = swaps ? (second[item], first[item]) : (first[item], second[item])
                for index in 0..<width {
                    one[index] += a[index]
                    two[index] += b[index]
                }
            }
            return abs(statistic(two) - statistic(one))
        }
        let threshold = seen - 1e-12
        if differing.count <= Self.mostForAll {
            let all = 1 << differing.count
            let large = (0..<all).count { mask in difference { mask >> $0 & 1 == 1 } >= threshold }
            return (Double(large) / Double(all), true)
        }
        var draw = IndexDraw(seed: bootstrap.seed ^ 0x9E37_79B9)
        var large = 1
        for _ in 0..<exchanges {
            let flips = differing.map { _ in draw.nextFlip() }
            if difference({ flips[$0] }) >= threshold { large += 1 }
        }
        return (Double(large) / Double(exchanges + 1), false)
    }

    private static func sum(_ items: [[Double]]) -> [Double] {
        guard var sums = items.first else { return [] }
        for item in items.dropFirst() {
            for index in sums.indices { sums[index] += item[index] }
        }
        return sums
    }
}
