import ConceptDB
import Foundation
import VLMRuntime

/// A checkpoint to work with, and the name it goes by.
struct ModelChoice: Sendable, Equatable {
    let name: String
    let folder: URL

    /// The model that `--model` names, else the user's default, else the embedded one.
    ///
    /// - Parameter wish: a registered name, `mini`, or the path of a checkpoint folder or `.gguf` file.
    static func resolve(
        _ wish: String?, store: ConceptStore, samples: Samples?
    ) throws -> ModelChoice {
        guard let wish else {
            if let record = try store.defaultModel() { return ModelChoice(record) }
            if let samples { return embedded(samples) }
            throw StudioFailure(
                .notFound,
                "no model is chosen and the embedded one is not beside the program; "
                    + "add a checkpoint with 'studio model add FOLDER'")
        }
        let records = try store.models()
        if let record = records.first(where: { $0.name.lowercased() == wish.lowercased() }) {
            return ModelChoice(record)
        }
        if wish == Samples.modelName, let samples { return embedded(samples) }
        let folder = URL(fileURLWithPath: wish, isDirectory: true)
        if wish.contains("/") || isFolder(folder) || GGUFLocation.isFile(folder) {
            return ModelChoice(name: GGUFLinks.usualName(folder), folder: folder)
        }
        // The store knows how to say which name may have been meant.
        return ModelChoice(try store.model(named: wish))
    }

    static func embedded(_ samples: Samples) -> ModelChoice {
        ModelChoice(name: Samples.modelName, folder: samples.model)
    }

    private static func isFolder(_ url: URL) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
            && isFolder.boolValue
    }
}

extension ModelChoice {
    init(_ record: ModelRecord) {
        self.init(
            name: record.name, folder: URL(fileURLWithPath: record.path, isDirectory: true))
    }
}
