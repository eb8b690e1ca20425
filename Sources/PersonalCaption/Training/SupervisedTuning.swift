public import VLMRuntime

/// Supervised fine-tuning: the other caller of the trainer.
public enum SupervisedTuning {
    /// Collects the gradient of `mean(-log p(token))` over the tokens that count.
    ///
    /// Every example of a step is averaged over its own tokens first, as the Transformers trainer
    /// does for this model.
    ///
    /// - Parameters:
    ///   - counted: which tokens of each continuation count; `nil` counts all.
    ///   - examples: examples in the step.
    /// - Returns: the example's loss.
    @discardableResult
    public static func accumulate(
        _ sequence: TrainingSequence, counted: [[Bool]]? = nil, examples: Int = 1,
        in trainer: inout AdapterTrainer
    ) throws -> Float {
        let counted = counted ?? sequence.continuations.map { $0.map { _ in true } }
        let count = counted.joined().count { $0 }
        guard count > 0 else { return 0 }
        let slope = -1 / Float(count * max(1, examples))
        let values = try trainer.accumulate(sequence) { values in
            zip(values, counted).map { zip($0, $1).map { $1 ? slope : 0 } }
        }
        let sum = zip(values.joined(), counted.joined()).reduce(Float(0)) { $1.1 ? $0 - $1.0 : $0 }
        return sum / Float(count)
    }
}
