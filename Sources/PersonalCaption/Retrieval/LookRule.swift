import Foundation

/// What look and the model's word together are worth.
enum LookRule: Sendable, Equatable {
    /// By the distance from the library's impostors.
    case level(ImpostorLevel)
    /// As it was fitted together with the metric.
    case fitted(LookCalibration)

    /// The probability that this concept, and not one like it, is in a picture; without a word of
    /// the model by the look alone.
    func score(_ look: LookEvidence, probability: Double?) -> Double {
        switch self {
        case .level(let level):
            guard let probability else { return look.similarity }
            return level.score(similarity: look.similarity, probability: probability)
        case .fitted(let calibration):
            return calibration.identity.score(look, probability: probability)
        }
    }

    /// How sure it is that somebody known is in the picture, if this concept is the surest.
    ///
    /// Whether it is more alike than others at its place says who it is, and nothing about whether
    /// it is anybody: that is left out.
    func presence(_ look: LookEvidence, probability: Double?) -> Double {
        switch self {
        case .level: score(look, probability: probability)
        case .fitted(let calibration):
            calibration.presence.score(look, probability: probability)
        }
    }

    /// Where somebody known is, this part of the threshold suffices as score.
    var companyBar: Double {
        switch self {
        case .level: 0.8
        case .fitted: 0.53
        }
    }

    /// Whether a reason may say that it looks much like its picture.
    func isAlike(_ look: LookEvidence) -> Bool {
        switch self {
        case .level(let level): look.similarity >= level.mean
        case .fitted(let calibration): calibration.presence.score(look, probability: nil) >= 0.5
        }
    }
}

/// Logistic rules in what the look says and in the log-odds of the model's own answer.
///
/// Fitted by `Benchmarks/retrieval/joint.py` to scenes of drawings that neither model nor metric nor
/// verifier were trained with, and kept in the file of the metric.
struct LookCalibration: Sendable, Equatable, Codable {
    /// Weights of a rule.
    struct Weights: Sendable, Equatable, Codable {
        var similarity: Double
        var lead: Double
        var margin: Double
        var rivalry: Double
        /// Of the log-odds; zero where the model is not asked.
        var odds: Double
        var bias: Double

        fileprivate var all: [Double] { [similarity, lead, margin, rivalry, odds, bias] }
    }

    /// One question, with the model's answer and without.
    struct Rule: Sendable, Equatable, Codable {
        var asked: Weights
        var alone: Weights

        func score(_ look: LookEvidence, probability: Double?) -> Double {
            let weights = probability == nil ? alone : asked
            let held = min(max(probability ?? 0.5, 1e-5), 1 - 1e-5)
            let sum =
                weights.similarity * look.similarity + weights.lead * look.lead
                + weights.margin * look.margin + weights.rivalry * look.rivalry
                + weights.odds * log(held / (1 - held)) + weights.bias
            return 1 / (1 + exp(-sum))
        }
    }

    /// Whether it is there at all.
    var presence: Rule
    /// Whether it is this one and not one like it.
    var identity: Rule

    /// The look as it is, for a metric without a calibration.
    static let none = LookCalibration(presence: .none, identity: .none)

    init(presence: Rule, identity: Rule) {
        self.presence = presence
        self.identity = identity
    }

    /// Reads the text of a metric's file; `nil` for anything but finite weights.
    init?(_ text: String?) {
        guard let text, text.utf8.count < 10_000,
            let read = try? JSONDecoder().decode(Self.self, from: Data(text.utf8))
        else { return nil }
        let rules = [read.presence, read.identity]
        let numbers = rules.flatMap { $0.asked.all + $0.alone.all }
        guard numbers.allSatisfy({ $0.isFinite && abs($0) < 1e6 }) else { return nil }
        self = read
    }
}

extension LookCalibration.Rule {
    fileprivate static let none = LookCalibration.Rule(
        asked: .init(similarity: 8, lead: 8, margin: 0, rivalry: 0, odds: 0.5, bias: -8),
        alone: .init(similarity: 8, lead: 8, margin: 0, rivalry: 0, odds: 0, bias: -8))
}
