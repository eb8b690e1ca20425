public import ImageCodecs
public import VLMRuntime

/// Lays out references, query picture and question as the model was taught to read them.
///
/// RePIC's layout (oyt9306/RePIC, `caption_eval_*.py`): an optional system text; per concept its
/// picture and then `k. Name: <x>, Info: y`; the query picture; `This is the query image. {question}`.
/// References that all have a `key` stand in the order of their keys, whatever order they are given
/// in: the same concepts then always make the same beginning of a prompt, which need not be computed
/// again, and a caption does not depend on the order in which its concepts were chosen. Without keys
/// (published evaluation sets) the given order stays.
public struct CaptionPrompt: Sendable {
    /// Whether the references or the query picture come first.
    public enum Order: String, Sendable, Codable, CaseIterable {
        /// RePIC: references, then the query picture.
        case referencesFirst
        /// RAP: the query picture, then the references in square brackets.
        case queryFirst
    }

    /// The most concepts one picture may have.
    public static let maximumConcepts = 4
    /// The longest question, in characters.
    public static let maximumQuestionLength = 4_000

    /// The concepts in the order in which the model sees them.
    public static func ordered(_ concepts: [CaptionConcept]) -> [CaptionConcept] {
        var keyed: [(key: Int64, concept: CaptionConcept)] = []
        for concept in concepts {
            guard let key = concept.key else { return concepts }
            keyed.append((key, concept))
        }
        return keyed.sorted { $0.key < $1.key }.map(\.concept)
    }

    private static let introduction = "This is the query image. "
    private let profile: ModelProfile
    private let order: Order

    /// Prepares prompts for one model.
    public init(profile: ModelProfile, order: Order = .referencesFirst) {
        self.profile = profile
        self.order = order
    }

    /// The question to ask: the user's, or the profile's when that is `nil` or blank, with every
    /// `{name}` filled in.
    ///
    /// - Throws: `CaptionPromptError.questionTooLong`, or `.nothingToName` when `{name}` is asked
    ///   for and `names` is empty.
    public func question(
        _ question: String?, names: [String]
    ) throws(CaptionPromptError) -> String {
        let given = PromptName.oneLine(question ?? "")
        let wording =
            given.isEmpty ? (names.isEmpty ? profile.plainQuestion : profile.question) : given
        guard wording.count <= Self.maximumQuestionLength else {
            throw .questionTooLong(
                length: wording.count, limit: Self.maximumQuestionLength)
        }
        guard !(names.isEmpty && wording.contains("{name}")) else { throw .nothingToName }
        return CaptionQuestions.filling(wording, names: names)
    }

    /// The conversation that asks for a caption.
    ///
    /// - Parameters:
    ///   - concepts: zero to four; see the type about their order. Without any, the prompt is the
    ///     picture and the question alone.
    ///   - query: the picture to caption.
    ///   - question: `nil` for the profile's own; `{name}` becomes the names.
    /// - Throws: `CaptionPromptError` for more than four concepts, a name without visible
    ///   characters, or two names a caption could not tell apart.
    public func messages(
        concepts: [CaptionConcept], query: RGBImage, question: String? = nil
    ) throws(CaptionPromptError) -> [ChatMessage] {
        try Self.check(concepts.map(\.name))
        let asked = try self.question(question, names: concepts.map(\.name))
        let picture = ChatMessage.Part.image(
            ImageInput(query, pixelBudget: profile.queryBudget))
        let concepts = Self.ordered(concepts)
        guard !concepts.isEmpty else {
            let text = profile.introducesQueryAlone ? Self.introduction + asked : asked
            return [ChatMessage(.user, [picture, .text(text)])]
        }
        let parts =
            switch order {
            case .referencesFirst:
                references(concepts) + [picture, .text(Self.introduction + asked)]
            case .queryFirst:
                [picture] + bracketed(concepts) + [.text(asked)]
            }
        let system = profile.system.map { [ChatMessage(.system, text: $0)] } ?? []
        return system + [ChatMessage(.user, parts)]
    }

    /// Checks that a caption could use these names.
    ///
    /// - Throws: `CaptionPromptError.tooManyConcepts`, `.emptyName` or `.namesAlike`.
    public static func check(_ names: [String]) throws(CaptionPromptError) {
        guard names.count <= maximumConcepts else {
            throw .tooManyConcepts(found: names.count, limit: maximumConcepts)
        }
        var seen: [NameKey: String] = [:]
        for (position, name) in names.enumerated() {
            guard !PromptName.shown(name).isEmpty else {
                throw .emptyName(position: position + 1)
            }
            if let earlier = seen.updateValue(name, forKey: NameKey(name)) {
                throw .namesAlike(earlier, name)
            }
        }
    }

    private func references(_ concepts: [CaptionConcept]) -> [ChatMessage.Part] {
        concepts.enumerated().flatMap { index, concept -> [ChatMessage.Part] in
            let ending = profile.newlineAfterInfo ? "\n" : ""
            return [picture(of: concept), .text("\(index + 1). \(Self.label(concept))\(ending)")]
        }
    }

    /// RAP-MLLM's form: `[1.` picture `\n Name: <x>, Info: y\n2.` … `]`.
    private func bracketed(_ concepts: [CaptionConcept]) -> [ChatMessage.Part] {
        concepts.enumerated().flatMap { index, concept -> [ChatMessage.Part] in
            let isLast = index == concepts.count - 1
            return [
                .text("\(index == 0 ? "[" : "")\(index + 1)."), picture(of: concept),
                .text("\n \(Self.label(concept))\n\(isLast ? "]" : "")"),
            ]
        }
    }

    private func picture(of concept: CaptionConcept) -> ChatMessage.Part {
        .image(
            ImageInput(concept.image, pixelBudget: profile.referenceBudget, isReference: true))
    }

    /// `Name: <x>, Info: y`; an empty info reads "none", so that the line never ends in a colon
    /// the model would feel called to complete.
    static func label(_ concept: CaptionConcept) -> String {
        let info = PromptName.oneLine(concept.info)
        return "Name: \(PromptName.tag(concept.name)), Info: \(info.isEmpty ? "none" : info)"
    }
}
