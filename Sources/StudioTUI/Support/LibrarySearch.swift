import ConceptDB
import Foundation
import ImageCodecs
import PersonalCaption
import TerminalUI
import VLMRuntime

/// The user's library, ready to be found in pictures.
struct LibrarySearch {
    /// Its concepts with a picture, by their place in the search.
    let concepts: [Concept]
    private let recognizer: ConceptRecognizer

    /// What is heard of reading a library.
    struct Listener {
        /// 0…1 of the library.
        var progress: (Double) -> Void = { _ in }
        /// A sentence about a picture that is left out.
        var problem: (String) -> Void = { _ in }
    }

    /// Reads the library; what is known of its pictures is not computed again.
    ///
    /// Pictures that cannot be read are left out with a note.
    ///
    /// - Parameter looks: where looks stay between runs.
    init(
        _ store: ConceptStore, generator: Generator, search: SearchModel, profile: ModelProfile,
        looks: URL, options: RecognitionOptions, cancellation: CancellationFlag? = nil,
        listener: Listener = Listener()
    ) throws {
        let all = try store.concepts().concepts.filter { !$0.images.isEmpty }
        let reader = LibraryReader(
            store: store, generator: generator, budget: profile.referenceBudget,
            cancellation: cancellation, listener: listener)
        let index: ConceptIndex
        if let metric = search.metric {
            let found = try reader.looks(of: all, by: metric, kept: looks)
            concepts = found.kept
            index = ConceptIndex(found.references, metric: metric)
        } else {
            let found = try reader.rows(of: all)
            concepts = found.kept
            index = ConceptIndex(found.references)
        }
        let covers = concepts
        recognizer = ConceptRecognizer(
            index: index, profile: profile, model: generator, verifier: search.verifier,
            options: options
        ) { place in try LibraryReference.read(covers[place].name, from: store).forPrompt }
    }

    /// Reads the library for a command.
    init(
        _ store: ConceptStore, engine: CaptionEngine, options: RecognitionOptions, session: Session
    ) throws {
        defer { session.progress.clear() }
        try session.checkCancellation()
        try self.init(
            store, generator: engine.generator, search: engine.search, profile: engine.profile,
            looks: session.home.looks, options: options,
            cancellation: session.cancellation,
            listener: Listener(
                progress: { session.progress.update("looking at the library", fraction: $0) },
                problem: { session.note(session.noteStyle($0, .warning)) }))
    }

    /// Who is in a picture.
    ///
    /// - Parameter asked: names whose concepts are accepted whatever is found.
    func recognize(
        _ picture: RGBImage, asked: [String] = [], cancellation: CancellationFlag? = nil
    ) throws -> Recognition {
        let keys = Set(asked.map(NameKey.init))
        let places = concepts.indices.filter { keys.contains(NameKey(concepts[$0].name)) }
        return try recognizer.recognize(picture, asked: places, cancellation: cancellation)
    }

    /// Who is in a picture, for a command.
    func recognize(
        _ picture: RGBImage, asked: [String] = [], session: Session
    ) throws -> Recognition {
        session.progress.update("looking for people and things you know")
        defer { session.progress.clear() }
        return try recognize(picture, asked: asked, cancellation: session.cancellation)
    }

    /// The library's names that a question uses.
    static func names(in question: String?, library: [String]) -> [String] {
        guard let question else { return [] }
        return NameCheck(supplied: library).report(on: question).named
    }
}

/// `retrieve` and `caption --auto` in JSON.
struct RecognitionDocument: Encodable {
    struct Candidate: Encodable {
        let name: String
        let score: Double
        let accepted: Bool
        let box: [Int]
        let similarity: Double
        @Present var probability: Double?
        let reason: String
    }

    let candidates: [Candidate]
    let threshold: Double
    /// Concepts that were compared.
    let librarySize: Int

    init(_ found: Recognition, librarySize: Int) {
        threshold = found.threshold
        self.librarySize = librarySize
        candidates = found.candidates.map {
            Candidate(
                name: $0.name, score: $0.score, accepted: $0.isAccepted, box: $0.box,
                similarity: $0.similarity, probability: $0.probability, reason: $0.reason)
        }
    }
}
