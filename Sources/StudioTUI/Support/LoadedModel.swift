import Foundation
import PersonalCaption
import VLMRuntime

/// A model ready to caption and to answer, with its habits and, maybe, an adapter.
struct LoadedModel {
    let generator: Generator
    let captioner: Captioner
    /// The adapter's name and version; `nil` without one.
    let adapter: String?

    private let choice: ModelChoice
    /// Without the adapter.
    private let base: Generator

    /// The weights, the adapter's among them.
    var model: VisionLanguageModel { generator.model }

    /// Loads a checkpoint.
    ///
    /// - Parameters:
    ///   - wish: the adapter: a kept one, else a PEFT folder.
    ///   - rows: where rows of reference pictures stay; `nil` for pictures that are not the library's.
    init(
        _ choice: ModelChoice, adapter wish: String? = nil, precision: Precision = .usual,
        rows: URL? = nil, session: Session
    ) throws {
        let model = try session.load(choice, precision)
        self.choice = choice
        let base = Generator(model, caches: GenerationCaches(for: model, folder: rows))
        self.base = base
        let adapted = try wish.map { try AdapterShelf(session.home).adapt(base, by: $0) }
        generator = adapted?.generator ?? base
        adapter = adapted?.version
        captioner = Captioner(
            model: generator, modelName: choice.name, adapterName: wish,
            profile: try ModelProfile.resolve(
                directory: choice.folder, modelName: choice.name))
    }

    /// Opens what finds concepts in pictures, as far as the checkpoint brings it along.
    ///
    /// - Throws: what is wrong with a file of it that is there.
    func search() throws -> SearchModel {
        try SearchModel(choice, base: base, isAdapted: adapter != nil)
    }
}
