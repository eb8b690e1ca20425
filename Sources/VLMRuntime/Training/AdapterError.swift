/// Why an adapter was refused or could not be written.
public enum AdapterError: Error, Equatable, CustomStringConvertible {
    /// Not a PEFT folder: a file is absent.
    case missingFile(folder: String, file: String)
    /// A file cannot be read or is damaged.
    case checkpoint(CheckpointError)
    /// A key of `adapter_config.json` asks for something that is not supported.
    case unsupported(file: String, key: String, found: String)
    /// A tensor without a place, without its partner or of the wrong shape.
    case tensor(file: String, tensor: String, problem: String)
    /// The adapter was made for a model of other sizes.
    case otherModel(module: String, problem: String)
    /// The folder or file cannot be written.
    case unwritable(path: String, reason: String)

    /// One sentence: file, thing, expected, found, what to try.
    public var description: String {
        switch self {
        case .missingFile(let folder, let file):
            "\(folder): there is no \(file) here; expected a PEFT adapter folder with "
                + "adapter_config.json and adapter_model.safetensors."
        case .checkpoint(let error):
            error.description
        case .unsupported(let file, let key, let found):
            "\(file): '\(key)' is \(found), which is not supported; this program reads plain LoRA "
                + "adapters of the language model's linears."
        case .tensor(let file, let tensor, let problem):
            "\(file): tensor '\(tensor)' \(problem); the adapter does not fit this model or is "
                + "damaged."
        case .otherModel(let module, let problem):
            "The adapter does not fit this model: for \(module), \(problem); use it with the model "
                + "it was trained on."
        case .unwritable(let path, let reason):
            "\(path): cannot be written (\(reason)); check the path, its permissions and the free "
                + "space."
        }
    }
}
