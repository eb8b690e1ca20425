import Foundation

/// A stated probability and what came of it.
public struct Forecast: Sendable, Codable, Equatable {
    /// The stated probability, 0…1.
    public var probability: Double
    /// Whether it happened.
    public var happened: Bool

    /// Names both parts.
    public init(probability: Double, happened: Bool) {
        self.probability = probability
        self.happened = happened
    }
}

/// One stretch of a calibration curve.
public struct CalibrationBin: Sendable, Codable, Equatable {
    /// The lowest stated probability.
    public let low: Double
    /// The highest stated probability; only the last bin includes it.
    public let high: Double
    /// Number of forecasts.
    public let count: Int
    /// Mean stated probability.
    public let stated: Double
    /// Share that happened.
    public let happened: Double
}

/// How far probabilities can be believed.
///
/// Source: Guo et al., "On Calibration of Modern Neural Networks", 2017 (expected calibration
/// error over bins of equal width); Brier 1950; Hanley & McNeil 1982 (area under the curve).
public struct Calibration: Sendable, Codable, Equatable {
    /// Number of forecasts.
    public let count: Int
    /// The curve; bins without forecasts are left out.
    public let bins: [CalibrationBin]
    /// Mean distance between stated and observed, weighted by the size of the bins.
    public let expectedError: Double
    /// Mean squared distance between probability and outcome; 0 is perfect, 0.25 is a coin.
    public let brier: Double
    /// Mean surprise in nats; probabilities are held 1e-12 away from 0 and 1.
    public let logLoss: Double
    /// Probability that one that happened was rated above one that did not, ties half; `nil` when
    /// all had the same outcome.
    public let areaUnderCurve: Double?
    /// Share of forecasts on the right side of one half.
    public let accuracy: Double

    /// Examines forecasts.
    ///
    /// - Parameter binCount: bins of equal width between 0 and 1; at least 1.
    /// - Returns: `nil` without forecasts.
    public init?(_ forecasts: [Forecast], binCount: Int = 10) {
        guard !forecasts.isEmpty, binCount > 0 else { return nil }
        let total = Double(forecasts.count)
        count = forecasts.count
        bins = Self.bins(forecasts, binCount)
        expectedError = bins.reduce(0) {
            $0 + Double($1.count) / total * abs($1.stated - $1.happened)
        }
        var (squares, surprise, right) = (0.0, 0.0, 0)
        for forecast in forecasts {
            let outcome = forecast.happened ? 1.0 : 0.0
            squares += (forecast.probability - outcome) * (forecast.probability - outcome)
            let held = min(max(forecast.probability, 1e-12), 1 - 1e-12)
            surprise -= log(forecast.happened ? held : 1 - held)
            if (forecast.probability >= 0.5) == forecast.happened { right += 1 }
        }
        brier = squares / total
        logLoss = surprise / total
        accuracy = Double(right) / total
        areaUnderCurve = Self.area(forecasts)
    }

    private static func bins(_ forecasts: [Forecast], _ binCount: Int) -> [CalibrationBin] {
        var groups = [[Forecast]](repeating: [], count: binCount)
        for forecast in forecasts {
            let place = Int(forecast.probability * Double(binCount))
            groups[min(max(place, 0), binCount - 1)].append(forecast)
        }
        return groups.enumerated().compactMap { index, group in
            guard !group.isEmpty else { return nil }
            let size = Double(group.count)
            return CalibrationBin(
                low: Double(index) / Double(binCount), high: Double(index + 1) / Double(binCount),
                count: group.count, stated: group.reduce(0) { $0 + $1.probability } / size,
                happened: Double(group.count(where: \.happened)) / size)
        }
    }

    /// The rank sum of those that happened, ties sharing their ranks.
    private static func area(_ forecasts: [Forecast]) -> Double? {
        let positives = forecasts.count(where: \.happened)
        let negatives = forecasts.count - positives
        guard positives > 0, negatives > 0 else { return nil }
        let sorted = forecasts.sorted { $0.probability < $1.probability }
        var rankSum = 0.0
        var start = 0
        while start < sorted.count {
            var end = start
            while end < sorted.count, sorted[end].probability == sorted[start].probability {
                end += 1
            }
            let rank = Double(start + end + 1) / 2
            rankSum += rank * Double(sorted[start..<end].count(where: \.happened))
            start = end
        }
        let least = Double(positives * (positives + 1)) / 2
        return (rankSum - least) / (Double(positives) * Double(negatives))
    }
}
