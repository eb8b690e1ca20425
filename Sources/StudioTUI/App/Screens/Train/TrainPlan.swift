import Foundation
import PersonalCaption

/// A run that was measured and can begin.
struct TrainPlan: Sendable, Equatable {
    var settings: RunSettings
    let estimate: RunEstimate
    /// What the user should know before it starts.
    let warnings: [String]

    /// Seconds of everything.
    var seconds: Double { estimate.total(settings) }
}

/// Makes a run as long as somebody has time for.
enum TrainBudget {
    /// Judging gets at most this share of the time.
    private static let judgingShare = 0.25
    /// Fewer scenes say little.
    private static let fewestScenes = 6

    /// Chooses updates, checkpoints and held-out scenes for a number of seconds.
    ///
    /// - Parameter estimate: measured with these settings.
    /// - Throws: `StudioFailure` when not even one update and its judging fit.
    static func fit(
        _ settings: RunSettings, _ estimate: RunEstimate, seconds: Double
    ) throws -> RunSettings {
        var fitted = settings
        let scenes = max(1, settings.heldOutScenes)
        let perScene = estimate.secondsPerJudging / Double(scenes)
        // Before the first update, after the last, and about twice between them.
        let affordable = Int(seconds * judgingShare / (4 * max(perScene, 1e-6)))
        fitted.heldOutScenes = min(settings.heldOutScenes, max(fewestScenes, affordable))
        let judging = perScene * Double(fitted.heldOutScenes)
        let least = estimate.secondsPerStep + 2 * judging
        guard least <= seconds else {
            let minutes = Int((least / 60).rounded(.up))
            throw StudioFailure(
                .badInput,
                "one update takes \(TextForm.seconds(estimate.secondsPerStep)) and judging before "
                    + "and after it \(TextForm.seconds(2 * judging)), which does not fit; choose "
                    + "\(TextForm.count(minutes, "minute")) or more, or a smaller model")
        }
        var every = settings.checkpointEvery
        for _ in 0..<2 {
            let each = estimate.secondsPerStep + judging / Double(every)
            fitted.steps = max(1, Int((seconds - judging) / each))
            every = max(1, min(settings.checkpointEvery, fitted.steps / 4))
            // No more judging than its share, however short the run is.
            while every < fitted.steps,
                judging / (judging + estimate.secondsPerStep * Double(every)) > judgingShare
            {
                every += 1
            }
        }
        fitted.checkpointEvery = every
        while fitted.steps > 1, estimate.total(fitted, measured: scenes) > seconds {
            fitted.steps -= 1
        }
        return fitted
    }
}

extension RunEstimate {
    /// Everything, when the estimate was made for another number of held-out scenes.
    func total(_ settings: RunSettings, measured scenes: Int) -> Double {
        var scaled = self
        scaled.secondsPerJudging *= Double(settings.heldOutScenes) / Double(max(1, scenes))
        return scaled.total(settings)
    }
}
