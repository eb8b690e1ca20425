/// A concept that was looked for in a picture, and what came of it.
public struct RecognizedConcept: Sendable, Equatable {
    /// Its place in the library that was searched.
    public var concept: Int
    /// Its name.
    public var name: String
    /// How alike its reference and a part of the picture are, -1…1.
    public var similarity: Double
    /// The model's own probability that it is visible, 0…1; `nil` when it was not asked.
    public var probability: Double?
    /// What decides, 0…1: look and probability together, no more than how sure it is that anybody
    /// known is there; without a probability the similarity.
    public var score: Double
    /// Whether it is taken to be in the picture.
    public var isAccepted: Bool
    /// Where it is, or would most likely be, `[x1, y1, x2, y2]` in pixels of the picture.
    public var box: [Int]
    /// Why it was accepted or not, in a few words.
    public var reason: String
}

/// Who of a library is in a picture.
public struct Recognition: Sendable, Equatable {
    /// Concepts that were looked at closely, best first.
    public var candidates: [RecognizedConcept]
    /// The score from which on a concept is accepted.
    public var threshold: Double

    /// Those that are taken to be in the picture; empty says that nobody known is in it.
    public var accepted: [RecognizedConcept] { candidates.filter(\.isAccepted) }
}

/// How a picture is searched.
public struct RecognitionOptions: Sendable, Codable, Equatable {
    /// Concepts that the model is asked about, the most alike of the library.
    public var shortlist: Int
    /// At most so many are accepted, 1…4.
    public var limit: Int
    /// How sure it must be that somebody known is in the picture, 0…1; where somebody is, a part of
    /// it suffices for each.
    public var threshold: Double
    /// Whether the model is asked; without that the `limit` most alike are accepted.
    public var verifies: Bool
    /// Whether the model is asked for the boxes of those accepted.
    public var locates: Bool

    /// As measured best with the embedded model.
    public init(
        shortlist: Int = 24, limit: Int = CaptionPrompt.maximumConcepts, threshold: Double = 0.65,
        verifies: Bool = true, locates: Bool = true
    ) {
        self.shortlist = shortlist
        self.limit = limit
        self.threshold = threshold
        self.verifies = verifies
        self.locates = locates
    }
}
