import ImageCodecs
public import PersonalCaption
public import VLMRuntime

/// What a server answers with: a model, its adapters, and the concepts of a library.
public struct ServedModel: Sendable {
    /// What clients call the model.
    public var name: String
    /// When its files were made, in seconds since 1970.
    public var created: Int
    /// How it wants to be asked.
    public var profile: ModelProfile
    /// The model without an adapter.
    public var base: Generator
    /// Names of the adapters there are now.
    public var adapterNames: @Sendable () -> [String]
    /// What changes when an adapter is trained anew under its old name; cheap to ask.
    public var adapterState: @Sendable (String) -> String
    /// The model with one of them; shares weights and caches.
    public var adapted: @Sendable (String) throws -> Generator
    /// A concept of the library with its picture; throws `APIError`.
    public var concept: @Sendable (String) throws -> CaptionConcept
    /// All names of the library.
    public var libraryNames: @Sendable () throws -> [String]
    /// Called before each token of all answers; what holds the answers back in tests.
    var beforeStep: @Sendable () -> Void = {}

    /// A model without adapters and library unless told otherwise.
    public init(
        name: String, created: Int, profile: ModelProfile, base: Generator,
        adapterNames: @escaping @Sendable () -> [String] = { [] },
        adapterState: @escaping @Sendable (String) -> String = { _ in "" },
        adapted: (@Sendable (String) throws -> Generator)? = nil,
        concept: (@Sendable (String) throws -> CaptionConcept)? = nil,
        libraryNames: @escaping @Sendable () throws -> [String] = { [] }
    ) {
        self.name = name
        self.created = created
        self.profile = profile
        self.base = base
        self.adapterNames = adapterNames
        self.adapterState = adapterState
        self.adapted = adapted ?? { _ in base }
        self.concept =
            concept ?? { name in
                throw APIError.notFound(
                    "There is no concept with this name.", code: "concept_not_found",
                    parameter: "concepts")
            }
        self.libraryNames = libraryNames
    }

    /// Sampling when a request says nothing: greedy, with the model's habits.
    var defaults: SamplingOptions { CaptionOptions().resolved(for: profile) }

    /// The documents of `/v1/models`.
    var documents: [ModelsDocument.Model] {
        [ModelsDocument.Model(id: name, created: created, parent: nil)]
            + adapterNames().filter { $0 != name }.map {
                ModelsDocument.Model(id: $0, created: created, parent: name)
            }
    }
}

/// Which adapter a request means.
///
/// Names are only ever compared with those there are, so none of them can be a path.
enum ModelRouting {
    /// - Parameters:
    ///   - model: the member `model`: the server's model, one of its adapters, or nothing.
    ///   - adapter: the member `adapter`.
    /// - Returns: the adapter's name; `nil` for the model alone.
    static func adapter(
        model: String?, adapter: String?, base: String, adapters: [String]
    ) throws(APIError) -> String? {
        var chosen: String?
        if let model, model != base {
            guard adapters.contains(model) else {
                throw .notFound(
                    "The model is not served here; '/v1/models' lists those that are.",
                    code: "model_not_found", parameter: "model")
            }
            chosen = model
        }
        guard let adapter, !adapter.isEmpty else { return chosen }
        guard adapters.contains(adapter) else {
            throw .notFound(
                "There is no such adapter; '/v1/models' lists them.", code: "adapter_not_found",
                parameter: "adapter")
        }
        guard chosen == nil || chosen == adapter else {
            throw .bad("adapter", "'model' names one adapter and 'adapter' another.")
        }
        return adapter
    }
}
