/// Why a checkpoint folder was refused.
public enum CheckpointError: Error, Equatable, CustomStringConvertible {
    case missingFile(folder: String, file: String)
    case notAFolder(path: String)
    case unreadable(file: String, reason: String)
    case tooLarge(file: String, bytes: Int, limit: Int)
    case malformed(file: String, problem: String)
    /// A value in a JSON file is absent, of the wrong kind or out of range.
    case value(file: String, key: String, expected: String, found: String)
    case unsupported(file: String, feature: String)
    case missingTensor(folder: String, tensor: String)
    case unexpectedTensor(file: String, tensor: String)
    case shape(file: String, tensor: String, expected: [Int], found: [Int])
    /// Whole, but not something that can be used as it is.
    case refused(file: String, problem: String, advice: String)

    /// One sentence: file, thing, expected, found, what to try.
    public var description: String {
        switch self {
        case .missingFile(let folder, let file):
            "\(folder): there is no \(file) here, so this is not a complete Qwen-VL checkpoint; "
                + "download the whole folder again."
        case .notAFolder(let path):
            "\(path): expected a checkpoint folder (config.json, tokenizer.json, *.safetensors) "
                + "or a .gguf file but there is neither."
        case .unreadable(let file, let reason):
            "\(file): cannot be read (\(reason)); check the path and its permissions."
        case .tooLarge(let file, let bytes, let limit):
            "\(file): \(bytes) bytes, but at most \(limit) are expected of such a file; is it "
                + "really part of a checkpoint?"
        case .malformed(let file, let problem):
            "\(file): \(problem); the file is damaged, download it again."
        case .value(let file, let key, let expected, let found):
            "\(file): '\(key)' is \(found), expected \(expected); is this a Qwen-VL "
                + "checkpoint?"
        case .unsupported(let file, let feature):
            "\(file): \(feature) is not supported; use an unquantised Qwen2.5-VL, Qwen2-VL "
                + "or dense Qwen3-VL checkpoint."
        case .missingTensor(let folder, let tensor):
            "\(folder): the weights have no tensor '\(tensor)' that the configuration calls for; do both "
                + "come from the same model?"
        case .unexpectedTensor(let file, let tensor):
            "\(file): tensor '\(tensor)' has no place in the model that the configuration describes; do "
                + "both come from the same model?"
        case .shape(let file, let tensor, let expected, let found):
            "\(file): tensor '\(tensor)' is \(Self.text(found)), but the configuration calls for "
                + "\(Self.text(expected)); do both come from the same model?"
        case .refused(let file, let problem, let advice):
            "\(file): \(problem); \(advice)."
        }
    }

    private static func text(_ shape: [Int]) -> String {
        "[" + shape.map(String.init).joined(separator: ", ") + "]"
    }
}
