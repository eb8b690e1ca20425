import ConceptDB
import Dispatch
import Foundation
import ImageCodecs
import PersonalCaption
import Synchronization
import VLMRuntime

/// What a caption is asked about.
struct CaptionJob: Sendable, Equatable {
    /// Given by the asker; comes back with every event, so that old ones can be told from new.
    let number: Int
    var image: URL
    /// Ids of concepts, in the order of their slots.
    var concepts: [Int64]
    /// `nil` for the model's usual question.
    var question: String?
    var options = CaptionOptions()
    /// A registered model or a checkpoint folder; `nil` for the one in use.
    var model: String?
    var isSaved = true
}

/// What is heard of a caption while it is made.
enum CaptionNews: Sendable {
    /// What is being done, 0…1 of it when that can be known.
    case stage(String, fraction: Double?)
    /// The next piece of text.
    case text(String)
    case finished(CaptionAnswer)
    case failed(String)
    /// Cancelled before there was any text.
    case cancelled
}

/// A finished caption, with its place in the history when it was saved.
struct CaptionAnswer: Sendable {
    let record: PersonalCaption.CaptionRecord
    let report: NameReport
    let saved: ConceptDB.CaptionRecord?
}

/// The model in this process: loads it when it is first needed and runs one caption at a time.
final class CaptionService: Sendable {
    private struct Loaded {
        let choice: ModelChoice
        let captioner: Captioner
        let seconds: Double
    }

    private let context: EffectContext
    /// One thread for the model; the kernels use more below it.
    private let queue = DispatchQueue(label: "studio.app.model", qos: .userInitiated)
    private let loaded = Mutex<Loaded?>(nil)

    init(context: EffectContext) { self.context = context }

    /// Loads the model in use, so that the first caption need not.
    func load() {
        queue.async { [self] in
            do { _ = try engine(nil) } catch { failed(error) }
        }
    }

    /// Gives the model's memory back.
    func unload() {
        queue.async { [self] in
            loaded.withLock { $0 = nil }
            context.post(.model(.changed(.idle)))
        }
    }

    /// Makes a caption; everything heard of it goes to `news`, from the model's thread.
    func caption(
        _ job: CaptionJob, cancellation: CancellationFlag,
        news: @escaping @Sendable (CaptionNews) -> Void
    ) {
        queue.async { [self] in
            do {
                news(.finished(try run(job, cancellation, news)))
            } catch is CancellationError {
                news(.cancelled)
            } catch {
                news(.failed(EffectContext.sentence(error)))
            }
        }
    }

    private func run(
        _ job: CaptionJob, _ cancellation: CancellationFlag, _ news: (CaptionNews) -> Void
    ) throws -> CaptionAnswer {
        if cancellation.isCancelled { throw CancellationError() }
        let engine = try engine(job.model)
        news(.stage("opening the pictures", fraction: nil))
        let store = try context.library()
        let query = try ImageDecoder.decode(fileAt: job.image).flattened()
        let references = try job.concepts.map { id in
            try LibraryReference.read(try store.concept(id: id).name, from: store)
        }
        let names = try store.names()
        let request = CaptionRequest(
            concepts: references.map(\.forPrompt), query: query, question: job.question,
            options: job.options, libraryNames: names)
        var record = try engine.captioner.caption(request, cancellation: cancellation) { event in
            switch event {
            case .progress(let stage, let fraction):
                news(.stage(AnswerStream.words(stage), fraction: fraction))
            case .token(_, let text): news(.text(text))
            }
        }
        record.timings.load = engine.seconds
        let saved =
            job.isSaved
            ? try store.addCaption(
                NewCaption(
                    record, image: .file(job.image), concepts: references.map(\.concept),
                    modelFolder: engine.choice.folder))
            : nil
        return CaptionAnswer(record: record, report: record.names(library: names), saved: saved)
    }

    private func engine(_ wish: String?) throws -> Loaded {
        let store = try context.library()
        let choice = try ModelChoice.resolve(wish, store: store, samples: context.places.samples)
        if let present = loaded.withLock({ $0 }), present.choice == choice { return present }
        context.post(.model(.changed(.loading(name: choice.name))))
        do {
            let start = ContinuousClock.now
            // The old weights go first, so that both never need memory at once.
            loaded.withLock { $0 = nil }
            let model = try VisionLanguageModel.load(folder: choice.folder)
            let profile = try ModelProfile.resolve(
                directory: choice.folder, modelName: choice.name)
            let fresh = Loaded(
                choice: choice,
                captioner: Captioner(model: model, modelName: choice.name, profile: profile),
                seconds: start.secondsUntilNow)
            loaded.withLock { $0 = fresh }
            context.post(
                .model(.changed(.ready(name: choice.name, seconds: fresh.seconds))))
            return fresh
        } catch {
            failed(error)
            throw error
        }
    }

    private func failed(_ error: any Error) {
        context.post(.model(.changed(.failed(EffectContext.sentence(error)))))
    }
}
