import ConceptDB
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
    /// What the history calls the picture; its path without.
    var imageName: String?
    /// Ids of concepts, in the order of their slots.
    var concepts: [Int64]
    /// `nil` for the model's usual question.
    var question: String?
    var options = CaptionOptions()
    /// Whether a new seed is drawn, in place of the one in `options`, when tokens are sampled.
    var drawsSeed = false
    /// A registered model or a checkpoint folder; `nil` for the one in use.
    var model: String?
    /// A kept adapter or a PEFT folder; `nil` for the model alone.
    var adapter: String?
    /// How keys and values are kept; `nil` for the model's usual way.
    var keyValues: KVStorage?
    /// Who answers instead of a model in this program.
    var engines: EngineWish?
    /// Whether it goes to the history by itself; a cancelled one never does.
    var isSaved = true
}

/// What is heard of a caption while it is made.
enum CaptionNews: Sendable {
    /// What is being done, 0…1 of it when that can be known.
    case stage(String, fraction: Double?)
    /// The next piece of text and how many tokens it came in.
    case text(String, tokens: Int)
    case finished(CaptionAnswer)
    case failed(String)
    /// Cancelled before there was any text.
    case cancelled
}

/// A finished caption, with its place in the history when it was saved.
struct CaptionAnswer: Sendable {
    let record: PersonalCaption.CaptionRecord
    /// What saving it takes.
    let draft: NewCaption
    let saved: ConceptDB.CaptionRecord?
}

/// Tokens on their way to the screen, at most one parcel for each frame.
struct TokenBatch {
    /// Shorter than a frame, so that no frame goes without what is there.
    static let interval = Duration.milliseconds(12)

    private var text = ""
    private var tokens = 0
    private var sent: ContinuousClock.Instant?

    /// Takes a token; returns what is to be sent now.
    ///
    /// Tokens that come more slowly than frames are sent at once. Of faster ones the last may stay
    /// here until the next one comes, which then is soon.
    mutating func add(_ more: String, at now: ContinuousClock.Instant) -> CaptionNews? {
        text += more
        tokens += 1
        if let sent, now - sent < Self.interval { return nil }
        return take(at: now)
    }

    /// Everything that has not been sent.
    mutating func take(at now: ContinuousClock.Instant) -> CaptionNews? {
        guard tokens > 0 else { return nil }
        defer {
            text = ""
            tokens = 0
            sent = now
        }
        return .text(text, tokens: tokens)
    }
}

/// The model in this process: loads it when it is first needed and runs one caption at a time.
final class CaptionService: Sendable {
    private struct Loaded {
        let choice: ModelChoice
        let keyValues: KVStorage?
        /// Without any adapter; the weights are shared with those that have one.
        let base: Generator
        let profile: ModelProfile
        let adapter: AdapterChoice?
        let captioner: Captioner
        let generator: Generator
        let seconds: Double
    }

    private let context: EffectContext
    /// One thread for the model; the kernels use more below it.
    private let thread = ModelThread(name: "studio.model")
    private let loaded = Mutex<Loaded?>(nil)
    /// Captions that wait or run, and what is done while there are none.
    private let work = Mutex(Work())
    /// Engines that were said to refuse sizes of pictures; once is enough.
    private let refusing = Mutex<Set<String>>([])

    private struct Work {
        var captions = 0
        var unprepared: [Int64] = []
        var preparing: CancellationFlag?
    }

    init(context: EffectContext) { self.context = context }

    /// Loads the model in use, so that the first caption need not.
    func load(_ keyValues: KVStorage?) {
        thread.async { [self] in
            do { _ = try engine(nil, keyValues) { _ in } } catch { failed(error) }
        }
    }

    /// The model that is loaded, if it is this one, so that its weights can be shared.
    func model(of choice: ModelChoice) -> VisionLanguageModel? {
        loaded.withLock { $0?.choice == choice ? $0?.base.model : nil }
    }

    /// Gives the model's memory back.
    func unload() {
        thread.async { [self] in
            loaded.withLock { $0 = nil }
            context.post(.model(.changed(.idle)))
        }
    }

    /// Makes a caption, after those that were asked for before, and waits for it.
    ///
    /// - Parameter news: called on the model's thread, in order; not for the end.
    /// - Throws: `CancellationError` when it was cancelled before the first token.
    func caption(
        _ job: CaptionJob, cancellation: CancellationFlag,
        news: @escaping @Sendable (CaptionNews) -> Void
    ) throws -> CaptionAnswer {
        try inLine { [self] in try run(job, cancellation, news) }
    }

    /// Runs something on the model's thread, after what was asked for before, and waits for it.
    func inLine<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) throws -> Value {
        self.work.withLock {
            $0.captions += 1
            $0.preparing?.cancel()
        }
        defer {
            self.work.withLock { $0.captions -= 1 }
            prepareNext()
        }
        return try thread.sync(work)
    }

    /// The model, loaded if need be; on the model's thread only.
    func model(
        _ wish: String?, _ keyValues: KVStorage?, adapter: String?, _ news: (CaptionNews) -> Void
    ) throws -> (generator: Generator, profile: ModelProfile, search: SearchModel) {
        let engine = try engine(wish, keyValues, adapter: adapter, news)
        let search = try SearchModel(
            engine.choice, base: engine.base, isAdapted: engine.adapter != nil)
        return (engine.generator, engine.profile, search)
    }

    /// Where looks of the library's pictures stay.
    var looks: URL { context.places.home.looks }

    /// The library that is captioned from.
    func library() throws -> ConceptStore { try context.library() }

    /// Encodes the covers of concepts while nothing else is to be done, so that their first caption
    /// need not; without a loaded model it does nothing.
    func prepare(_ concepts: [Int64]) {
        guard !concepts.isEmpty, loaded.withLock({ $0 != nil }) else { return }
        work.withLock { $0.unprepared += concepts }
        prepareNext()
    }

    private func prepareNext() {
        thread.async { [self] in
            let next = work.withLock { work -> (Int64, CancellationFlag)? in
                guard work.captions == 0, let id = work.unprepared.popLast() else { return nil }
                let flag = CancellationFlag()
                work.preparing = flag
                return (id, flag)
            }
            guard let (id, flag) = next else { return }
            let isInterrupted = !encodeCover(of: id, flag)
            work.withLock {
                $0.preparing = nil
                if isInterrupted { $0.unprepared.append(id) }
            }
            prepareNext()
        }
    }

    /// Returns false when it was interrupted.
    ///
    /// Whatever else goes wrong is told when the concept is asked about.
    private func encodeCover(of id: Int64, _ flag: CancellationFlag) -> Bool {
        guard let engine = loaded.withLock({ $0 }) else { return true }
        do {
            let store = try context.library()
            let cover = try LibraryReference.read(try store.concept(id: id).name, from: store)
            let budget = engine.captioner.profile.referenceBudget
            try engine.generator.encode(
                ImageInput(cover.image, pixelBudget: budget, isReference: true),
                cancellation: flag)
        } catch is CancellationError {
            return false
        } catch {
            return true
        }
        return true
    }

    private func run(
        _ job: CaptionJob, _ cancellation: CancellationFlag,
        _ news: @escaping @Sendable (CaptionNews) -> Void
    ) throws -> CaptionAnswer {
        if cancellation.isCancelled { throw CancellationError() }
        let writer = try writer(job, cancellation, news)
        if cancellation.isCancelled { throw CancellationError() }
        news(.stage("opening the pictures", fraction: nil))
        let store = try context.library()
        let file = try BoundedFile.read(job.image, limit: ImageLimits.standard.maximumBytes)
        let name = job.imageName ?? job.image.path
        let query = try ImageDecoder.decode(file, name: name).flattened()
        let references = try job.concepts.map { id in
            try LibraryReference.read(try store.concept(id: id).name, from: store)
        }
        var options = job.options
        if job.drawsSeed, !options.resolved(for: writer.captioner.profile).isGreedy {
            // Below 2⁵³, so that JSON readers that only know doubles keep it exactly.
            options.seed = UInt64.random(in: 0..<(1 << 53))
        }
        let request = CaptionRequest(
            concepts: references.map(\.forPrompt), query: query, question: job.question,
            options: options, libraryNames: try store.names())
        var batch = TokenBatch()
        if let line = job.engines?.line { news(.stage(line, fraction: nil)) }
        var record = try writer.captioner.caption(request, cancellation: cancellation) { event in
            switch event {
            case .progress(let stage, let fraction):
                news(.stage(AnswerStream.words(stage), fraction: fraction))
            case .token(_, let text):
                if let ready = batch.add(text, at: .now) { news(ready) }
            }
        }
        if let rest = batch.take(at: .now) { news(rest) }
        record.timings.load = writer.seconds
        let draft = try NewCaption(
            record, image: .data(file, name: name), concepts: references.map(\.concept),
            modelPath: writer.place)
        let isSaved = job.isSaved && record.finishReason != .cancelled
        return CaptionAnswer(
            record: record, draft: draft, saved: isSaved ? try store.addCaption(draft) : nil)
    }

    /// Who writes a caption.
    private struct Writer {
        let captioner: Captioner
        /// Where its model is, for the history.
        let place: String
        /// Seconds it took to open.
        let seconds: Double
    }

    private func writer(
        _ job: CaptionJob, _ cancellation: CancellationFlag,
        _ news: @escaping @Sendable (CaptionNews) -> Void
    ) throws -> Writer {
        guard let wish = job.engines else {
            let engine = try engine(job.model, job.keyValues, adapter: job.adapter, news)
            return Writer(
                captioner: engine.captioner, place: engine.choice.folder.path,
                seconds: engine.seconds)
        }
        news(.stage("looking for the engine", fraction: nil))
        let remote = try wish.connect(
            onNotice: { [self] notice in
                switch notice {
                case .silent: news(.stage(notice.description, fraction: nil))
                case .back: news(.stage(wish.line, fraction: nil))
                case .sizesRefused(let engine):
                    guard refusing.withLock({ $0.insert(engine).inserted }) else { return }
                    context.post(.toast(.warning, notice.description))
                }
            }
        ) { pool in
            try Blocking.run(cancellation: cancellation) { try await pool.models() }
        }
        return Writer(captioner: remote.captioner, place: remote.place, seconds: 0)
    }

    private func engine(
        _ wish: String?, _ keyValues: KVStorage?, adapter adapterWish: String? = nil,
        _ news: (CaptionNews) -> Void
    ) throws -> Loaded {
        let store = try context.library()
        let choice = try ModelChoice.resolve(wish, store: store, samples: context.places.samples)
        let adapter = try adapterWish.map { try AdapterChoice($0, in: context.places.home) }
        if let present = loaded.withLock({ $0 }), present.choice == choice,
            present.keyValues == keyValues
        {
            return try adapted(present, adapter, news)
        }
        news(.stage("loading the model \(choice.name)", fraction: nil))
        context.post(.model(.changed(.loading(name: choice.name))))
        let fresh: Loaded
        do {
            let start = ContinuousClock.now
            // The old weights go first, so that both never need memory at once.
            loaded.withLock { $0 = nil }
            var model = try ModelWeights(home: context.places.home).load(
                folder: choice.folder, note: { context.post(.toast(.warning, $0)) },
                progress: { news(.stage("packing the weights of \(choice.name)", fraction: $0)) })
            if let keyValues { model.keyValueStorage = keyValues }
            let profile = try ModelProfile.resolve(
                directory: choice.folder, modelName: choice.name)
            let generator = Generator(
                model,
                caches: GenerationCaches(for: model, folder: context.places.home.visionRows))
            fresh = Loaded(
                choice: choice, keyValues: keyValues, base: generator, profile: profile,
                adapter: nil,
                captioner: Captioner(model: generator, modelName: choice.name, profile: profile),
                generator: generator, seconds: start.secondsUntilNow)
            loaded.withLock { $0 = fresh }
            context.post(
                .model(.changed(.ready(name: choice.name, seconds: fresh.seconds))))
        } catch {
            failed(error)
            throw error
        }
        return try adapted(fresh, adapter, news)
    }

    /// The same weights with another adapter, or with none.
    private func adapted(
        _ present: Loaded, _ adapter: AdapterChoice?, _ news: (CaptionNews) -> Void
    ) throws -> Loaded {
        guard present.adapter != adapter else { return present }
        var generator = present.base
        if let adapter {
            news(.stage("opening the adapter \(adapter.wish)", fraction: nil))
            generator = try AdapterShelf(context.places.home)
                .adapt(present.base, by: adapter.wish).generator
        }
        let changed = Loaded(
            choice: present.choice, keyValues: present.keyValues, base: present.base,
            profile: present.profile, adapter: adapter,
            captioner: Captioner(
                model: generator, modelName: present.choice.name, adapterName: adapter?.wish,
                profile: present.profile),
            generator: generator, seconds: present.seconds)
        loaded.withLock { $0 = changed }
        context.post(
            .model(
                .changed(
                    .ready(
                        name: present.choice.name, seconds: present.seconds,
                        adapter: adapter?.wish))))
        return changed
    }

    private func failed(_ error: any Error) {
        context.post(.model(.changed(.failed(EffectContext.sentence(error)))))
    }
}
