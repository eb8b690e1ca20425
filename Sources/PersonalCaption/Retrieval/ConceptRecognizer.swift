public import ImageCodecs
import Foundation
public import VLMRuntime

/// Finds out which concepts of a library a picture shows.
///
/// First the look: the vision tower's rows of every reference against those of the picture. Then
/// the model itself is asked about the most alike, four references at a time, so that look-alikes
/// stand side by side; those it does not rule out meet again in a second round.
public struct ConceptRecognizer: Sendable {
    /// How pictures are searched.
    public var options: RecognitionOptions
    private let index: ConceptIndex
    private let profile: ModelProfile
    private let model: any PictureModel
    private let concept: @Sendable (Int) throws -> CaptionConcept

    /// Joins a library and a model.
    ///
    /// - Parameters:
    ///   - index: the references, by the same model.
    ///   - concept: what a caption would be given of a concept, by its place.
    public init(
        index: ConceptIndex, profile: ModelProfile, model: any PictureModel,
        options: RecognitionOptions = RecognitionOptions(),
        concept: @escaping @Sendable (Int) throws -> CaptionConcept
    ) {
        self.index = index
        self.profile = profile
        self.model = model
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
            probabilities = try verify(matches.map(\.concept), known, picture, cancellation)
        }
        var candidates = matches.map { match in
            RecognizedConcept(
                concept: match.concept, name: known[match.concept]?.name ?? "",
                similarity: match.similarity, probability: probabilities[match.concept],
                score: probabilities[match.concept] ?? match.similarity, isAccepted: false,
                box: match.box, reason: "")
        }
        candidates.sort { ($0.score, $0.similarity) > ($1.score, $1.similarity) }
        decide(&candidates, wanted)
        if options.locates { try locate(&candidates, known, picture, cancellation) }
        return Recognition(
            candidates: candidates, threshold: options.verifies ? options.threshold : -1)
    }

    /// The model's probabilities, by concept.
    private func verify(
        _ order: [Int], _ known: [Int: CaptionConcept], _ picture: RGBImage,
        _ cancellation: CancellationFlag?
    ) throws -> [Int: Double] {
        var found = try round(order, known, picture, cancellation)
        let finalists = order.filter { found[$0] ?? 0 >= Self.outOfQuestion }
            .sorted { (found[$0] ?? 0) > (found[$1] ?? 0) }
            .prefix(2 * CaptionPrompt.maximumConcepts)
        guard order.count > CaptionPrompt.maximumConcepts, !finalists.isEmpty else { return found }
        let again = try round(Array(finalists), known, picture, cancellation)
        for (concept, probability) in again {
            found[concept] = Self.joined(found[concept] ?? 0, probability)
        }
        return found
    }

    /// Below this a concept does not come to the second round.
    private static let outOfQuestion = 0.1

    /// Two opinions as one: the mean of their log-odds.
    static func joined(_ a: Double, _ b: Double) -> Double {
        func odds(_ p: Double) -> Double {
            let held = min(max(p, 1e-6), 1 - 1e-6)
            return log(held / (1 - held))
        }
        return 1 / (1 + exp(-(odds(a) + odds(b)) / 2))
    }

    /// Asks about concepts in groups, in the given order.
    private func round(
        _ order: [Int], _ known: [Int: CaptionConcept], _ picture: RGBImage,
        _ cancellation: CancellationFlag?
    ) throws -> [Int: Double] {
        let question = PresenceQuestion(profile: profile)
        var found: [Int: Double] = [:]
        for group in PresenceGroups.groups(order, name: { known[$0]?.name ?? "" }) {
            let concepts = group.compactMap { known[$0] }
            let answers = try question.probabilities(
                of: concepts.map(\.name), among: concepts, in: picture, model: model,
                cancellation: cancellation)
            for (place, answer) in zip(group, answers) { found[place] = answer }
        }
        return found
    }

    /// Marks who is accepted, and says why.
    private func decide(_ candidates: inout [RecognizedConcept], _ asked: Set<Int>) {
        var room = options.limit - candidates.count { asked.contains($0.concept) }
        for index in candidates.indices {
            let candidate = candidates[index]
            let percent = candidate.probability.map { "\(Int(($0 * 100).rounded())) %" }
            if asked.contains(candidate.concept) {
                candidates[index].isAccepted = true
                candidates[index].reason =
                    "named in the question" + (percent.map { "; the model is \($0) sure" } ?? "")
            } else if options.verifies, candidate.score < options.threshold {
                candidates[index].reason = "the model is only \(percent ?? "not") sure"
            } else if room > 0 {
                room -= 1
                candidates[index].isAccepted = true
                candidates[index].reason =
                    percent.map { "looks alike, and the model is \($0) sure" }
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
