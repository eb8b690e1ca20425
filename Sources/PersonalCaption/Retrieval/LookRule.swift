import Foundation

/// What look and the model's word together are worth.
enum LookRule: Sendable, Equatable {
    /// By the distance from the library's impostors.
    case level(ImpostorLevel)
    /// As it was fitted together with the metric.
    case fitted(LookCalibration)

    /// The probability that a concept is in a picture; without a word of the model by the look alone.
    func score(_ look: LookEvidence, probability: Double?) -> Double {
        switch self {
        case .level(let level):
            guard let probability else { return look.similarity }
            return level.score(similarity: look.similarity, probability: probability)
        case .fitted(let calibration): return calibration.score(look, probability: probability)
        }
    }

    /// Whether a reason may say that it looks much like its picture.
    func isAlike(_ look: LookEvidence) -> Bool {
        switch self {
        case .level(let level): look.similarity >= level.mean
        case .fitted(let calibration): calibration.score(look, probability: nil) >= 0.5
        }
    }
}

/// Logistic in what the look says and in the log-odds of the model's own answer.
///
/// Fitted by `Benchmarks/retrieval/look.py` on scenes of training drawings, with libraries of several
/// sizes, and kept in the file of the metric.
struct LookCalibration: Sendable, Equatable, Codable {
    /// Weights of a rule.
    struct Weights: Sendable, Equatable, Codable {
        var similarity: Double
        var lead: Double
        var margin: Double
        /// Of the log-odds; zero where the model is not asked.
        var odds: Double
        var bias: Double
    }

    /// With the model's answer.
    var asked: Weights
    /// By the look alone.
    var alone: Weights

    /// The look as it is, for a metric without a calibration.
    static let none = LookCalibration(
        asked: Weights(similarity: 8, lead: 8, margin: 0, odds: 0.5, bias: -8),
        alone: Weights(similarity: 8, lead: 8, margin: 0, odds: 0, bias: -8))

    init(asked: Weights, alone: Weights) {
        self.asked = asked
        self.alone = alone
    }

    /// Reads the text of a metric's file; `nil` for anything but finite weights.
    init?(_ text: String?) {
        guard let text, text.utf8.count < 10_000,
            let read = try? JSONDecoder().decode(Self.self, from: Data(text.utf8))
        else { return nil }
        let numbers = [read.asked, read.alone].flatMap {
            [$0.similarity, $0.lead, $0.margin, $0.odds, $0.bias]
        }
        guard numbers.allSatisfy({ $0.isFinite && abs($0) < 1e6 }) else { return nil }
        self = read
    }

    func score(_ look: LookEvidence, probability: Double?) -> Double {
        let weights = probability == nil ? alone : asked
        let held = min(max(probability ?? 0.5, 1e-5), 1 - 1e-5)
        let sum =
            weights.similarity * look.similarity + weights.lead * look.lead
            + weights.margin * look.margin + weights.odds * log(held / (1 - held)) + weights.bias
        return 1 / (1 + exp(-sum))
    }
}
