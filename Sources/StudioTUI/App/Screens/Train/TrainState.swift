import PersonalCaption
import TerminalUI
import VLMRuntime

/// What the screen Train knows.
struct TrainState: Sendable {
    /// Whether the folders of the runs were looked at.
    var isRead = false
    /// Those that train first, then the latest.
    var runs: [TrainedRun] = []
    var position = ListPosition()
    var focus = TrainFocus.list
    var part = TrainPart.curves
    /// The group that is looked at, counted from the newest; 0 follows the newest.
    var group = 0
    /// The first line of the answers.
    var answersTop = 0
    /// The held-out scene that is looked at.
    var scene = ListPosition()

    /// What was put into the form last, so that it is there when the form opens again.
    var form: TrainForm.Values?
    var planning: TrainPlanning?
    /// The run that this app trains.
    var own: TrainOwn?
    /// The run to put the cursor on once it is seen.
    var pendingFocus: String?

    var current: TrainedRun? {
        runs.indices.contains(position.cursor) ? runs[position.cursor] : nil
    }

    /// The run that some process trains now.
    var live: TrainedRun? { runs.first(where: \.isLive) }

    /// Takes over fresh runs; the cursor stays on its run.
    mutating func replace(with fresh: [TrainedRun]) {
        let name = pendingFocus ?? current?.name
        runs = fresh
        isRead = true
        if let name, let index = fresh.firstIndex(where: { $0.name == name }) {
            position.cursor = index
            if pendingFocus == name { pendingFocus = nil }
        }
        position.clamp(count: fresh.count)
    }

    /// The group of answers that is looked at.
    var shownGroup: RunCourse.Group? {
        guard let groups = current?.course.groups, !groups.isEmpty else { return nil }
        return groups[max(0, groups.count - 1 - group)]
    }
}

/// The part of the screen that the keys go to.
enum TrainFocus: Sendable, Equatable {
    case list, detail
}

/// What is shown of a run.
enum TrainPart: Int, CaseIterable, Sendable {
    case curves, answers, scenes

    var title: String {
        switch self {
        case .curves: "Curves"
        case .answers: "Answers"
        case .scenes: "Before and after"
        }
    }
}

/// A run that is being measured, or was and waits for a yes.
struct TrainPlanning: Sendable {
    enum Outcome: Sendable {
        /// What is being done.
        case measuring(String)
        case ready(TrainPlan)
        /// Why it cannot be.
        case refused(String)
    }

    let cancellation: CancellationFlag
    var outcome = Outcome.measuring("starting")
}

/// The run that this app trains.
struct TrainOwn: Sendable {
    let name: String
    let cancellation: CancellationFlag
}
