public import VLMRuntime

/// Captions pictures with the names of the concepts in them: prompt, generate, check.
public struct Captioner: Sendable {
    /// The habits of the model.
    public let profile: ModelProfile
    private let model: any CaptionModel
    private let modelName: String
    private let adapterName: String?

    /// Joins a model with its habits.
    ///
    /// - Parameters:
    ///   - model: what answers.
    ///   - modelName: what records call it.
    ///   - adapterName: the adapter in use, for records.
    ///   - profile: how it wants to be asked.
    public init(
        model: any CaptionModel, modelName: String, adapterName: String? = nil,
        profile: ModelProfile
    ) {
        self.model = model
        self.modelName = modelName
        self.adapterName = adapterName
        self.profile = profile
    }

    /// Makes one caption on the calling thread.
    ///
    /// - Parameters:
    ///   - request: the picture, its concepts and the question.
    ///   - cancellation: ends early; the record then holds what was written, with
    ///     `finishReason == .cancelled`.
    ///   - onEvent: stages and text as they come, on the same thread.
    /// - Throws: `CaptionPromptError` for a prompt that cannot be made, else what the model throws:
    ///   `CancellationError` when it was cancelled before the first token.
    public func caption(
        _ request: CaptionRequest, cancellation: CancellationFlag? = nil,
        onEvent: (GenerationEvent) -> Void = { _ in }
    ) throws -> CaptionRecord {
        let names = request.concepts.map(\.name)
        let prompt = CaptionPrompt(profile: profile, order: request.order)
        let messages = try prompt.messages(
            concepts: request.concepts, query: request.query, question: request.question)
        let options = request.options.resolved(for: profile)
        let result = try model.generate(
            messages, options: options, cancellation: cancellation, onEvent: onEvent)
        let report = NameCheck(supplied: names, library: request.libraryNames)
            .report(on: result.text)
        return CaptionRecord(
            caption: result.text, concepts: names, named: report.named, unnamed: report.unnamed,
            absent: report.wrong,
            question: try prompt.question(request.question, names: names),
            model: modelName, adapter: adapterName, seed: options.seed,
            sampling: CaptionSampling(options), finishReason: result.finishReason,
            usage: result.usage, timings: result.timings,
            cache: result.cache)
    }
}
