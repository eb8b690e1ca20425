import ImageCodecs

/// Draws concepts for a scene, nobody twice.
struct SceneCast {
    private var targets: [LibrarySplit.Part]
    private var others: [LibrarySplit.Part]
    private let targetShare: Double

    init(_ targets: [LibrarySplit.Part], _ others: [LibrarySplit.Part], _ targetShare: Double) {
        self.targets = targets
        self.others = others
        self.targetShare = targetShare
    }

    /// The one the episode is about.
    mutating func subject(_ random: inout RewardRandom) -> LibrarySplit.Part {
        if others.isEmpty || (!targets.isEmpty && random.chance(targetShare)) {
            return targets.remove(at: random.below(targets.count))
        }
        return others.remove(at: random.below(others.count))
    }

    /// Further ones, as far as there are any; those of the same kind first where one is given.
    mutating func more(
        _ count: Int, like model: LibrarySplit.Part? = nil, _ random: inout RewardRandom
    ) -> [LibrarySplit.Part] {
        var found: [LibrarySplit.Part] = []
        let kind = model?.concept.category ?? ""
        while found.count < count, !(targets.isEmpty && others.isEmpty) {
            let all = targets + others
            let alike = all.indices.filter { !kind.isEmpty && all[$0].concept.category == kind }
            let isHard = random.chance(0.7)
            let index =
                isHard && !alike.isEmpty ? random.element(alike) : random.below(all.count)
            found.append(all[index])
            if index < targets.count {
                targets.remove(at: index)
            } else {
                others.remove(at: index - targets.count)
            }
        }
        return found
    }
}

/// Who is in a scene, who is supplied, and what they are called.
struct SceneSetting {
    struct Actor {
        var name: String
        var part: LibrarySplit.Part
        var picture: RGBAImage
    }

    let present: [Actor]
    let absent: [Actor]
    let strangers: [Actor]
    /// What the model is told, in a random order.
    let supplied: [CaptionConcept]

    init(
        present: [LibrarySplit.Part], absent: [LibrarySplit.Part], strangers: [LibrarySplit.Part],
        random: inout RewardRandom, name: (LibrarySplit.Part, inout RewardRandom) -> String
    ) {
        func actor(_ part: LibrarySplit.Part, _ random: inout RewardRandom, _ name: String) -> Actor
        {
            Actor(name: name, part: part, picture: random.element(part.scenes).image)
        }
        func named(_ parts: [LibrarySplit.Part], _ random: inout RewardRandom) -> [Actor] {
            parts.map { actor($0, &random, name($0, &random)) }
        }
        self.present = named(present, &random)
        self.absent = named(absent, &random)
        self.strangers = strangers.enumerated().map { actor($1, &random, "stranger \($0)") }
        var concepts = (self.present + self.absent).map { actor in
            CaptionConcept(
                name: actor.name, info: actor.part.concept.info,
                category: actor.part.concept.category, image: actor.part.concept.reference)
        }
        random.shuffle(&concepts)
        supplied = concepts
    }

    func compose(
        _ composer: SceneComposer, _ random: inout RewardRandom
    ) throws(CompositionError) -> Composition {
        var objects = (present + strangers).map {
            SceneComposer.Object(name: $0.name, image: $0.picture)
        }
        random.shuffle(&objects)
        return try composer.compose(objects, random: &random)
    }

    /// What each object of the scene is called in a caption, and its box.
    func described(_ scene: Composition) -> [(called: String, box: [Int])] {
        scene.boxes.map { placed in
            if present.contains(where: { $0.name == placed.name }) {
                return (PromptName.tag(placed.name), placed.box)
            }
            let kind = strangers.first { $0.name == placed.name }?.part.concept.category ?? ""
            return (kind.isEmpty ? "another thing" : "another \(kind)", placed.box)
        }
    }

    /// Questions whose answers are known because the scene was composed.
    func questions(
        _ scene: Composition, _ description: SceneDescription, _ random: inout RewardRandom
    ) -> [MultipleChoiceQuestion] {
        var questions = [
            MultipleChoiceQuestion(
                stem: "How many things are in the picture?", options: ["0", "1", "2", "3", "4"],
                correct: min(4, scene.boxes.count))
        ]
        for actor in present {
            guard let box = scene.boxes.first(where: { $0.name == actor.name })?.box else {
                continue
            }
            let place = description.place(box)
            var wrong = SceneDescription.places.filter { $0 != place }
            random.shuffle(&wrong)
            questions.append(
                MultipleChoiceQuestion(
                    stem: "Where is \(actor.name)?", options: [place] + wrong.prefix(3),
                    correct: 0))
        }
        for actor in present + absent {
            let isThere = present.contains { $0.name == actor.name }
            questions.append(
                MultipleChoiceQuestion(
                    stem: "Is \(actor.name) in the picture?", options: ["Yes", "No"],
                    correct: isThere ? 0 : 1))
        }
        return questions
    }
}
