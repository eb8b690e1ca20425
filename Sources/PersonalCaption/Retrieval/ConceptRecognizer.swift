public import ImageCodecs
import Foundation
public import VLMRuntime

/// Finds out which concepts of a library a picture shows.
///
/// First the look: the vision tower's rows of every reference against those of the picture. Then
/// the model itself is asked about the most alike, four references at a time, so that look-alikes
/// stand side by side and share the reading of the picture. How much a look counts follows from
/// how alike the library's own references are (`LookRule`).
public struct ConceptRecognizer: Sendable {
    /// How pictures are searched.
    public var options: RecognitionOptions
    private let index: ConceptIndex
    private let profile: ModelProfile
    private let model: any PictureModel
    private let verifier: any PresenceModel
    private let concept: @Sendable (Int) throws -> CaptionConcept

    /// Joins a library and a model.
    ///
    /// - Parameters:
    ///   - index: the references, by the same model.
    ///   - verifier: answers whether a concept is visible; `nil` for the model itself.
    ///   - concept: what a caption would be given of a concept, by its place.
    public init(
        index: ConceptIndex, profile: ModelProfile, model: any PictureModel,
        verifier: (any PresenceModel)? = nil,
        options: RecognitionOptions = RecognitionOptions(),
        concept: @escaping @Sendable (Int) throws -> CaptionConcept
    ) {
        self.index = index
        self.profile = profile
        self.model = model
        self.verifier = verifier ?? model
        self.options = options
        self.concept = concept
    }

    /// Looks for the library's concepts.
    ///
    /// - Parameter asked: places of concepts that are accepted whatever is found.
    /// - Throws: what the model throws, or `concept`; `CancellationError`.
    public func recognize(
        _ picture: RGBImage, asked: [Int] = [], cancellation: CancellationFlag? = nil
    ) throws -> Recognition {
        let rows = try model.pictureRows(
            ImageInput(picture, pixelBudget: profile.queryBudget), cancellation: cancellation)
        let all = index.matches(rows, limit: asked.isEmpty ? options.shortlist : index.count)
        var matches = Array(all.prefix(options.shortlist))
        let wanted = Set(asked)
        matches += all.dropFirst(options.shortlist).filter { wanted.contains($0.concept) }
        var known: [Int: CaptionConcept] = [:]
        for match in matches { known[match.concept] = try concept(match.concept) }
        var probabilities: [Int: Double] = [:]
        if options.verifies {
            probabilities = try ask(matches.map(\.concept), known, picture, cancellation)
        }
        let surest = matches.map {
            index.rule.presence($0.evidence, probability: probabilities[$0.concept])
        }.max()
        let isAnybody = (surest ?? 0) >= options.threshold
        var candidates = matches.map { match in
            let score = index.rule.score(
                match.evidence, probability: probabilities[match.concept])
            return RecognizedConcept(
                concept: match.concept, name: known[match.concept]?.name ?? "",
                similarity: match.similarity, probability: probabilities[match.concept],
                score: isAnybody || !options.verifies ? score : min(score, surest ?? score),
                isAccepted: false,
                box: match.box, reason: "")
        }
        candidates.sort { ($0.score, $0.similarity) > ($1.score, $1.similarity) }
        let alike = Set(
            matches.filter { index.rule.isAlike($0.evidence) }.map(\.concept))
        decide(
            &candidates, wanted, alike,
            bar: isAnybody ? options.threshold * index.rule.companyBar : .infinity)
        if options.locates { try locate(&candidates, known, picture, cancellation) }
        return Recognition(
            candidates: candidates, threshold: options.verifies ? options.threshold : -1)
    }

    /// Asks about concepts in groups, in the given order.
    private func ask(
        _ order: [Int], _ known: [Int: CaptionConcept], _ picture: RGBImage,
        _ cancellation: CancellationFlag?
    ) throws -> [Int: Double] {
        let question = PresenceQuestion(profile: profile)
        var found: [Int: Double] = [:]
        for group in PresenceGroups.groups(order, name: { known[$0]?.name ?? "" }) {
            let concepts = group.compactMap { known[$0] }
            let answers = try question.probabilities(
                of: concepts.map(\.name), among: concepts, in: picture, model: verifier,
                cancellation: cancellation)
            for (place, answer) in zip(group, answers) { found[place] = answer }
        }
        return found
    }

    /// Marks who is accepted, and says why.
    ///
    /// - Parameter bar: the score from which on; infinite where nobody known is.
    private func decide(
        _ candidates: inout [RecognizedConcept], _ asked: Set<Int>, _ alike: Set<Int>, bar: Double
    ) {
        var room = options.limit - candidates.count { asked.contains($0.concept) }
        for index in candidates.indices {
            let candidate = candidates[index]
            let percent = candidate.probability.map { "\(Int(($0 * 100).rounded())) %" }
            let isAlike = alike.contains(candidate.concept)
            if asked.contains(candidate.concept) {
                candidates[index].isAccepted = true
                candidates[index].reason =
                    "named in the question" + (percent.map { "; the model is \($0) sure" } ?? "")
            } else if options.verifies, candidate.score < bar {
                candidates[index].reason =
                    "looks \(isAlike ? "somewhat" : "little") like its picture; "
                    + "the model is \(percent ?? "not") sure"
            } else if room > 0 {
                room -= 1
                candidates[index].isAccepted = true
                candidates[index].reason =
                    percent.map {
                        "looks \(isAlike ? "much" : "somewhat") like its picture; "
                            + "the model is \($0) sure"
                    }
                    ?? "among the most alike"
            } else {
                candidates[index].reason = "\(options.limit) others are more likely"
            }
        }
    }

    /// Asks the model for the boxes of the accepted.
    private func locate(
        _ candidates: inout [RecognizedConcept], _ known: [Int: CaptionConcept],
        _ picture: RGBImage, _ cancellation: CancellationFlag?
    ) throws {
        let accepted = candidates.indices.filter { candidates[$0].isAccepted }
        let concepts = accepted.compactMap { known[candidates[$0].concept] }
        guard (try? CaptionPrompt.check(concepts.map(\.name))) != nil else { return }
        let question = BoxQuestion(profile: profile)
        for (index, concept) in zip(accepted, concepts) {
            if let box = try question.box(
                of: concept.name, among: concepts, in: picture, model: model,
                cancellation: cancellation)
            {
                candidates[index].box = box
            }
        }
    }
}

/// Who is asked about together.
enum PresenceGroups {
    /// Groups of at most four in the given order; names that read alike never share one.
    static func groups(_ order: [Int], name: (Int) -> String) -> [[Int]] {
        var groups: [[Int]] = []
        var keys: [Set<NameKey>] = []
        for place in order {
            let key = NameKey(name(place))
            let free = groups.indices.first {
                groups[$0].count < CaptionPrompt.maximumConcepts && !keys[$0].contains(key)
            }
            if let free {
                groups[free].append(place)
                keys[free].insert(key)
            } else {
                groups.append([place])
                keys.append([key])
            }
        }
        return groups
    }
}
