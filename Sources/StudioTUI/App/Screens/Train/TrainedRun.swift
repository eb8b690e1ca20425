import Foundation
import PersonalCaption
import Synchronization

/// One run as the screen shows it.
struct TrainedRun: Sendable, Equatable, Identifiable {
    enum Phase: Sendable, Equatable {
        case running
        /// Somebody asked it to wait.
        case paused
        /// It will end or wait after the update it is at.
        case stopping
        case done
        /// It can go on.
        case stopped
        case failed(String)
        /// Its files cannot be read.
        case damaged(String)
    }

    let name: String
    /// `nil` when they cannot be read.
    let settings: RunSettings?
    let course: RunCourse
    let phase: Phase
    /// Whether its adapter is on the shelf.
    let isKept: Bool
    let lastChange: Date
    let folder: RunFolder

    var id: String { name }

    var isLive: Bool {
        switch phase {
        case .running, .paused, .stopping: true
        default: false
        }
    }

    var canResume: Bool {
        switch phase {
        case .stopped, .failed: (settings?.steps ?? 0) > course.step
        default: false
        }
    }

    var fraction: Double {
        Double(course.step) / Double(max(1, settings?.steps ?? course.steps))
    }

    /// What it learns, in a few words.
    var subject: String {
        guard let settings else { return "" }
        if let file = settings.dataFile { return URL(fileURLWithPath: file).lastPathComponent }
        return settings.concepts.joined(separator: ", ")
    }

    /// One word for lists.
    var word: String {
        switch phase {
        case .running: "running"
        case .paused: "paused"
        case .stopping: "stopping"
        case .done: isKept ? "kept" : "done"
        case .stopped: "stopped"
        case .failed: "failed"
        case .damaged: "damaged"
        }
    }

    /// Finds out how a run stands.
    ///
    /// - Parameter isHeld: whether some process trains it now.
    static func phase(
        _ course: RunCourse, isHeld: Bool, request: RunFolder.Request?
    ) -> Phase {
        guard !isHeld else {
            return switch request {
            case .pause: .paused
            case .stop: .stopping
            case nil: .running
            }
        }
        switch course.end {
        case "done": return .done
        // Without an end the process was killed; the last checkpoint is there.
        case "stopped", nil: return .stopped
        case let reason?: return .failed(reason)
        }
    }
}

/// Follows the folders of all runs, reading only what was added.
final class RunWatcher: Sendable {
    private struct Followed {
        var course = RunCourse()
        var place: RunEventPlace?
    }

    private let home: StudioHome
    private let followed = Mutex<[String: Followed]>([:])

    init(_ home: StudioHome) { self.home = home }

    /// All runs, those that train first, then the latest; reads the disk.
    func look() -> [TrainedRun] {
        let holder = TrainingLock.holder(runs: home.runs)
        let shelf = AdapterShelf(home)
        let runs = RunFolder.all(in: home.runs).map { folder in
            run(folder, isHeld: holder == folder.name, isKept: shelf.keeps(folder.name))
        }
        return runs.sorted { left, right in
            if left.isLive != right.isLive { return left.isLive }
            if left.lastChange != right.lastChange { return left.lastChange > right.lastChange }
            return left.name < right.name
        }
    }

    private func run(_ folder: RunFolder, isHeld: Bool, isKept: Bool) -> TrainedRun {
        let course = followed.withLock { followed in
            var known = followed[folder.name] ?? Followed()
            let page = folder.events(after: known.place)
            if page.isWhole { known.course = RunCourse() }
            for event in page.events { known.course.add(event) }
            known.place = page.place
            followed[folder.name] = known
            return known.course
        }
        var settings: RunSettings?
        var phase = TrainedRun.phase(course, isHeld: isHeld, request: folder.request())
        do throws(RunError) {
            settings = try folder.settings()
        } catch {
            phase = .damaged(error.description)
        }
        return TrainedRun(
            name: folder.name, settings: settings, course: course, phase: phase, isKept: isKept,
            lastChange: folder.lastChange, folder: folder)
    }
}

extension AdapterShelf {
    /// Whether the adapter of a run is on the shelf.
    func keeps(_ run: String) -> Bool { note(run)?.run == run }
}
