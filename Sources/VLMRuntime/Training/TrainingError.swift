/// Why a training pass stopped.
public enum TrainingError: Error, Equatable, CustomStringConvertible {
    /// Log-probabilities or gradients are not numbers; nothing was changed.
    case notANumber(what: String)
    /// Prompt and continuation do not fit the model's context.
    case tooLong(tokens: Int, limit: Int)

    /// One sentence: what is wrong and what to try.
    public var description: String {
        switch self {
        case .notANumber(let what):
            "Training stopped: \(what) is not a number; start again from the last checkpoint with "
                + "a smaller learning rate."
        case .tooLong(let tokens, let limit):
            "A training example is \(tokens) tokens long but this model reads at most \(limit); "
                + "use fewer or smaller pictures or shorter answers."
        }
    }
}
