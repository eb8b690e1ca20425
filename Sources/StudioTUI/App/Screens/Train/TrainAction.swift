import Foundation
import PersonalCaption
import VLMRuntime

/// What can happen on the screen Train.
enum TrainAction: Sendable {
    /// The folders of all runs were looked at.
    case seen([TrainedRun])
    /// A run of this app did something.
    case changed

    case moveTo(Int)
    case focus(TrainFocus)
    case showPart(TrainPart)
    case scroll(Int)
    case open

    /// Opens the form of a new run.
    case new
    case plan(TrainForm.Values)
    case stage(String)
    case planned(TrainPlan)
    case refused(String)
    case cancelPlan
    case start
    case resume
    case pause
    case stop
    case ended(name: String, TrainingRun.Outcome)

    case keep
    case kept(String)
    case askToDiscard
    case discard(String)
    case discarded(String)
}

/// What the screen Train wants done outside of the state.
enum TrainEffect: Sendable {
    case look
    case plan(TrainingWish, seconds: Double, CancellationFlag)
    case train(TrainOrder, CancellationFlag)
    /// Asks a run for something, or takes it back; whoever trains it hears of it.
    case ask(name: String, RunFolder.Request?)
    case keep(name: String)
    case discard(name: String)
}
