public import VLMRuntime

extension ConceptRecognizer {
    /// Makes the concepts of an evaluation set a library to search.
    ///
    /// Every reference is read once and stays in memory. Concepts without a picture cannot be
    /// found.
    ///
    /// - Parameters:
    ///   - verifier: answers whether a concept is visible; `nil` for the model itself.
    ///   - metric: the model's own; `nil` compares the rows of the vision tower.
    /// - Throws: what keeps a picture from being read, or the model from looking at it.
    public init(
        searching set: EvaluationSet, profile: ModelProfile, model: any PictureModel,
        verifier: (any PresenceModel)? = nil, metric: LookMetric? = nil,
        options: RecognitionOptions, cancellation: CancellationFlag? = nil,
        progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws {
        var known: [Int: CaptionConcept] = [:]
        var references: [(concept: Int, picture: PictureRows)] = []
        for (place, concept) in set.concepts.enumerated() {
            progress(place, set.concepts.count)
            if cancellation?.isCancelled == true { throw CancellationError() }
            guard let picture = try concept.picture?.image() else { continue }
            known[place] = CaptionConcept(
                name: concept.name, info: concept.info, category: concept.category, image: picture)
            references.append(
                (
                    place,
                    try model.pictureRows(
                        ImageInput(
                            picture, pixelBudget: profile.referenceBudget, isReference: true),
                        cancellation: cancellation)
                ))
        }
        let concepts = known
        self.init(
            index: ConceptIndex(references, by: metric), profile: profile, model: model,
            verifier: verifier, options: options
        ) { place in
            guard let concept = concepts[place] else { throw MissingConcept(place: place) }
            return concept
        }
    }
}

/// A place at which a set has no concept with a picture.
struct MissingConcept: Error, CustomStringConvertible {
    let place: Int
    var description: String { "concept \(place + 1) of the set has no picture" }
}
