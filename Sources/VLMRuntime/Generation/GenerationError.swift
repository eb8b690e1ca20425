/// Why a generation could not be carried out.
public enum GenerationError: Error, Equatable, CustomStringConvertible {
    /// The prompt and the tokens asked for do not fit the model's context.
    case promptTooLong(tokens: Int, limit: Int)
    /// There is nothing to answer.
    case emptyPrompt
    /// The logits are not numbers: the weights are damaged or not what config.json describes.
    case notANumber(folder: String)

    /// One sentence: what is wrong and what to try.
    public var description: String {
        switch self {
        case .promptTooLong(let tokens, let limit):
            "The prompt is \(tokens) tokens long but this model reads at most \(limit); use fewer "
                + "or smaller pictures."
        case .emptyPrompt:
            "The prompt is empty; give a question or a picture."
        case .notANumber(let folder):
            "\(folder): the model computes values that are not numbers; its weights are damaged, "
                + "download it again."
        }
    }
}
