import ConceptDB
import Foundation
import PersonalCaption
import StudioServer
import VLMRuntime

extension ServedModel {
    /// A loaded model with the adapters that were kept for it and the library's concepts.
    init(_ choice: ModelChoice, _ loaded: LoadedModel, store: ConceptStore, home: StudioHome) {
        let shelf = AdapterShelf(home)
        let fingerprint = (try? CheckpointFingerprint(folder: choice.folder))?.description
        let base = loaded.generator
        self.init(
            name: choice.name, created: Self.changed(choice.folder),
            profile: loaded.captioner.profile, base: base,
            adapterNames: {
                shelf.names().filter { name in
                    shelf.note(name).map { $0.modelFingerprint == fingerprint } ?? true
                }
            },
            adapterState: { shelf.state($0) }, adapted: { try shelf.adapt(base, by: $0).generator },
            concept: { name in
                do {
                    return try LibraryReference.read(name, from: store).forPrompt
                } catch {
                    throw Self.refusal(error)
                }
            }, libraryNames: { try store.names() })
    }

    /// A concept that cannot be used, in the API's form.
    private static func refusal(_ error: any Error) -> APIError {
        let failure = FailureMapping.failure(for: error)
        return switch failure.exit {
        case .notFound:
            APIError(
                404, failure.description, code: "concept_not_found", parameter: "concepts")
        case .badInput: APIError(400, failure.description, parameter: "concepts")
        default:
            APIError(500, "The library cannot be read.", kind: "server_error")
        }
    }

    private static func changed(_ folder: URL) -> Int {
        let file = folder.appendingPathComponent("config.json").path
        let attributes = try? FileManager.default.attributesOfItem(atPath: file)
        let date = attributes?[.modificationDate] as? Date
        return Int((date ?? Date(timeIntervalSince1970: 0)).timeIntervalSince1970)
    }
}
