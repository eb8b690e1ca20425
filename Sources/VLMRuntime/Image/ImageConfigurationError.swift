/// Why the image settings of a checkpoint cannot be used.
public enum ImageConfigurationError: Error, Equatable, CustomStringConvertible {
    /// The folder has neither preprocessor_config.json nor processor_config.json.
    case missing(folder: String)
    /// The system refused to open or read the file.
    case unreadable(file: String, reason: String)
    /// Not JSON, or not an object where one is expected.
    case malformed(file: String, reason: String)
    /// A value outside what this program, or any sensible checkpoint, uses.
    case refused(file: String, key: String, found: String, expected: String)

    /// One sentence.
    public var description: String {
        switch self {
        case .missing(let folder):
            "\(folder) has neither preprocessor_config.json nor processor_config.json; copy it from "
                + "where the model was published."
        case .unreadable(let file, let reason):
            "\(file) cannot be read: \(reason)."
        case .malformed(let file, let reason):
            "\(file) is not the JSON of an image processor: \(reason)."
        case .refused(let file, let key, let found, let expected):
            "\(file): '\(key)' is \(found), but \(expected) is expected; was the file edited?"
        }
    }
}
