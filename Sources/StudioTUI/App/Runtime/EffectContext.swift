import ConceptDB
import Foundation
import Synchronization
import VLMRuntime

/// What effects work with, away from the thread that draws.
final class EffectContext: Sendable {
    let places: AppPlaces
    let mailbox: Mailbox
    private let store = Mutex<ConceptStore?>(nil)
    private let nextTask = Mutex(1)
    /// Work that the end of the program waits for.
    private let awaited = DispatchGroup()
    /// Changes of the library, one after the other.
    private let writer = DispatchQueue(label: "studio.app.library", qos: .userInitiated)
    /// Everything else that may take a while.
    private let workers = DispatchQueue(
        label: "studio.app.work", qos: .utility, attributes: .concurrent)

    init(places: AppPlaces, mailbox: Mailbox) {
        self.places = places
        self.mailbox = mailbox
    }

    /// The library, opened when it is first needed.
    func library() throws -> ConceptStore {
        try store.withLock { store in
            if let open = store { return open }
            let opened = try ConceptStore(
                directory: places.home.library, thumbnails: places.home.thumbnails)
            store = opened
            return opened
        }
    }

    func post(_ action: AppAction) { mailbox.post(action) }

    /// Runs a change of the library after those before it.
    func write(_ work: @escaping @Sendable () throws -> Void) { run(on: writer, work) }

    /// Runs work beside everything else.
    func background(_ work: @escaping @Sendable () throws -> Void) { run(on: workers, work) }

    private func run(on queue: DispatchQueue, _ work: @escaping @Sendable () throws -> Void) {
        queue.async { [self] in
            do {
                try work()
            } catch {
                post(.toast(.error, Self.sentence(error)))
            }
        }
    }

    /// Waits for all changes that were asked for, before the program ends, and for work that has
    /// something to keep, such as a checkpoint.
    func finishWriting() {
        writer.sync {}
        _ = awaited.wait(timeout: .now() + Self.patience)
    }

    /// How long the end of the program waits for work that was cancelled.
    private static let patience = 20.0

    /// Runs work that shows in the task list, can be cancelled there, and reports its end.
    ///
    /// - Parameters:
    ///   - given: a flag that somebody else holds as well, to cancel without the task list.
    ///   - showsFailure: whether a failure becomes a message; false when the screen tells it.
    ///   - isAwaited: whether the end of the program waits until it has stopped in good order.
    func task(
        _ title: String, canCancel: Bool = true, isWrite: Bool = false,
        cancellation given: CancellationFlag? = nil, showsFailure: Bool = true,
        isAwaited: Bool = false, _ work: @escaping @Sendable (TaskReporter) throws -> Void
    ) {
        let id = nextTask.withLock { next in
            defer { next += 1 }
            return next
        }
        let flag = canCancel ? given ?? CancellationFlag() : nil
        post(
            .task(
                .started(
                    TaskInfo(
                        id: id, title: title, startedAt: ContinuousClock.now, cancellation: flag))))
        let reporter = TaskReporter(id: id, cancellation: flag ?? CancellationFlag(), context: self)
        if isAwaited { awaited.enter() }
        (isWrite ? writer : workers).async { [self] in
            defer { if isAwaited { awaited.leave() } }
            do {
                try work(reporter)
                post(.task(.ended(id: id, flag?.isCancelled == true ? .cancelled : .done)))
            } catch is CancellationError {
                post(.task(.ended(id: id, .cancelled)))
            } catch {
                let sentence = Self.sentence(error)
                post(.task(.ended(id: id, .failed(sentence))))
                if showsFailure { post(.toast(.error, sentence)) }
            }
        }
    }

    /// An error as one sentence.
    static func sentence(_ error: any Error) -> String {
        FailureMapping.failure(for: error).description
    }
}

/// Tells how far a task is.
struct TaskReporter: Sendable {
    let id: Int
    let cancellation: CancellationFlag
    let context: EffectContext

    var isCancelled: Bool { cancellation.isCancelled }

    func progress(_ fraction: Double?, _ detail: String) {
        context.post(.task(.progress(id: id, fraction: fraction, detail: detail)))
    }

    func checkCancellation() throws {
        if isCancelled { throw CancellationError() }
    }
}
