/// What a run of `eval personal` is made of.
public struct PersonalManifest: RunManifest {
    /// The form of the files.
    public var format = "studio-eval-personal-1"
    /// What the library calls the model.
    public var model: String
    /// The checkpoint's folder.
    public var modelFolder: String
    /// The adapter in use, if any.
    public var adapter: String?
    /// The set's name.
    public var set: String
    /// Where the set comes from: a folder, or the options of a held-out set.
    public var source: String
    /// Which part of it is run.
    public var plan: PlanOptions
    /// What changes with every item of the plan.
    public var fingerprint: String
    /// Number of items.
    public var items: Int
    /// Pictures that cannot be used, by reason.
    public var skipped: [String: Int]
    /// Number of concepts in the library.
    public var librarySize: Int
    /// Whether yes/no questions are asked, too.
    public var asksPresence: Bool
    /// Whether boxes are asked for, too.
    public var asksBoxes: Bool
    /// Longest caption, in tokens; `nil` for the model's habit.
    public var maxTokens: Int?
    /// How the library is searched; `nil` when it is not.
    public var search: RecognitionOptions?
    /// What is done about names that are not visible; `nil` stands for nothing.
    public var checking: NameChecking?
    /// What was missing in the set or had to be repaired.
    public var problems: [FormatProblem]

    /// Names every part.
    public init(
        model: String, modelFolder: String, adapter: String?, source: String, set: EvaluationSet,
        plan: EvaluationPlan, asksPresence: Bool, asksBoxes: Bool, maxTokens: Int?,
        search: RecognitionOptions? = nil, checking: NameChecking? = nil
    ) {
        self.search = search
        self.checking = checking
        self.model = model
        self.modelFolder = modelFolder
        self.adapter = adapter
        self.set = set.name
        self.source = source
        self.plan = plan.options
        fingerprint = plan.fingerprint
        items = plan.items.count
        skipped = plan.skipped
        librarySize = set.concepts.count
        self.asksPresence = asksPresence
        self.asksBoxes = asksBoxes
        self.maxTokens = maxTokens
        problems = set.problems
    }

    /// What such runs are.
    public static let kindName = "an evaluation of captions"

    /// The first thing in which two runs differ.
    public func difference(from other: PersonalManifest) -> String? {
        let facts: [(what: String, mine: String?, its: String?)] = [
            ("form", format, other.format), ("model", model, other.model),
            ("checkpoint", modelFolder, other.modelFolder), ("adapter", adapter, other.adapter),
            ("set", source, other.source),
            ("protocol", plan.plan.rawValue, other.plan.plan.rawValue),
            ("limit", plan.limit.map(String.init), other.plan.limit.map(String.init)),
            ("list of items", fingerprint, other.fingerprint),
            ("yes/no part", "\(asksPresence)", "\(other.asksPresence)"),
            ("box part", "\(asksBoxes)", "\(other.asksBoxes)"),
            ("longest caption", maxTokens.map(String.init), other.maxTokens.map(String.init)),
            ("search", search.map(Self.text), other.search.map(Self.text)),
            ("check of names", checking?.rawValue, other.checking?.rawValue),
        ]
        guard let fact = facts.first(where: { $0.mine != $0.its }) else { return nil }
        return "its \(fact.what) is \(fact.its ?? "none"), not \(fact.mine ?? "none")"
    }

    /// The options of a search in a few words.
    private static func text(_ search: RecognitionOptions) -> String {
        search.verifies
            ? "of \(search.shortlist) from \(search.threshold) on" : "of the most alike"
    }
}
