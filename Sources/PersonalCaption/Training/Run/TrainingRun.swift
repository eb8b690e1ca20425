import Foundation
import ImageCodecs
public import VLMRuntime

/// One fine-tuning from its first update to its last, over as many processes as it takes.
///
/// Every random choice follows from the run's seed and the number of the update, so that a run that
/// was killed and goes on from a checkpoint makes the same adapter, bit for bit.
public struct TrainingRun {
    /// How it ended.
    public enum Outcome: String, Sendable, Codable {
        /// All updates are done.
        case done
        /// Somebody asked it to stop; it can go on later.
        case stopped
    }

    /// What the run is to do.
    public let settings: RunSettings
    private let folder: RunFolder
    private let model: VisionLanguageModel
    private let source: any EpisodeSource
    private let heldOut: HeldOutJudge
    private let judge: EpisodeJudge
    private let cancellation: CancellationFlag?

    /// What a checkpoint says beside adapter and optimizer.
    struct State: Codable, Equatable {
        var step = 0
        var seed: UInt64
        var bestStep = 0
        var bestScore: Float = -1
    }

    static let stateFile = "run-state.json"

    /// - Parameters:
    ///   - source: training episodes.
    ///   - heldOut: episodes to judge by; without any the last adapter counts as best.
    ///   - reader: who reads captions for CapRL.
    public init(
        _ settings: RunSettings, folder: RunFolder, model: VisionLanguageModel,
        source: any EpisodeSource, heldOut: [Episode], reader: (any CaptionReader)? = nil,
        cancellation: CancellationFlag? = nil
    ) {
        self.settings = settings
        self.folder = folder
        self.model = model
        self.source = source
        self.cancellation = cancellation
        judge = EpisodeJudge(
            names: NamesReward(form: settings.form, minimumLength: settings.minimumLength),
            reader: reader)
        self.heldOut = HeldOutJudge(
            episodes: heldOut, judge: judge, maximumTokens: settings.group.maximumTokens)
    }

    private var optimizerOptions: OptimizerOptions {
        OptimizerOptions(
            learningRate: settings.optimizer.learningRate,
            warmupSteps: settings.optimizer.warmupSteps,
            totalSteps: settings.steps * max(1, settings.group.iterations))
    }

    /// Trains until the last update or until asked to stop.
    ///
    /// - Parameter onEvent: hears every event after it was written.
    /// - Throws: `TrainingError` for numbers that are none (the last checkpoint stays), `RunError`
    ///   or `AdapterError` for files, and what episodes throw.
    public func run(onEvent: (RunEvent) -> Void = { _ in }) throws -> Outcome {
        var (trainer, state) = try begin()
        func tell(_ event: RunEvent) throws {
            try folder.append(event)
            onEvent(event)
        }
        func event(_ type: RunEvent.Kind) -> RunEvent {
            RunEvent(type: type, run: settings.name, step: state.step, steps: settings.steps)
        }
        try tell(event(.start))
        let isFresh = state.step == 0 && state.bestScore < 0
        if isFresh {
            do {
                try assess(trainer, &state, tell)
                try save(trainer, state)
            } catch is CancellationError {
                return try stop(event(.end), tell)
            }
        }
        while state.step < settings.steps {
            if try waitsForStop() {
                try save(trainer, state)
                return try stop(event(.end), tell)
            }
            let before = trainer
            do {
                let report = try step(state.step, &trainer)
                state.step += 1
                var done = event(.step)
                done.report = report
                try tell(done)
                let isLast = state.step == settings.steps
                guard isLast || state.step % max(1, settings.checkpointEvery) == 0 else { continue }
                try assess(trainer, &state, tell)
            } catch is CancellationError {
                // An update that was done stays done; one that was not leaves no trace.
                let isDone = trainer.step != before.step
                try save(isDone ? trainer : before, state)
                return try stop(event(.end), tell)
            } catch {
                var end = event(.end)
                end.reason = "\(error)"
                try? tell(end)
                throw error
            }
            try save(trainer, state)
            try tell(event(.checkpoint))
        }
        var end = event(.end)
        end.reason = Outcome.done.rawValue
        try tell(end)
        return .done
    }

    private func stop(_ event: RunEvent, _ tell: (RunEvent) throws -> Void) throws -> Outcome {
        var event = event
        event.reason = Outcome.stopped.rawValue
        try tell(event)
        try folder.ask(nil)
        return .stopped
    }

    /// From the newest checkpoint that can be read, else from nothing.
    private func begin() throws -> (AdapterTrainer, State) {
        var failure: (any Error)?
        for checkpoint in folder.checkpointFolders() {
            do {
                let file = checkpoint.url.appendingPathComponent(Self.stateFile)
                let data = try BoundedFile.read(file, limit: 65_536)
                let state = try JSONDecoder().decode(State.self, from: data)
                guard state.seed == settings.seed else {
                    throw RunError.damaged(path: file.path, reason: "another run's seed")
                }
                let trainer = try AdapterTrainer(
                    resuming: checkpoint.url, model: model, options: optimizerOptions)
                try folder.forgetEvents(after: state.step)
                return (trainer, state)
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        let plan = AdapterPlan(rank: settings.rank, alpha: settings.alpha)
        let trainer = try AdapterTrainer(
            model: model, adapter: Adapter(plan, for: model, seed: settings.seed),
            options: optimizerOptions)
        return (trainer, State(seed: settings.seed))
    }

    /// Judges the adapter and keeps it when it is the best so far.
    private func assess(
        _ trainer: AdapterTrainer, _ state: inout State, _ tell: (RunEvent) throws -> Void
    ) throws {
        guard !heldOut.episodes.isEmpty else {
            state.bestStep = state.step
            state.bestScore = 0
            return try trainer.adapter.write(to: folder.best)
        }
        let report = try heldOut.report(trainer.policy(), cancellation: cancellation)
        if report.score > state.bestScore {
            state.bestScore = report.score
            state.bestStep = state.step
            try trainer.adapter.write(to: folder.best)
        }
        try tell(
            RunEvent(
                type: .evaluation, run: settings.name, step: state.step, steps: settings.steps,
                evaluation: report))
    }

    /// Writes a checkpoint and forgets all but the last two.
    private func save(_ trainer: AdapterTrainer, _ state: State) throws {
        let target = folder.checkpoint(step: state.step)
        if FileManager.default.fileExists(atPath: target.path) { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let extras = [Self.stateFile: try encoder.encode(state)]
        do throws(AdapterError) {
            try trainer.save(to: target, extras: extras)
        } catch .unwritable(_, let reason) {
            throw RunError.unwritable(path: target.path, reason: reason)
        }
        for old in folder.checkpointFolders().dropFirst(2) {
            try? FileManager.default.removeItem(at: old.url)
        }
    }

    /// Waits while the run is paused.
    ///
    /// - Returns: whether it is to stop.
    private func waitsForStop() throws -> Bool {
        while true {
            if cancellation?.isCancelled == true { return true }
            switch folder.request() {
            case .stop: return true
            case .pause: Thread.sleep(forTimeInterval: 0.2)
            case nil: return false
            }
        }
    }

    private func step(_ number: Int, _ trainer: inout AdapterTrainer) throws -> StepReport {
        let start = Date()
        var episodes = StepEpisodes(source: source, seed: settings.seed, step: number)
        var report =
            settings.recipe == .sft
            ? try ExampleStep(settings: settings, judge: judge, cancellation: cancellation)
                .run(&trainer, &episodes)
            : try RewardStep(settings: settings, judge: judge, cancellation: cancellation)
                .run(&trainer, &episodes, number: number)
        report.seconds = Date().timeIntervalSince(start)
        return report
    }
}

/// The episodes of one update, as many as are asked for.
struct StepEpisodes {
    /// More than any update asks for.
    static let perStep = 1024
    let source: any EpisodeSource
    let seed: UInt64
    let step: Int
    private(set) var drawn = 0

    init(source: any EpisodeSource, seed: UInt64, step: Int) {
        self.source = source
        self.seed = seed
        self.step = step
    }

    mutating func next() throws -> (number: Int, episode: Episode) {
        let number = step * Self.perStep + drawn
        drawn += 1
        return (number, try source.episode(seed: seed, number: number))
    }
}
