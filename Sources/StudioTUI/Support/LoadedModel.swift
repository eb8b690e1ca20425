import Foundation
import PersonalCaption
import VLMRuntime

/// A model ready to caption and to answer, with its habits and, maybe, an adapter.
struct LoadedModel {
    let generator: Generator
    let captioner: Captioner
    /// The adapter's name and version; `nil` without one.
    let adapter: String?

    /// What finds concepts in pictures, as far as the checkpoint brings it along.
    let search: SearchModel

    /// The weights, the adapter's among them.
    var model: VisionLanguageModel { generator.model }

    /// Loads a checkpoint.
    ///
    /// - Parameters:
    ///   - wish: the adapter: a kept one, else a PEFT folder.
    ///   - rows: where rows of reference pictures stay; `nil` for pictures that are not the library's.
    init(
        _ choice: ModelChoice, adapter wish: String? = nil, keyValues: KVStorage? = nil,
        rows: URL? = nil, session: Session
    ) throws {
        let model = try session.load(choice, keyValues: keyValues)
        let base = Generator(model, caches: GenerationCaches(for: model, folder: rows))
        let adapted = try wish.map { try AdapterShelf(session.home).adapt(base, by: $0) }
        generator = adapted?.generator ?? base
        adapter = adapted?.version
        search = try SearchModel(choice, base: base, isAdapted: adapted != nil)
        captioner = Captioner(
            model: generator, modelName: choice.name, adapterName: wish,
            profile: try ModelProfile.resolve(
                directory: choice.folder, modelName: choice.name))
    }
}
