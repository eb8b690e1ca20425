import Foundation
import PersonalCaption
import VLMRuntime

/// What the screen Train needs from disk and model.
enum TrainEffects {
    static func run(
        _ effect: TrainEffect, _ context: EffectContext, _ training: TrainingService
    ) {
        switch effect {
        case .look: look(context, training)
        case .plan(let wish, let seconds, let flag): plan(wish, seconds, flag, context, training)
        case .train(let order, let flag): train(order, flag, context, training)
        case .ask(let name, let request):
            context.background {
                try RunFolder(name: name, in: context.places.home.runs).ask(request)
                context.post(.train(.seen(training.watcher.look())))
            }
        case .keep(let name):
            context.background {
                let folder = try RunFolder(name: name, in: context.places.home.runs)
                try AdapterShelf(context.places.home).keep(folder, settings: folder.settings())
                context.post(.train(.seen(training.watcher.look())))
                context.post(.train(.kept(name)))
            }
        case .discard(let name):
            context.background {
                try discard(name, context)
                context.post(.train(.seen(training.watcher.look())))
                context.post(.train(.discarded(name)))
            }
        }
    }

    private static func look(_ context: EffectContext, _ training: TrainingService) {
        context.background { context.post(.train(.seen(training.watcher.look()))) }
    }

    private static func plan(
        _ wish: TrainingWish, _ seconds: Double, _ flag: CancellationFlag,
        _ context: EffectContext, _ training: TrainingService
    ) {
        context.task("Estimate of a training", cancellation: flag, showsFailure: false) { task in
            do {
                let plan = try thread().sync {
                    try training.plan(wish, seconds: seconds, cancellation: flag) { stage in
                        task.progress(nil, stage)
                        context.post(.train(.stage(stage)))
                    }
                }
                try task.checkCancellation()
                context.post(.train(.planned(plan)))
            } catch let error as CancellationError {
                throw error
            } catch {
                context.post(.train(.refused(EffectContext.sentence(error))))
                throw error
            }
        }
    }

    private static func train(
        _ order: TrainOrder, _ flag: CancellationFlag, _ context: EffectContext,
        _ training: TrainingService
    ) {
        let name = order.name
        context.task("Training \(name)", cancellation: flag, isAwaited: true) { task in
            var outcome = TrainingRun.Outcome.stopped
            // Whatever happens, the screen learns that nobody trains here any more.
            defer { context.post(.train(.ended(name: name, outcome))) }
            outcome = try thread().sync {
                try training.train(
                    order, cancellation: flag, news: { task.progress(nil, $0) }
                ) { event in
                    let share = Double(event.step) / Double(max(1, event.steps))
                    task.progress(share, RunText.short(event))
                    context.post(.train(.changed))
                }
            }
        }
    }

    /// A thread for one piece of work with a model, behind the interface in line.
    private static func thread() -> ModelThread { ModelThread(name: "studio.train") }

    private static func discard(_ name: String, _ context: EffectContext) throws {
        let home = context.places.home
        let folder = try RunFolder(name: name, in: home.runs)
        let lock = try TrainingLock(runs: home.runs)
        defer { withExtendedLifetime(lock) {} }
        let shelf = AdapterShelf(home)
        if shelf.keeps(name) {
            try FileManager.default.removeItem(at: shelf.existing(name))
        }
        try folder.delete()
    }
}

extension RunText {
    /// What happened, in the few words of the task list.
    static func short(_ event: RunEvent) -> String {
        let place = "update \(event.step) of \(event.steps)"
        if let report = event.report { return "\(place), reward \(number(report.reward, 2))" }
        if let report = event.evaluation {
            return "\(place), held-out scenes \(number(report.score, 2))"
        }
        return place
    }
}
