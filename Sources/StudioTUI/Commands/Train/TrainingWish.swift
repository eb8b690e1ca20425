import ConceptDB
import Foundation
import PersonalCaption
import VLMRuntime

/// What somebody wants of a run; what is `nil` is chosen for them.
///
/// The command line and the app both make runs of it, so that they are the same.
struct TrainingWish: Sendable, Equatable {
    var concepts: [String] = []
    var dataFile: String?
    var recipe: TrainingRecipe?
    var algorithm: LossReduction?
    var steps: Int?
    var name: String?
    /// A registered model or a checkpoint folder; `nil` for the one in use.
    var model: String?
    var seed: UInt64?
    var learningRate: Double?
    var rank: Int?
    var answers: Int?
    var prompts: Int?
    var maximumTokens: Int?
    var checkpointEvery: Int?
    var heldOut: Int?
    /// What is composed how often.
    var mixture: EpisodeMixture?
    /// Spread of the answers in training.
    var temperature: Float?
    /// Further prompts in place of those whose answers all earn the same.
    var retries: Int?
    /// Whether right answers are shown where the model finds none.
    var showsRightAnswers: Bool?

    static let usualSteps = 60

    /// More captions than RePIC's, with more in view, and names that are the user's half the time.
    static let usualMixture: EpisodeMixture = {
        var mixture = EpisodeMixture()
        mixture.captions = 0.8
        mixture.several = 0.5
        mixture.absent = 0.7
        mixture.nobody = 0.1
        mixture.ownNames = 0.5
        return mixture
    }()

    /// The embedded model is so small that it bears twice the rate.
    private static func usualRate(
        _ recipe: TrainingRecipe, _ choice: ModelChoice, _ samples: Samples?
    ) -> Double {
        let isEmbedded = samples.map { choice.folder == ModelChoice.embedded($0).folder } ?? false
        return recipe == .repic && isEmbedded ? 4e-4 : 2e-4
    }

    /// The settings of a run that does not exist yet.
    func settings(
        home: StudioHome, store: ConceptStore, samples: Samples?
    ) throws -> RunSettings {
        let choice = try ModelChoice.resolve(model, store: store, samples: samples)
        let limit = CaptionPrompt.maximumConcepts
        guard dataFile != nil || (1...limit).contains(concepts.count) else {
            throw StudioFailure(
                .usage, "\(concepts.count) concepts were given; --concepts takes one to \(limit)")
        }
        let found = try concepts.map { try store.concept(named: $0).name }
        try CaptionPrompt.check(found)
        let name = name ?? Self.freeName(found, home)
        guard try !RunFolder(name: name, in: home.runs).exists else {
            throw RunError.exists(name: name)
        }
        let recipe = recipe ?? .repic
        let profile = try ModelProfile.resolve(directory: choice.folder, modelName: choice.name)
        var settings = RunSettings(
            name: name, model: choice.name, modelFolder: choice.folder.path,
            modelFingerprint: try CheckpointFingerprint(folder: choice.folder).description,
            recipe: recipe, concepts: found,
            dataFile: dataFile.map { URL(fileURLWithPath: $0).standardizedFileURL.path },
            steps: steps ?? Self.usualSteps, seed: seed ?? 1,
            learningRate: learningRate ?? Self.usualRate(recipe, choice, samples))
        settings.rank = rank ?? settings.rank
        settings.alpha = 2 * Double(settings.rank)
        settings.group.groupSize = answers ?? 8
        settings.group.groupsPerStep = prompts ?? (recipe == .sft ? 8 : 4)
        settings.group.maximumTokens = maximumTokens ?? min(256, profile.maxNewTokens)
        settings.checkpointEvery = checkpointEvery ?? settings.checkpointEvery
        settings.heldOutScenes = heldOut ?? settings.heldOutScenes
        // What helped most with a user's own concepts (docs/training.md).
        let isOwn = recipe == .repic && dataFile == nil
        settings.mixture = mixture ?? (isOwn ? Self.usualMixture : settings.mixture)
        settings.temperature = temperature ?? (isOwn ? 0.8 : settings.temperature)
        settings.group.resampleLimit = retries ?? (isOwn ? 8 : settings.group.resampleLimit)
        settings.showsRightAnswers = showsRightAnswers ?? isOwn
        settings.group.adopt(algorithm ?? .grpo)
        return settings
    }

    /// The concepts' names and a number.
    private static func freeName(_ concepts: [String], _ home: StudioHome) -> String {
        let letters = concepts.joined(separator: "-").lowercased().unicodeScalars.map { scalar in
            scalar.isASCII && (scalar.properties.isAlphabetic || scalar == "-")
                ? Character(scalar) : "-"
        }
        let stem = String(letters).trimmingCharacters(in: ["-"]).prefix(40)
        let base = stem.isEmpty ? "run" : String(stem)
        var number = 1
        while let folder = try? RunFolder(name: "\(base)-\(number)", in: home.runs),
            folder.exists
        {
            number += 1
        }
        return "\(base)-\(number)"
    }
}

extension GroupRelativeOptions {
    /// The numbers that belong to a published variant.
    mutating func adopt(_ algorithm: LossReduction) {
        reduction = algorithm
        switch algorithm {
        case .grpo, .bnpo: break
        case .dapo:
            clipHigh = 0.28
            divergenceWeight = 0
        case .drGRPO: advantageScale = .none
        }
    }
}
