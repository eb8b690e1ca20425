import CKernels
import Foundation

/// How the learning rate changes over a run, as a factor of its peak.
public enum LearningRateSchedule: String, Sendable, Codable, CaseIterable {
    case constant, linear, cosine

    /// - Parameters:
    ///   - step: updates done so far.
    ///   - warmup: updates over which the factor rises from 0.
    ///   - total: updates of the whole run.
    /// - Returns: 0…1. Source: Transformers `optimization.py`.
    public func factor(step: Int, warmup: Int, total: Int) -> Double {
        if step < warmup { return Double(step) / Double(max(1, warmup)) }
        let length = Double(max(1, total - warmup))
        let done = min(1, Double(step - warmup) / length)
        return switch self {
        case .constant: 1
        case .linear: 1 - done
        case .cosine: 0.5 * (1 + cos(.pi * done))
        }
    }
}

/// How an adapter is updated from its gradient.
public struct OptimizerOptions: Sendable, Codable, Equatable {
    /// Peak learning rate.
    public var learningRate: Double
    /// How it changes.
    public var schedule: LearningRateSchedule
    /// Updates over which it rises; the first one then changes nothing.
    public var warmupSteps: Int
    /// Updates of the whole run.
    public var totalSteps: Int
    /// Memory of the gradient's mean.
    public var beta1: Double
    /// Memory of the gradient's square.
    public var beta2: Double
    /// Keeps the division finite.
    public var epsilon: Double
    /// Pulls values towards zero.
    public var weightDecay: Double
    /// Longer gradients are shortened to this; 0 leaves them.
    public var maximumGradientNorm: Double

    /// Defaults of the Transformers trainer; RePIC's learning rate and schedule.
    public init(
        learningRate: Double = 1e-5, schedule: LearningRateSchedule = .linear,
        warmupSteps: Int = 0, totalSteps: Int = 1000, beta1: Double = 0.9, beta2: Double = 0.999,
        epsilon: Double = 1e-8, weightDecay: Double = 0, maximumGradientNorm: Double = 1
    ) {
        self.learningRate = learningRate
        self.schedule = schedule
        self.warmupSteps = warmupSteps
        self.totalSteps = totalSteps
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        self.maximumGradientNorm = maximumGradientNorm
    }

    /// The learning rate of the next update after `step` of them.
    public func learningRate(after step: Int) -> Double {
        learningRate * schedule.factor(step: step, warmup: warmupSteps, total: totalSteps)
    }
}

/// AdamW in PyTorch's order of operations (arXiv 1711.05101).
struct AdamW: Sendable {
    /// Running means of the gradient and of its square.
    var mean: Matrix
    var square: Matrix
    /// Updates done.
    var step = 0

    init(count: Int) {
        mean = Matrix(rows: 1, columns: count)
        square = Matrix(rows: 1, columns: count)
    }

    /// - Parameter scale: multiplies the gradient.
    mutating func update(
        _ values: inout Matrix, gradient: Matrix, scale: Double, learningRate: Double,
        _ options: OptimizerOptions
    ) {
        step += 1
        var numbers = ck_adamw_step(
            learning_rate: Float(learningRate), beta1: Float(options.beta1),
            beta2: Float(options.beta2), epsilon: Float(options.epsilon),
            weight_decay: Float(options.weightDecay),
            correction1: Float(1 - pow(options.beta1, Double(step))),
            correction2: Float(1 - pow(options.beta2, Double(step))),
            gradient_scale: Float(scale))
        ck_adamw(
            values.mutable, mean.mutable, square.mutable, gradient.pointer, values.count, &numbers)
        withExtendedLifetime(gradient) {}
    }
}
