/// What a search of the library found for one picture of a run.
public struct RetrievalRecord: Sendable, Codable, Equatable {
    /// A concept that was looked at closely.
    public struct Candidate: Sendable, Codable, Equatable {
        /// Its name.
        public var name: String
        /// How alike it looks.
        public var similarity: Double
        /// The model's probability; `nil` when it was not asked.
        public var probability: Double?
        /// Whether it was given to the captioner.
        public var isAccepted: Bool
        /// Whether it should be named.
        public var isWanted: Bool
    }

    /// Best first.
    public var candidates: [Candidate]
    /// Seconds for the whole search, boxes not included.
    public var seconds: Double

    init(_ found: Recognition, wanted: Set<Int>, seconds: Double) {
        candidates = found.candidates.map {
            Candidate(
                name: $0.name, similarity: $0.similarity, probability: $0.probability,
                isAccepted: $0.isAccepted, isWanted: wanted.contains($0.concept))
        }
        self.seconds = seconds
    }

    /// Wanted concepts among the four that look most alike.
    var rightByLook: Int {
        candidates.sorted { $0.similarity > $1.similarity }
            .prefix(CaptionPrompt.maximumConcepts).count(where: \.isWanted)
    }
    /// Wanted concepts among the four likeliest after the model was asked.
    var rightByScore: Int {
        candidates.prefix(CaptionPrompt.maximumConcepts).count(where: \.isWanted)
    }
    /// Wanted concepts that the model was asked about.
    var rightInShortlist: Int { candidates.count(where: \.isWanted) }
    /// Concepts given to the captioner.
    var accepted: Int { candidates.count(where: \.isAccepted) }
    /// Wanted concepts given to the captioner.
    var rightlyAccepted: Int { candidates.count { $0.isAccepted && $0.isWanted } }
}
