import Foundation

/// How much better than its group each answer did.
public enum AdvantageScale: String, Sendable, Codable, CaseIterable {
    /// Divided by the group's standard deviation.
    case group
    /// Not divided (Dr. GRPO, arXiv 2503.20783).
    case none
}

/// How the losses of tokens are averaged; m is 1 for a counted token, l its loss.
public enum LossReduction: String, Sendable, Codable, CaseIterable {
    /// Mean over answers of each answer's mean: `mean_i(Σ m l / Σ m)` (arXiv 2402.03300).
    case grpo
    /// Mean over the tokens of a group: `Σ m l / Σ m`.
    case bnpo
    /// Mean over the tokens of the whole step (DAPO, arXiv 2503.14476).
    case dapo
    /// `Σ m l / (answers · longest answer allowed)` (Dr. GRPO, arXiv 2503.20783).
    case drGRPO = "dr_grpo"
}

/// Numbers of group relative policy optimization.
public struct GroupRelativeOptions: Sendable, Codable, Equatable {
    /// Answers per prompt (G).
    public var groupSize: Int
    /// Groups per update.
    public var groupsPerStep: Int
    /// Updates from the same answers (μ).
    public var iterations: Int
    /// The ratio is clipped below `1 - clipLow`.
    public var clipLow: Float
    /// And above `1 + clipHigh`.
    public var clipHigh: Float
    /// Weight of the divergence from the base model (β); 0 leaves the base model out.
    public var divergenceWeight: Float
    /// How advantages are scaled.
    public var advantageScale: AdvantageScale
    /// How token losses are averaged.
    public var reduction: LossReduction
    /// Longest answer in tokens.
    public var maximumTokens: Int
    /// Answers cut off at that length do not count.
    public var masksTruncated: Bool
    /// Further prompts drawn in one step in place of groups whose rewards are all equal.
    public var resampleLimit: Int

    /// RePIC's numbers: 8 answers, ε 0.2, β 0.04, two prompts per update.
    public init(
        groupSize: Int = 8, groupsPerStep: Int = 2, iterations: Int = 1, clipLow: Float = 0.2,
        clipHigh: Float = 0.2, divergenceWeight: Float = 0.04,
        advantageScale: AdvantageScale = .group, reduction: LossReduction = .grpo,
        maximumTokens: Int = 256, masksTruncated: Bool = false, resampleLimit: Int = 4
    ) {
        self.groupSize = groupSize
        self.groupsPerStep = groupsPerStep
        self.iterations = iterations
        self.clipLow = clipLow
        self.clipHigh = clipHigh
        self.divergenceWeight = divergenceWeight
        self.advantageScale = advantageScale
        self.reduction = reduction
        self.maximumTokens = maximumTokens
        self.masksTruncated = masksTruncated
        self.resampleLimit = resampleLimit
    }

    /// `(r - mean) / (standard deviation + 1e-4)`, the deviation with n - 1; all zero when the
    /// rewards are equal.
    public func advantages(_ rewards: [Float]) -> [Float] {
        let count = Double(rewards.count)
        let mean = rewards.reduce(0) { $0 + Double($1) } / max(1, count)
        let centred = rewards.map { Double($0) - mean }
        guard advantageScale == .group else { return centred.map(Float.init) }
        guard rewards.count > 1 else { return rewards.map { _ in 0 } }
        let variance = centred.reduce(0) { $0 + $1 * $1 } / (count - 1)
        return centred.map { Float($0 / (variance.squareRoot() + 1e-4)) }
    }

    /// Loss of one token and its derivative for the token's log-probability.
    ///
    /// `-min(ρA, clip(ρ)A) + β (e^(ref-p) - (ref-p) - 1)` with `ρ = e^(p-old)`.
    ///
    /// - Parameters:
    ///   - current: log-probability now (p).
    ///   - old: log-probability when the answer was sampled.
    ///   - reference: log-probability of the base model; `nil` leaves the divergence out.
    public func tokenLoss(
        current: Float, old: Float, reference: Float?, advantage: Float
    ) -> TokenLoss {
        let ratio = exp(current - old)
        let clipped = min(max(ratio, 1 - clipLow), 1 + clipHigh)
        let isClipped = advantage > 0 ? ratio > 1 + clipHigh : ratio < 1 - clipLow
        var result = TokenLoss(
            loss: -min(ratio * advantage, clipped * advantage),
            slope: isClipped ? 0 : -advantage * ratio, divergence: 0,
            isClipped: isClipped && advantage != 0)
        guard let reference else { return result }
        let gap = reference - current
        result.divergence = exp(gap) - gap - 1
        result.loss += divergenceWeight * result.divergence
        result.slope += divergenceWeight * (1 - exp(gap))
        return result
    }

    /// What a token's loss is multiplied by.
    ///
    /// - Parameters:
    ///   - length: counted tokens of its answer.
    ///   - groupTokens: counted tokens of its group.
    ///   - stepTokens: counted tokens of the step.
    ///   - groups: groups in the step.
    public func tokenWeight(
        length: Int, groupTokens: Int, stepTokens: Int, groups: Int
    ) -> Float {
        let answers = Float(groupSize * groups)
        return switch reduction {
        case .grpo: 1 / (answers * Float(max(1, length)))
        case .bnpo: 1 / (Float(groups) * Float(max(1, groupTokens)))
        case .dapo: 1 / Float(max(1, stepTokens))
        case .drGRPO: 1 / (answers * Float(max(1, maximumTokens)))
        }
    }
}

/// What one token contributes.
public struct TokenLoss: Sendable, Equatable {
    /// The loss, divergence included.
    public var loss: Float
    /// Its derivative for the token's log-probability.
    public var slope: Float
    /// The k3 estimate of the divergence from the base model; never negative.
    public var divergence: Float
    /// Whether the ratio's clipping stopped the gradient.
    public var isClipped: Bool
}
