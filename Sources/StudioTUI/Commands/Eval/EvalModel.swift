import Foundation
import PersonalCaption
import VLMRuntime

/// A loaded model for an evaluation, with its habits and, maybe, an adapter.
struct EvalModel {
    let choice: ModelChoice
    let model: VisionLanguageModel
    let generator: Generator
    let captioner: Captioner
    /// The adapter's name and version; `nil` without one.
    let adapter: String?

    /// Loads a checkpoint.
    ///
    /// - Parameter wish: the name of an adapter that was kept.
    static func load(
        _ choice: ModelChoice, adapter wish: String? = nil, session: Session
    ) throws -> EvalModel {
        var model = try session.load(choice)
        var version: String?
        if let wish {
            let adapter = try AdapterShelf(session.home).open(wish, for: model)
            version = "\(wish) \(adapter.fingerprint())"
            model = try model.adapted(by: adapter)
        }
        let profile = try ModelProfile.resolve(directory: choice.folder, modelName: choice.name)
        // Nothing on disk: the pictures of a set are not those of the library.
        let generator = Generator(
            model, caches: GenerationCaches(for: model, folder: nil), adapter: version)
        return EvalModel(
            choice: choice, model: model, generator: generator,
            captioner: Captioner(
                model: generator, modelName: choice.name, adapterName: wish, profile: profile),
            adapter: version)
    }
}
