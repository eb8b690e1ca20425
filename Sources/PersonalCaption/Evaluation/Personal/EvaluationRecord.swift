public import VLMRuntime

/// A concept as it was given with a picture.
public struct GivenConcept: Sendable, Codable, Equatable {
    /// Its name.
    public var name: String
    /// What result lists call it.
    public var tag: String
    /// The info line it was given with.
    public var info: String
    /// Whether it should be named.
    public var isWanted: Bool
    /// A small copy of its picture, in the run's folder.
    public var thumbnail: String?
    /// The probability of yes to whether it is visible; `nil` unless that was asked.
    public var presence: Double?
    /// Where it is, `[x1, y1, x2, y2]`; `nil` when that is not known.
    public var box: [Int]?
    /// Where the model said it is; `nil` when it was not asked, or gave no box.
    public var foundBox: [Int]?

    /// Names what is always known.
    public init(name: String, tag: String, info: String, isWanted: Bool) {
        self.name = name
        self.tag = tag
        self.info = info
        self.isWanted = isWanted
    }
}

/// One caption of a run with everything needed to score and show it.
public struct EvaluationRecord: Sendable, Codable, Equatable {
    /// The item's key.
    public var key: String
    /// The picture's path or name.
    public var image: String
    /// A small copy of the picture, in the run's folder.
    public var thumbnail: String?
    /// Width and height of the picture, in pixels.
    public var size: [Int]
    /// Names that should be used.
    public var wanted: [String]
    /// The same, as result lists call them.
    public var tags: [String]
    /// What the model was given, in order.
    public var given: [GivenConcept]
    /// The question as the model read it.
    public var question: String
    /// The caption.
    public var caption: String
    /// Wanted names that it uses.
    public var right: [String]
    /// Wanted names that it does not use.
    public var missed: [String]
    /// Names of the library that it should not use.
    public var wrong: [String]
    /// Names between brackets that nobody has.
    public var invented: [String]
    /// How much of the info lines it repeats; `nil` when they say nothing.
    public var copy: CopyRate?
    /// Whether boxes were asked for.
    public var askedBoxes: Bool
    /// Why it ended.
    public var finishReason: FinishReason
    /// Tokens read and written.
    public var usage: TokenUsage
    /// Seconds for the caption alone.
    public var seconds: Double
    /// What the search of the library found; `nil` when none was made.
    public var retrieval: RetrievalRecord?
    /// What speaks for each name; `nil` when names were not checked.
    public var evidence: [NameEvidence]?
    /// The caption before it was corrected; `nil` when it was not.
    public var original: String?
    /// Seconds for checking and correcting; `nil` when names were not checked.
    public var checkSeconds: Double?
    /// Why there is no caption; all other fields are then empty.
    public var failure: String?

    /// An item that could not be captioned.
    public init(
        failed key: String, image: String, wanted: [String], tags: [String], _ reason: String
    ) {
        self.key = key
        self.image = image
        self.wanted = wanted
        self.tags = tags
        size = []
        given = []
        question = ""
        caption = ""
        right = []
        missed = wanted
        wrong = []
        invented = []
        askedBoxes = false
        finishReason = .cancelled
        usage = TokenUsage(promptTokens: 0, imageTokens: 0, generatedTokens: 0)
        seconds = 0
        failure = reason
    }

    /// A caption and what it names.
    public init(
        key: String, image: String, size: [Int], wanted: [String], tags: [String],
        given: [GivenConcept], record: CaptionRecord, library: [String]
    ) {
        self.key = key
        self.image = image
        self.size = size
        self.wanted = wanted
        self.tags = tags
        self.given = given
        question = record.question
        caption = record.caption
        finishReason = record.finishReason
        usage = record.usage
        seconds = record.timings.total
        askedBoxes = false
        evidence = record.evidence
        original = record.original
        let report = NameCheck(supplied: given.map(\.name), library: library)
            .report(on: record.caption)
        let known = Set((given.map(\.name) + library).map(NameKey.init))
        let used = report.named + report.wrong
        let usedKeys = Set(used.map(NameKey.init))
        let wantedKeys = Set(wanted.map(NameKey.init))
        right = wanted.filter { usedKeys.contains(NameKey($0)) }
        missed = wanted.filter { !usedKeys.contains(NameKey($0)) }
        let others = used.filter { !wantedKeys.contains(NameKey($0)) }
        wrong = others.filter { known.contains(NameKey($0)) }
        invented = others.filter { !known.contains(NameKey($0)) }
        let texts = given.map(\.info).filter { !$0.isEmpty && $0 != "none" }
        copy = CopyRate(caption: record.caption, given: texts.joined(separator: " "))
    }

    /// The row by which the published scripts score the caption.
    public var resultRow: ResultRow {
        ResultRow(image: image, tags: tags, caption: caption, question: question)
    }
}
