/// Which concepts the model is given with a picture.
public enum EvaluationProtocol: String, Sendable, Codable, CaseIterable {
    /// Those that are in the picture (and, where asked for, some that are not).
    case skipRetrieval = "skip-retrieval"
    /// Those that a search of the whole library finds.
    case retrieval
    /// In place of each concept in the picture, another of the same category.
    case wrongSame = "wrong-same"
    /// In place of each concept in the picture, one of another category.
    case wrongOther = "wrong-other"
    /// Some, with a picture that shows none of the library.
    case nobody
}

/// What the info lines of the given concepts say.
public enum InfoHabit: String, Sendable, Codable, CaseIterable {
    /// What belongs to the concept.
    case right
    /// What belongs to another concept, to see whether it is copied.
    case wrong
    /// Nothing.
    case none
}

/// Which part of a set is run, and how.
public struct PlanOptions: Sendable, Codable, Equatable {
    /// What the model is given.
    public var plan: EvaluationProtocol
    /// Only pictures with so many concepts; for `nobody` the number of concepts given.
    public var concepts: Int?
    /// How many concepts that are not in view are given besides.
    public var absent: Int
    /// What info lines say.
    public var info: InfoHabit
    /// At most so many items, chosen at random; `nil` takes all.
    public var limit: Int?
    /// Decides the choices.
    public var seed: UInt64
    /// A question for all pictures; `nil` asks as the set does.
    public var question: String?

    /// Names every part.
    public init(
        _ plan: EvaluationProtocol = .skipRetrieval, concepts: Int? = nil, absent: Int = 0,
        info: InfoHabit = .right, limit: Int? = nil, seed: UInt64 = 1, question: String? = nil
    ) {
        self.plan = plan
        self.concepts = concepts
        self.absent = absent
        self.info = info
        self.limit = limit
        self.seed = seed
        self.question = question
    }
}

/// One caption to be made.
public struct EvaluationItem: Sendable, Equatable {
    /// Names it among all items of the plan.
    public var key: String
    /// Place of the picture in the set.
    public var query: Int
    /// Places of the concepts given, in the order of the prompt; empty when a search decides.
    public var given: [Int]
    /// Places of the concepts whose info lines the given ones carry; -1 for an empty line.
    public var infoFrom: [Int]
    /// Places of the concepts that should be named.
    public var wanted: [Int]
    /// The question; `nil` for the model's usual one.
    public var question: String?
}

/// The captions to be made, in order.
public struct EvaluationPlan: Sendable, Equatable {
    /// What is to be done.
    public private(set) var items: [EvaluationItem] = []
    /// How many pictures cannot be used, by reason.
    public private(set) var skipped: [String: Int] = [:]
    /// How they were chosen.
    public let options: PlanOptions

    /// Plans the run of a set; the same set and options give the same plan.
    public init(_ set: EvaluationSet, _ options: PlanOptions) {
        self.options = options
        var seen: [String: Int] = [:]
        for index in set.queries.indices {
            guard var item = item(index, set) else { continue }
            let count = seen[item.key, default: 0] + 1
            seen[item.key] = count
            if count > 1 { item.key += " #\(count)" }
            items.append(item)
        }
        if let limit = options.limit, limit < items.count {
            var draw = IndexDraw(seed: options.seed ^ 0x5851_F42D)
            let kept = Set(draw.shuffled(Array(items.indices)).prefix(max(0, limit)))
            items = items.indices.filter(kept.contains).map { items[$0] }
        }
    }

    /// Changes with everything that makes an item another.
    public var fingerprint: String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for item in items {
            let text =
                "\(item.key)|\(item.given)|\(item.infoFrom)|\(item.wanted)|\(item.question ?? "")\n"
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        }
        return String(hash, radix: 16)
    }

    private mutating func item(_ index: Int, _ set: EvaluationSet) -> EvaluationItem? {
        let query = set.queries[index]
        guard isOfWantedSize(query) else { return nil }
        guard query.picture != nil else { return skip("the picture is missing") }
        var draw = IndexDraw(seed: options.seed &* 0x9E37_79B9 &+ UInt64(index))
        guard let given = given(query, set, &draw) else { return nil }
        guard given.count <= CaptionPrompt.maximumConcepts else {
            return skip("more than \(CaptionPrompt.maximumConcepts) concepts")
        }
        guard given.allSatisfy({ set.concepts[$0].picture != nil }) else {
            return skip("the reference picture of a concept is missing")
        }
        let names = given.map { set.concepts[$0].name }
        guard (try? CaptionPrompt.check(names)) != nil else {
            return skip("two concepts have names that read alike")
        }
        let isAbout = options.plan == .skipRetrieval || options.plan == .retrieval
        return EvaluationItem(
            key: query.id, query: index, given: given, infoFrom: infoFrom(given, set, &draw),
            wanted: isAbout ? query.present : [], question: question(index, given.count, set))
    }

    /// Pictures of another number of concepts are not part of the plan, which is no loss to report.
    private func isOfWantedSize(_ query: EvaluationQuery) -> Bool {
        if options.plan == .nobody { return query.present.isEmpty }
        if options.plan == .retrieval, options.concepts == 0 { return query.present.isEmpty }
        guard let concepts = options.concepts else { return !query.present.isEmpty }
        return query.present.count == concepts
    }

    private mutating func given(
        _ query: EvaluationQuery, _ set: EvaluationSet, _ draw: inout IndexDraw
    ) -> [Int]? {
        switch options.plan {
        case .retrieval: return []
        case .skipRetrieval:
            let room = max(0, CaptionPrompt.maximumConcepts - query.present.count)
            let absent = query.absent.prefix(min(options.absent, room))
            // As RePIC gives them, unless the order would tell which ones are in view.
            return absent.isEmpty ? query.present : draw.shuffled(query.present + absent)
        case .nobody:
            let count = options.concepts ?? 2
            let rest = set.concepts.indices.filter { !query.absent.contains($0) }
            return Array((query.absent + draw.shuffled(rest)).prefix(count))
        case .wrongSame, .wrongOther:
            var taken = Set(query.present)
            var wrong: [Int] = []
            for concept in query.present {
                let others = set.concepts.indices.filter { other in
                    !taken.contains(other) && set.concepts[other].picture != nil
                        && Self.areAlike(concept, other, set) == (options.plan == .wrongSame)
                }
                guard let other = draw.element(of: others) else {
                    skip(
                        "there is no other concept of \(options.plan == .wrongSame ? "the same" : "another") category"
                    )
                    return nil
                }
                taken.insert(other)
                wrong.append(other)
            }
            return wrong
        }
    }

    private static func areAlike(_ a: Int, _ b: Int, _ set: EvaluationSet) -> Bool {
        let (first, second) = (set.concepts[a].category, set.concepts[b].category)
        return !first.isEmpty && NameKey(first) == NameKey(second)
    }

    /// The concepts whose info lines are used, another for each when they are to be wrong; -1 is
    /// none.
    private func infoFrom(_ given: [Int], _ set: EvaluationSet, _ draw: inout IndexDraw) -> [Int] {
        if options.info == .none { return given.map { _ in -1 } }
        guard options.info == .wrong else { return given }
        return given.map { concept in
            let info = set.concepts[concept].info
            let others = set.concepts.indices.filter {
                !given.contains($0) && !set.concepts[$0].info.isEmpty
                    && set.concepts[$0].info != info
            }
            return draw.element(of: others) ?? concept
        }
    }

    private func question(_ index: Int, _ count: Int, _ set: EvaluationSet) -> String? {
        if let question = options.question { return question }
        guard set.questions == .rotating else { return nil }
        return CaptionQuestions.rotating(index, conceptCount: count)
    }

    @discardableResult private mutating func skip(_ reason: String) -> EvaluationItem? {
        skipped[reason, default: 0] += 1
        return nil
    }
}
