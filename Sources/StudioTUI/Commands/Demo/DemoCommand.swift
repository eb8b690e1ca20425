import ArgumentParser
import ConceptDB
import Foundation
import ImageCodecs
import PersonalCaption

/// `studio demo`: the main job on the sample pictures.
struct DemoCommand: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Show the main job on the sample pictures, in a library made for it.",
        discussion: """
            Registers the sample concepts in a temporary library, composes a picture, captions the \
            sample pictures with the embedded model and compares the names with the truth. Nothing \
            of yours is touched.
            """)

    @Option(help: "Caption only the first pictures.")
    var limit: Int?

    @Option(help: "A registered model or a checkpoint folder; default: the embedded model.")
    var model: String?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit takes 1 or more.") }
    }

    func run(_ session: Session) throws {
        guard let samples = session.samples else {
            throw StudioFailure(
                .notFound,
                "the folder Samples is not beside the program; set $STUDIO_SAMPLES to it")
        }
        let set = try SampleSet.read(folder: samples.directory)
        let temporary = try DemoHome(interrupts: session.context.interrupts)
        defer { temporary.remove() }
        let store = try ConceptStore(
            directory: temporary.home.library, thumbnails: temporary.home.thumbnails)
        let library = try register(set.concepts, in: store, session)
        let engine = try CaptionEngine(choice(samples, session), session: session)
        let strip = PictureStrip(picture: session.picture(), style: session.style)
        let stage = try DemoStage(session: session, store: store, engine: engine, strip: strip)
        var scenes = try Array(set.queries.prefix(limit ?? .max)).map { query in
            try DemoScene(query, set: set, library: library)
        }
        if let composed = try DemoComposition.scene(in: temporary, library: library) {
            scenes.append(composed)
        }
        try perform(scenes, on: stage, engine.choice.name, session)
    }

    /// Captions the scenes and prints the totals, also when it is stopped half-way.
    private func perform(
        _ scenes: [DemoScene], on stage: DemoStage, _ model: String, _ session: Session
    ) throws {
        var results: [DemoResult] = []
        var stop: (any Error)?
        for scene in scenes {
            do {
                try session.checkCancellation()
                results.append(try stage.perform(scene))
            } catch {
                stop = error
                break
            }
        }
        let score = DemoScore(results.filter { !$0.scene.isComposed }.map(\.score))
        if common.json {
            let document = DemoDocument(
                model: model, queries: results.map(\.document), totals: .init(score))
            try session.printJSON(document)
        } else {
            session.print(Self.line(score))
        }
        if stop is CancellationError {
            throw StudioFailure(.interrupted, "stopped; the temporary library is removed")
        }
        if let stop { throw stop }
    }

    /// `names: 44 right, 1 missed, 2 wrong over 24 queries (precision …, recall …, F1 …)`.
    static func line(_ score: DemoScore) -> String {
        "names: \(score.right) right, \(score.missed) missed, \(score.wrong) wrong over "
            + "\(score.scenes) queries ("
            + String(
                format: "precision %.3f, recall %.3f, F1 %.3f)", score.precision, score.recall,
                score.f1)
    }

    private func register(
        _ concepts: [SampleConcept], in store: ConceptStore, _ session: Session
    ) throws -> [Int: LibraryReference] {
        let start = ContinuousClock.now
        var library: [Int: LibraryReference] = [:]
        for (index, sample) in concepts.enumerated() {
            session.progress.update(
                "registering concepts", fraction: Double(index) / Double(concepts.count))
            try session.checkCancellation()
            let new = NewConcept(name: sample.name, category: sample.category, info: sample.info)
            let concept = try store.add(new, images: [.file(sample.file)])
            library[sample.id] = try LibraryReference.read(concept.name, from: store)
        }
        let seconds = String(format: "%.1f s", start.secondsUntilNow)
        session.note("registered \(concepts.count) concepts in a temporary library (\(seconds))")
        return library
    }

    /// The embedded model unless another is asked for: the samples were made for it.
    private func choice(_ samples: Samples, _ session: Session) throws -> ModelChoice {
        guard let model else { return .embedded(samples) }
        return try ModelChoice.resolve(model, store: session.store(), samples: samples)
    }
}

extension DemoScene {
    /// A query of the sample set, with look-alikes among the concepts given.
    init(_ query: SampleQuery, set: SampleSet, library: [Int: LibraryReference]) throws {
        self.init(
            file: query.file, image: try ImageDecoder.decode(fileAt: query.file).flattened(),
            truth: query.truth,
            given: set.references(for: query, absent: CaptionPrompt.maximumConcepts)
                .compactMap { library[$0.id] },
            isComposed: false)
    }
}
