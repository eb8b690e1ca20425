/// Why a generation could not be carried out.
public enum GenerationError: Error, Equatable, CustomStringConvertible {
    /// The prompt and the tokens asked for do not fit the model's context.
    case promptTooLong(tokens: Int, limit: Int)
    /// There is nothing to answer.
    case emptyPrompt
    /// The logits are not numbers: the weights are damaged or not what config.json describes.
    case notANumber(folder: String)
    /// Weights, states and activations do not fit the memory there is; in bytes.
    case notEnoughMemory(folder: String, needed: Int, available: Int)

    private static func size(_ bytes: Int) -> String {
        let tenths = bytes * 10 >> 30
        return tenths < 10
            ? "\(max(1, bytes >> 20)) MiB" : "\(tenths / 10).\(tenths % 10) GiB"
    }

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
        case .notEnoughMemory(let folder, let needed, let available):
            "\(folder): this takes \(Self.size(needed)) of memory, but only "
                + "\(Self.size(available)) are free; use fewer or smaller pictures, a smaller or "
                + "quantised model, or close other programs."
        }
    }
}
