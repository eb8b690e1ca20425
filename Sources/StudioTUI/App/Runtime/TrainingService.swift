import ConceptDB
import Foundation
import PersonalCaption
import Synchronization
import VLMRuntime

/// Trains in this process, away from the thread that draws; the runs are those of `studio train`.
final class TrainingService: Sendable {
    /// What was made ready for a run that has been measured.
    private struct Ready {
        let settings: RunSettings
        let stage: TrainingStage
    }

    private let context: EffectContext
    private let models: CaptionService
    private let ready = Mutex<Ready?>(nil)
    let watcher: RunWatcher

    init(context: EffectContext, models: CaptionService) {
        self.context = context
        self.models = models
        watcher = RunWatcher(context.places.home)
    }

    /// Opens model and pictures, and finds out what a run would take.
    ///
    /// - Parameters:
    ///   - seconds: how long it may take; decides the number of updates.
    ///   - news: what is being done.
    /// - Throws: when it cannot fit or nothing can be learned, in one sentence.
    func plan(
        _ wish: TrainingWish, seconds: Double, cancellation: CancellationFlag,
        news: @escaping (String) -> Void
    ) throws -> TrainPlan {
        guard !TrainingLock.isHeld(runs: context.places.home.runs) else { throw RunError.busy }
        let store = try context.library()
        var settings = try wish.settings(
            home: context.places.home, store: store, samples: context.places.samples)
        news("composing scenes")
        var stage = try stage(settings, cancellation, news)
        news("measuring an update")
        var estimate = try RunEstimate(
            settings, model: stage.model, source: stage.source, cancellation: cancellation)
        if wish.steps == nil {
            let scenes = settings.heldOutScenes
            settings = try TrainBudget.fit(settings, estimate, seconds: seconds)
            estimate.secondsPerJudging *= Double(settings.heldOutScenes) / Double(max(1, scenes))
            estimate.seconds = estimate.secondsPerStep * Double(settings.steps)
            if settings.heldOutScenes != scenes {
                let model = stage.model
                stage = try TrainingStage(
                    settings, store: store, cancellation: cancellation, load: { _ in model })
            }
        }
        ready.withLock { $0 = Ready(settings: settings, stage: stage) }
        return TrainPlan(settings: settings, estimate: estimate, warnings: stage.warnings)
    }

    /// Trains a new run, or one that goes on, on the calling thread.
    ///
    /// - Parameter onEvent: hears every event after it was written.
    func train(
        _ order: TrainOrder, cancellation: CancellationFlag, news: @escaping (String) -> Void,
        onEvent: (RunEvent) -> Void
    ) throws -> TrainingRun.Outcome {
        let runs = context.places.home.runs
        let lock = try TrainingLock(runs: runs)
        defer { withExtendedLifetime(lock) {} }
        let folder = try RunFolder(name: order.name, in: runs)
        let settings: RunSettings
        switch order {
        case .new(let planned): settings = planned
        case .resume: settings = try folder.resume()
        }
        let known = ready.withLock { ready in
            defer { ready = nil }
            return ready?.settings == settings ? ready?.stage : nil
        }
        let stage = try known ?? stage(settings, cancellation, news)
        if case .new = order { try folder.create(settings) }
        lock.announce(settings.name)
        return try stage.train(settings, folder, cancellation: cancellation, onEvent: onEvent)
    }

    /// The model of the captions serves when it is the same one; its weights are shared.
    private func stage(
        _ settings: RunSettings, _ cancellation: CancellationFlag,
        _ news: @escaping (String) -> Void
    ) throws -> TrainingStage {
        try TrainingStage(
            settings, store: try context.library(), cancellation: cancellation
        ) { choice in
            if let model = models.model(of: choice) { return model }
            news("loading the model \(choice.name)")
            return try ModelWeights(home: context.places.home).load(
                folder: choice.folder, cancellation: cancellation,
                note: { context.post(.toast(.warning, $0)) },
                progress: { _ in news("packing the weights of \(choice.name)") })
        }
    }
}

/// Which run is to be trained.
enum TrainOrder: Sendable, Equatable {
    case new(RunSettings)
    case resume(name: String)

    var name: String {
        switch self {
        case .new(let settings): settings.name
        case .resume(let name): name
        }
    }
}
