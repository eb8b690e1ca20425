import Foundation

/// A range that holds the true value with the stated confidence.
public struct ConfidenceInterval: Sendable, Codable, Equatable {
    /// Its lower end.
    public var low: Double
    /// Its upper end.
    public var high: Double

    /// Names both ends.
    public init(low: Double, high: Double) {
        self.low = low
        self.high = high
    }
}

/// Confidence by resampling items with replacement.
///
/// Source: Efron & Tibshirani, "An Introduction to the Bootstrap", 1993, ch. 13 (percentile
/// interval); quantiles interpolate linearly (type 7).
public struct Bootstrap: Sendable, Equatable {
    /// How often the items are drawn anew.
    public var resamples: Int
    /// Confidence, 0…1.
    public var level: Double
    /// Decides the draws.
    public var seed: UInt64

    /// 2,000 draws and 95 % unless told otherwise.
    public init(resamples: Int = 2_000, level: Double = 0.95, seed: UInt64 = 1) {
        self.resamples = resamples
        self.level = level
        self.seed = seed
    }

    /// The interval of a statistic of sums.
    ///
    /// - Parameters:
    ///   - items: the counts that each item contributes; all of one length.
    ///   - statistic: makes the figure of the summed counts.
    /// - Returns: `nil` for fewer than two items, about whose spread nothing is known.
    public func interval(
        of items: [[Double]], statistic: ([Double]) -> Double
    ) -> ConfidenceInterval? {
        guard items.count > 1, resamples > 0 else { return nil }
        var draw = IndexDraw(seed: seed)
        let values = (0..<resamples).map { _ in statistic(Self.resampledSums(items, &draw)) }
        return interval(ofDrawn: values)
    }

    /// The interval of values drawn already.
    func interval(ofDrawn values: [Double]) -> ConfidenceInterval {
        let sorted = values.sorted()
        let tail = (1 - level) / 2
        return ConfidenceInterval(
            low: Self.quantile(sorted, tail), high: Self.quantile(sorted, 1 - tail))
    }

    /// The summed counts of as many items as there are, drawn with replacement.
    static func resampledSums(_ items: [[Double]], _ draw: inout IndexDraw) -> [Double] {
        var sums = [Double](repeating: 0, count: items[0].count)
        for _ in items.indices {
            let item = items[draw.next(below: items.count)]
            for index in sums.indices { sums[index] += item[index] }
        }
        return sums
    }

    /// A quantile of sorted values, 0…1, between neighbours by straight lines.
    static func quantile(_ sorted: [Double], _ share: Double) -> Double {
        guard let last = sorted.indices.last else { return .nan }
        let place = Double(last) * min(max(share, 0), 1)
        let below = Int(place.rounded(.down))
        let above = min(below + 1, last)
        return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
    }
}

extension ConfidenceInterval {
    /// The interval of a share of trials, which has a width even when all or none succeeded.
    ///
    /// Source: Wilson, "Probable Inference, the Law of Succession, and Statistical Inference",
    /// 1927.
    ///
    /// - Returns: `nil` without trials.
    public static func ofShare(
        _ successes: Int, of trials: Int, level: Double = 0.95
    ) -> ConfidenceInterval? {
        guard trials > 0 else { return nil }
        let z = normalQuantile(1 - (1 - level) / 2)
        let (n, share) = (Double(trials), Double(successes) / Double(trials))
        let middle = share + z * z / (2 * n)
        let half = z * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
        let scale = 1 + z * z / n
        return ConfidenceInterval(
            low: max(0, (middle - half) / scale), high: min(1, (middle + half) / scale))
    }

    /// The value below which a standard normal variable stays with this probability.
    static func normalQuantile(_ probability: Double) -> Double {
        var (low, high) = (-40.0, 40.0)
        for _ in 0..<200 {
            let middle = (low + high) / 2
            if erfc(-middle / 2.0.squareRoot()) / 2 < probability {
                low = middle
            } else {
                high = middle
            }
        }
        return (low + high) / 2
    }
}
