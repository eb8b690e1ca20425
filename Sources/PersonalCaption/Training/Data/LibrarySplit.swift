/// Which pictures are trained with and which are kept to judge the result.
///
/// Pictures that appear in held-out scenes appear in no training scene and are no reference there.
/// A concept to be taught that has only one picture cannot be split; its held-out scenes differ in
/// everything but that picture, and `shared` says so.
public struct LibrarySplit: Sendable, Equatable {
    /// A concept with the pictures that may stand in scenes.
    public struct Part: Sendable, Equatable {
        /// The concept.
        public var concept: TrainingConcept
        /// Pictures for scenes; the reference is the concept's first.
        public var scenes: [TrainingPicture]
    }

    /// The concepts to be taught, with their training pictures.
    public let targets: [Part]
    /// Other concepts of the library for training scenes.
    public let others: [Part]
    /// The concepts to be taught, with their held-out pictures.
    public let heldOutTargets: [Part]
    /// Other concepts for held-out scenes; none of them is in `others`.
    public let heldOutOthers: [Part]
    /// Names of concepts whose only picture is on both sides.
    public let shared: [String]

    /// Splits a library, always in the same way.
    ///
    /// - Parameters:
    ///   - targets: what is to be taught.
    ///   - others: the rest of the library: look-alikes and strangers.
    public init(targets: [TrainingConcept], others: [TrainingConcept]) {
        var training: [Part] = []
        var heldOut: [Part] = []
        var shared: [String] = []
        for concept in targets {
            // The cover is the reference of every prompt, so only the others can be kept back.
            let rest = concept.pictures.dropFirst().filter {
                $0.digest != concept.pictures[0].digest
            }.sorted { $0.digest < $1.digest }
            let kept = Array(rest.prefix(rest.isEmpty ? 0 : max(1, rest.count / 3)))
            let keptDigests = Set(kept.map(\.digest))
            if kept.isEmpty { shared.append(concept.name) }
            training.append(
                Part(
                    concept: concept,
                    scenes: concept.pictures.filter { !keptDigests.contains($0.digest) }))
            heldOut.append(Part(concept: concept, scenes: kept.isEmpty ? concept.pictures : kept))
        }
        self.targets = training
        heldOutTargets = heldOut
        self.shared = shared
        let known = Set(targets.flatMap(\.pictures).map(\.digest))
        let strangers = others.filter { concept in
            concept.pictures.allSatisfy { !known.contains($0.digest) }
        }.sorted { $0.pictures[0].digest < $1.pictures[0].digest }
        // Every third stranger is held out; one that shares a picture with a training one is not.
        var trained: [Part] = []
        var kept: [Part] = []
        for (index, concept) in strangers.enumerated() {
            let part = Part(concept: concept, scenes: concept.pictures)
            if index % 3 == 2 { kept.append(part) } else { trained.append(part) }
        }
        let trainedDigests = Set(trained.flatMap(\.concept.pictures).map(\.digest))
        heldOutOthers = kept.filter { part in
            part.concept.pictures.allSatisfy { !trainedDigests.contains($0.digest) }
        }
        self.others = trained
    }

    /// Digests of held-out scene pictures that training sees although it should not; empty unless
    /// the split is broken.
    public func leaks() -> Set<String> {
        let seen = Set(
            (targets + others).flatMap { $0.scenes + [$0.concept.pictures[0]] }
                .map(\.digest))
        let allowed = Set(
            heldOutTargets.filter { shared.contains($0.concept.name) }.flatMap(\.scenes)
                .map(\.digest))
        let judged = Set((heldOutTargets + heldOutOthers).flatMap(\.scenes).map(\.digest))
        return judged.intersection(seen).subtracting(allowed)
    }
}
