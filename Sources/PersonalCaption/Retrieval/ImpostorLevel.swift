import Foundation

/// What the similarity of a reference to something else is like in one library, and what a
/// similarity and the model's word are worth there.
public struct ImpostorLevel: Sendable, Codable, Equatable {
    /// Mean similarity of the best impostor.
    public let mean: Double
    /// Its standard deviation, at least 0.02.
    public let deviation: Double

    /// Assumed for libraries of fewer than four pictures, which tell too little.
    static let unknown = ImpostorLevel(mean: 0.6, deviation: 0.12)

    private init(mean: Double, deviation: Double) {
        self.mean = mean
        self.deviation = deviation
    }

    /// - Parameter highest: for each reference the similarity of its best impostor.
    init(_ highest: [Double]) {
        guard highest.count >= 4 else {
            self = .unknown
            return
        }
        let mean = highest.reduce(0, +) / Double(highest.count)
        let squares = highest.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        self.init(
            mean: mean, deviation: max(0.02, (squares / Double(highest.count - 1)).squareRoot()))
    }

    /// The probability that a concept is in a picture.
    ///
    /// Logistic in the distance of the similarity from that of impostors, in their deviations, and
    /// in the log-odds of the model's own answer. The weights were fitted on 28 pictures of
    /// held-out drawings with the embedded model (EXPERIMENTS.md).
    ///
    /// - Parameters:
    ///   - similarity: that of the concept's best reference.
    ///   - probability: the model's, 0…1.
    public func score(similarity: Double, probability: Double) -> Double {
        let held = min(max(probability, 1e-5), 1 - 1e-5)
        let odds = log(held / (1 - held))
        // However alike it looks, the model's no must count.
        let distance = min(max((similarity - mean) / deviation, -4), 2)
        return 1 / (1 + exp(-(0.95 * distance + 0.3 * odds - 0.85)))
    }
}
