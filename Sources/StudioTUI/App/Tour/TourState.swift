import Foundation
import PersonalCaption

/// The tour while it goes on: where it is, and what it has put into the library.
struct TourState: Sendable, Equatable {
    var step = TourStep.samples
    /// What it is shown on; `nil` until it is read.
    var samples: TourSamples?
    /// Whether the tour has done for the user what the step asks for.
    var hasHelped = false
    /// What was the case when the step began.
    var before = TourFacts()
    /// What the last step achieved, to be told with the next one.
    var praise = ""
    /// Sample concepts that the tour has added, and none that were there before.
    var added: Set<Int64> = []
}

/// The samples that the tour is shown on: a picture, and four concepts that may be in it.
struct TourSamples: Sendable, Equatable {
    let concepts: [SampleConcept]
    let picture: URL

    var names: [String] { concepts.map(\.name) }
}

/// The steps of the tour.
enum TourStep: Int, CaseIterable, Sendable {
    case samples, browse, picture, slots, caption, colours, history, leave

    var next: TourStep? { TourStep(rawValue: rawValue + 1) }
    var previous: TourStep? { TourStep(rawValue: rawValue - 1) }
}

/// What can happen to the tour.
enum TourAction: Sendable {
    /// Begins it, or goes on where it was left.
    case start
    case samplesRead(TourSamples)
    case failed(String)
    /// Does what the step asks for; the second time it goes on without.
    case next
    case back
    case end
}

/// What the tour wants done outside of the state.
enum TourEffect: Sendable {
    case readSamples(Samples)
}
