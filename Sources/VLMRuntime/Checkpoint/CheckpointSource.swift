import Foundation

/// The form a checkpoint has on disk: a folder as Transformers writes it, or a pair of GGUF files.
///
/// Whoever reads a checkpoint asks this, and knows neither form.
enum CheckpointSource {
    case folder(URL)
    case gguf(GGUFPair, folder: URL)

    /// Looks at a path and opens the GGUF files, if that is what it names.
    ///
    /// - Throws: `CheckpointError` when there is nothing or GGUF files do not belong together.
    init(_ location: URL) throws(CheckpointError) {
        if let pair = try GGUFLocation(location) {
            self = .gguf(try GGUFPair(pair), folder: location)
            return
        }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: location.path, isDirectory: &isFolder),
            isFolder.boolValue
        else { throw .notAFolder(path: location.path) }
        self = .folder(location)
    }

    /// What describes the network: `config.json`, or the metadata under its names.
    func configuration() throws(CheckpointError) -> JSONFile {
        switch self {
        case .folder(let folder):
            let path = folder.appendingPathComponent("config.json").path
            guard FileManager.default.fileExists(atPath: path) else {
                throw .missingFile(folder: folder.path, file: "config.json")
            }
            return try JSONFile(path: path)
        case .gguf(let pair, _): return try pair.configuration()
        }
    }

    /// How the makers suggest to sample; `nil` when they do not say.
    ///
    /// A file in the folder wins.
    func generation() throws(CheckpointError) -> JSONFile? {
        let folder =
            switch self {
            case .folder(let folder), .gguf(_, let folder): folder
            }
        let path = folder.appendingPathComponent("generation_config.json").path
        if FileManager.default.fileExists(atPath: path) { return try JSONFile(path: path) }
        guard case .gguf(let pair, _) = self else { return nil }
        return try pair.generation()
    }

    /// How pictures are prepared.
    ///
    /// A file in the folder wins over the metadata, which lack the limits of their size.
    func imagePreprocessor() throws -> ImagePreprocessorConfiguration {
        switch self {
        case .folder(let folder): return try ImagePreprocessorConfiguration(directory: folder)
        case .gguf(let pair, let folder):
            do {
                return try ImagePreprocessorConfiguration(directory: folder)
            } catch ImageConfigurationError.missing {
                return try ImagePreprocessorConfiguration(pair.imageProcessor())
            }
        }
    }

    func tokenizer() throws -> TokenizerTables {
        switch self {
        case .folder(let folder): try TokenizerFolder(directory: folder).read()
        case .gguf(let pair, _): try GGUFTokenizer(file: pair.text).read()
        }
    }
}
