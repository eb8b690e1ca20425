import ConceptDB
import Foundation
import ImageCodecs
import PersonalCaption
import TerminalUI
import VLMRuntime
import Yams

/// Model, training episodes and held-out episodes of a run.
struct TrainingStage: Sendable {
    let model: VisionLanguageModel
    let source: any EpisodeSource
    let heldOut: [Episode]
    /// What the user should know before it starts.
    let warnings: [String]

    /// More strangers than this add nothing but memory.
    private static let mostOthers = 200

    init(
        _ settings: RunSettings, imageRoot: String? = nil, store: ConceptStore,
        cancellation: CancellationFlag, load: (ModelChoice) throws -> VisionLanguageModel
    ) throws {
        let folder = URL(fileURLWithPath: settings.modelFolder, isDirectory: true)
        let choice = ModelChoice(name: settings.model, folder: folder)
        guard try CheckpointFingerprint(folder: folder).description == settings.modelFingerprint
        else { throw RunError.otherModel(name: settings.name) }
        let profile = try ModelProfile.resolve(directory: folder, modelName: settings.model)
        if let path = settings.dataFile {
            let file = URL(fileURLWithPath: path)
            let examples = try TrainingFileList.read(file, imageRoot: imageRoot)
            let episodes = FileEpisodes(examples, profile: profile)
            guard episodes.trainingCount > 0 else {
                throw RunError.noMaterial(reason: "\(path) leaves no example to train with")
            }
            source = episodes
            heldOut = try episodes.heldOut(count: settings.heldOutScenes)
            warnings =
                heldOut.isEmpty
                ? ["the file has too few pictures to keep some back; the last adapter is kept"]
                : []
        } else {
            let split = try Self.split(settings.concepts, store, cancellation: cancellation)
            let episodes = LibraryEpisodes(
                split, profile: profile, mixture: settings.mixture,
                asksQuestions: settings.recipe == .caprl)
            source = episodes
            // Every run is judged by names, whatever it trains with.
            let examiner = LibraryEpisodes(split, profile: profile)
            heldOut = try examiner.heldOut(count: settings.heldOutScenes, seed: settings.seed)
            warnings = Self.warnings(split)
        }
        model = try load(choice)
    }

    /// The pictures of these concepts and of others of the library, some of them kept back.
    static func split(
        _ concepts: [String], _ store: ConceptStore, cancellation: CancellationFlag
    ) throws -> LibrarySplit {
        let names = Set(concepts)
        let targets = try concepts.map { try material(store.concept(named: $0), store) }
        var others: [TrainingConcept] = []
        for concept in try store.concepts().concepts
        where !names.contains(concept.name) && concept.coverImage != nil {
            guard others.count < mostOthers else { break }
            // A damaged picture of somebody else is no reason to give up.
            if let material = try? material(concept, store) { others.append(material) }
            if cancellation.isCancelled { throw CancellationError() }
        }
        let split = LibrarySplit(targets: targets, others: others)
        guard split.leaks().isEmpty else {
            throw StudioFailure(
                .failed, "the held-out pictures are among the training pictures")
        }
        return split
    }

    /// Trains in a run's folder, and leaves pictures of the scenes kept back there.
    func train(
        _ settings: RunSettings, _ folder: RunFolder, cancellation: CancellationFlag,
        onEvent: (RunEvent) -> Void
    ) throws -> TrainingRun.Outcome {
        keepPictures(in: folder)
        return try TrainingRun(
            settings, folder: folder, model: model, source: source, heldOut: heldOut,
            reader: ModelCaptionReader(model), cancellation: cancellation
        ).run(onEvent: onEvent)
    }

    static func warnings(_ split: LibrarySplit) -> [String] {
        var warnings: [String] = []
        if !split.shared.isEmpty {
            let names = split.shared.map { TerminalText.sanitized($0) }.joined(separator: ", ")
            warnings.append(
                "\(names): one picture each, so held-out scenes show the same picture in other "
                    + "surroundings; add pictures for a stricter test")
        }
        if split.others.isEmpty {
            warnings.append(
                "no concept of the library is left over to tell these apart from; results will be "
                    + "weaker")
        }
        return warnings
    }

    private static func material(
        _ concept: Concept, _ store: ConceptStore
    ) throws -> TrainingConcept {
        let cover = try LibraryReference.read(concept.name, from: store)
        guard let coverImage = concept.coverImage else {
            throw RunError.noMaterial(
                reason: "\(TerminalText.sanitized(concept.name)) has no picture")
        }
        var pictures = [TrainingPicture(image: cover.original, digest: coverImage.sha256)]
        for image in concept.images where image.id != coverImage.id {
            let decoded = try ImageDecoder.decode(fileAt: store.url(of: image))
            pictures.append(TrainingPicture(image: decoded, digest: image.sha256))
        }
        return TrainingConcept(
            name: concept.name, info: concept.info, category: concept.category, pictures: pictures)
    }
}

extension RunFolder {
    /// Gets a run ready to go on.
    ///
    /// - Throws: `RunError.finished` when there is nothing left to do.
    func resume(steps: Int? = nil) throws -> RunSettings {
        var settings = try settings()
        if let steps, steps != settings.steps {
            settings.steps = steps
            try save(settings)
        }
        try ask(nil)
        let done = events().last { $0.type == .checkpoint || $0.type == .end }?.step ?? 0
        guard done < settings.steps else { throw RunError.finished(name: name) }
        return settings
    }
}

/// Opens `--data`: a file of examples, or RePIC's YAML list of such files.
enum TrainingFileList {
    private struct Sets: Decodable {
        struct Entry: Decodable {
            var jsonPath: String

            enum CodingKeys: String, CodingKey { case jsonPath = "json_path" }
        }
        var datasets: [Entry]
    }

    static func read(_ file: URL, imageRoot: String?) throws -> TrainingFile {
        let folder = file.deletingLastPathComponent()
        let images = imageRoot.map { URL(fileURLWithPath: $0, isDirectory: true) } ?? folder
        guard ["yaml", "yml"].contains(file.pathExtension.lowercased()) else {
            return try TrainingFile(file, images: images)
        }
        let text = String(decoding: try BoundedFile.read(file, limit: 1 << 20), as: UTF8.self)
        let sets: Sets
        do {
            sets = try YAMLDecoder().decode(Sets.self, from: text)
        } catch {
            throw StudioFailure(
                .badInput,
                "\(file.lastPathComponent) is not a list 'datasets:' of entries 'json_path: FILE'")
        }
        guard (1...100).contains(sets.datasets.count) else {
            throw StudioFailure(
                .badInput, "\(file.lastPathComponent) must name 1 to 100 files of examples")
        }
        return try TrainingFile(
            joining: sets.datasets.map { entry in
                let path = URL(fileURLWithPath: entry.jsonPath, relativeTo: folder)
                return try TrainingFile(path.standardizedFileURL, images: images)
            })
    }
}
