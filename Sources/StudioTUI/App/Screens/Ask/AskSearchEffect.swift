import ConceptDB
import Foundation
import ImageCodecs
import PersonalCaption
import VLMRuntime

/// Looks for the library's concepts in a picture, away from the screen.
enum AskSearchEffect {
    static func run(
        _ job: SuggestJob, _ flag: CancellationFlag, _ title: String, _ context: EffectContext,
        _ models: CaptionService
    ) {
        context.task(title, cancellation: flag, showsFailure: false) { reporter in
            do {
                let found = try models.suggest(job, cancellation: flag) { stage, fraction in
                    reporter.progress(fraction, stage)
                    context.post(
                        .ask(.searchStage(stage, fraction: fraction, picture: job.identity)))
                }
                context.post(.ask(.suggested(found)))
            } catch {
                let reason = error is CancellationError ? nil : EffectContext.sentence(error)
                context.post(.ask(.searchFailed(reason, picture: job.identity)))
                throw error
            }
        }
    }
}

extension CaptionService {
    /// Finds out who of the library is in a picture, after the captions asked for before.
    ///
    /// - Parameter news: called on the model's thread with what is being done.
    /// - Throws: `CancellationError` when it was cancelled.
    func suggest(
        _ job: SuggestJob, cancellation: CancellationFlag,
        news: @escaping @Sendable (String, Double?) -> Void
    ) throws -> AskSuggestions {
        try inLine { [self] in
            let start = ContinuousClock.now
            if cancellation.isCancelled { throw CancellationError() }
            let (generator, profile, searching) = try model(
                job.model, job.keyValues, adapter: job.adapter
            ) { stage in
                if case .stage(let words, let fraction) = stage { news(words, fraction) }
            }
            let picture = try ImageDecoder.decode(fileAt: job.image).flattened()
            let store = try library()
            let search = try LibrarySearch(
                store, generator: generator, search: searching, profile: profile, looks: looks,
                options: RecognitionOptions(limit: job.limit), cancellation: cancellation,
                listener: .init(
                    progress: { news("looking at the library", $0) },
                    problem: { _ in }))
            news("looking for people and things you know", nil)
            let asked = LibrarySearch.names(in: job.question, library: try store.names())
            let found = try search.recognize(picture, asked: asked, cancellation: cancellation)
            return Self.suggestions(
                found, job, search, picture, seconds: start.secondsUntilNow)
        }
    }

    private static func suggestions(
        _ found: Recognition, _ job: SuggestJob, _ search: LibrarySearch, _ picture: RGBImage,
        seconds: Double
    ) -> AskSuggestions {
        let open = found.accepted.map { candidate in
            AskSuggestion(
                id: search.concepts[candidate.concept].id, name: candidate.name,
                score: candidate.score, box: candidate.box, reason: candidate.reason)
        }
        let drawn = BoxDrawing.draw(open.map(\.box), on: picture)
        return AskSuggestions(
            picture: job.identity, open: open, librarySize: search.concepts.count,
            drawn: open.isEmpty ? nil : RGBImageBox(drawn), isNobody: open.isEmpty,
            seconds: seconds)
    }
}
