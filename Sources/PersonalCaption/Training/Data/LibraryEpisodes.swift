import ImageCodecs
import VLMRuntime

/// How often what is trained.
public struct EpisodeMixture: Sendable, Codable, Equatable {
    /// Share of captions; RePIC's set has 31 % and loses by more or none.
    public var captions = 0.31
    /// Share of captions with several names in view.
    public var several = 0.15
    /// Share of captions where somebody is supplied who is not in view.
    public var absent = 0.5
    /// Share of captions where nobody supplied is in view.
    public var nobody = 0.15
    /// Share of scenes in which strangers stand about.
    public var strangers = 0.4
    /// Share of subjects that are the concepts to be taught, the rest being others of the library.
    public var targets = 0.7
    /// Share of episodes in which concepts are called what the user calls them; elsewhere every
    /// name is fresh, so that nothing can be remembered.
    public var ownNames = 0.0

    /// RePIC's mixture.
    public init() {}

    /// Runs of earlier versions do not have every share.
    public init(from decoder: any Decoder) throws {
        let found = try decoder.container(keyedBy: CodingKeys.self)
        func share(_ key: CodingKeys, _ usual: Double) throws -> Double {
            try found.decodeIfPresent(Double.self, forKey: key) ?? usual
        }
        captions = try share(.captions, captions)
        several = try share(.several, several)
        absent = try share(.absent, absent)
        nobody = try share(.nobody, nobody)
        strangers = try share(.strangers, strangers)
        targets = try share(.targets, targets)
        ownNames = try share(.ownNames, ownNames)
    }

    /// All captions, for CapRL and for held-out scenes.
    public static let captionsOnly: EpisodeMixture = {
        var mixture = EpisodeMixture()
        mixture.captions = 1
        return mixture
    }()
}

/// Episodes composed from the concepts of a library; nobody has to label anything.
public struct LibraryEpisodes: EpisodeSource {
    /// What is trained and what is kept back.
    public let split: LibrarySplit
    /// How often what.
    public let mixture: EpisodeMixture
    /// Whether captions are examined by questions instead of names.
    public let asksQuestions: Bool
    private let profile: ModelProfile
    private let composer: SceneComposer

    /// - Parameter profile: how the model wants to be asked.
    public init(
        _ split: LibrarySplit, profile: ModelProfile, mixture: EpisodeMixture = EpisodeMixture(),
        asksQuestions: Bool = false
    ) {
        self.split = split
        self.mixture = asksQuestions ? .captionsOnly : mixture
        self.asksQuestions = asksQuestions
        self.profile = profile
        composer = SceneComposer(profile: profile)
    }

    /// A training episode, every name in it fresh.
    ///
    /// - Throws: `CompositionError` or `CaptionPromptError`.
    public func episode(seed: UInt64, number: Int) throws -> Episode {
        var random = RewardRandom(seed: seed, UInt64(number))
        let isCaption = random.chance(mixture.captions)
        let isBox = random.chance(0.5)
        var cast = SceneCast(split.targets, split.others, mixture.targets)
        var names = FreshNames(except: (split.targets + split.others).map(\.concept.name))
        // Drawn only where it decides something, so that earlier runs go on as they began.
        let isOwn = mixture.ownNames > 0 && random.chance(mixture.ownNames)
        func name(_ part: LibrarySplit.Part, _ random: inout RewardRandom) -> String {
            isOwn ? part.concept.name : names.next(&random)
        }
        let subject = cast.subject(&random)
        if isCaption {
            let plan = captionPlan(&random)
            let present = plan.present > 0 ? [subject] + cast.more(plan.present - 1, &random) : []
            let absent =
                plan.present > 0
                ? cast.more(plan.absent, like: subject, &random)
                : [subject] + cast.more(plan.absent - 1, like: subject, &random)
            let room = CaptionPrompt.maximumConcepts - present.count
            let strangers = cast.more(min(plan.strangers, room), like: subject, &random)
            let setting = SceneSetting(
                present: present, absent: absent, strangers: strangers, random: &random,
                name: name)
            return try caption(setting, &random)
        }
        let isPresent = isBox || random.chance(0.5)
        // The look-alike in the picture is what makes the question hard.
        let strangers = cast.more(isPresent ? random.below(2) : 1, like: subject, &random)
        let setting = SceneSetting(
            present: isPresent ? [subject] : [], absent: isPresent ? [] : [subject],
            strangers: strangers, random: &random, name: name)
        return try isBox
            ? box(setting, &random) : sameObject(setting, isPresent: isPresent, &random)
    }

    /// Scenes to judge by: real names, pictures that training does not see.
    ///
    /// One to all of the concepts in view, look-alikes supplied though absent, and empty scenes.
    ///
    /// - Throws: `CompositionError` or `CaptionPromptError`.
    public func heldOut(count: Int, seed: UInt64) throws -> [Episode] {
        try (0..<count).map { number in
            var random = RewardRandom(seed: seed ^ 0x5EED_0F0A, UInt64(number))
            var cast = SceneCast(split.heldOutTargets, split.heldOutOthers, 1)
            let most = min(CaptionPrompt.maximumConcepts, split.heldOutTargets.count)
            let presentCount = number % 5 == 4 ? 0 : 1 + number % most
            var chosen: [LibrarySplit.Part] = [cast.subject(&random)]
            while chosen.count < max(1, presentCount) { chosen.append(cast.subject(&random)) }
            let room = CaptionPrompt.maximumConcepts - chosen.count
            let absent = cast.more(min(room, number % 3), like: chosen[0], &random)
            let strangers = cast.more(
                min(
                    CaptionPrompt.maximumConcepts - presentCount, presentCount == 0 ? 1 : number % 2
                ),
                like: chosen[0], &random)
            let setting = SceneSetting(
                present: presentCount == 0 ? [] : chosen,
                absent: (presentCount == 0 ? chosen : []) + absent, strangers: strangers,
                random: &random
            ) { part, _ in part.concept.name }
            return try caption(setting, question: profile.question, &random)
        }
    }

    private func captionPlan(
        _ random: inout RewardRandom
    ) -> (present: Int, absent: Int, strangers: Int) {
        let strangers = random.chance(mixture.strangers) ? 1 + random.below(2) : 0
        if random.chance(mixture.nobody) { return (0, 1 + random.below(2), max(1, strangers)) }
        let most = CaptionPrompt.maximumConcepts
        let present = random.chance(mixture.several) ? 2 + random.below(most - 1) : 1
        let absent = random.chance(mixture.absent) ? 1 + random.below(2) : 0
        return (present, min(absent, CaptionPrompt.maximumConcepts - present), strangers)
    }

    private func caption(
        _ setting: SceneSetting, question: String? = nil, _ random: inout RewardRandom
    ) throws -> Episode {
        let scene = try setting.compose(composer, &random)
        let asked =
            question
            ?? (random.element(EpisodeQuestions.caption)
                + random.element(EpisodeQuestions.captionEndings))
        let supplied = setting.supplied
        let truth = RewardScene(
            present: setting.present.map(\.name), supplied: supplied.map(\.name),
            infos: supplied.map { CaptionPrompt.label($0) })
        let description = SceneDescription(width: scene.image.width, height: scene.image.height)
        let answer = description.text(setting.described(scene))
        let goal: EpisodeGoal =
            asksQuestions
            ? .questions(setting.questions(scene, description, &random)) : .names(truth)
        var episode = try episode(setting, scene, asked, goal, answer: answer)
        if !setting.absent.isEmpty, case .names = goal {
            let present = setting.present.map(\.name)
            // Without anybody there is nothing for `{name}` to stand for.
            episode.easier = try? CaptionPrompt(profile: profile).messages(
                concepts: supplied.filter { present.contains($0.name) }, query: scene.image,
                question: present.isEmpty ? nil : asked)
        }
        return episode
    }

    private func sameObject(
        _ setting: SceneSetting, isPresent: Bool, _ random: inout RewardRandom
    ) throws -> Episode {
        let scene = try setting.compose(composer, &random)
        let question =
            EpisodeQuestions.ask(EpisodeQuestions.sameObject, setting.supplied[0].name, &random)
            + EpisodeQuestions.sameObjectEnding
        return try episode(
            setting, scene, question, .sameObject(isPresent: isPresent),
            answer: isPresent ? "yes" : "no")
    }

    private func box(_ setting: SceneSetting, _ random: inout RewardRandom) throws -> Episode {
        let scene = try setting.compose(composer, &random)
        let name = setting.present[0].name
        let question =
            EpisodeQuestions.ask(EpisodeQuestions.box, name, &random) + EpisodeQuestions.boxEnding
        let box = scene.boxes.first { $0.name == name }?.box ?? []
        var episode = try episode(setting, scene, question, .box(box, name: name), answer: "")
        let kind = setting.present[0].part.concept.category
        let others = setting.strangers.map(\.part.concept.category)
        if !kind.isEmpty, others.allSatisfy({ !$0.isEmpty && $0 != kind }) {
            episode.expression = "the \(PromptName.shown(kind))"
        }
        return episode
    }

    private func episode(
        _ setting: SceneSetting, _ scene: Composition, _ question: String, _ goal: EpisodeGoal,
        answer: String
    ) throws -> Episode {
        let messages = try CaptionPrompt(profile: profile).messages(
            concepts: setting.supplied, query: scene.image, question: question)
        return Episode(messages: messages, goal: goal, question: question, answer: answer)
    }
}
