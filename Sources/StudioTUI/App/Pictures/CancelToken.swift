import Synchronization

/// Tells work under way that nobody wants its result.
final class CancelToken: Sendable {
    private let flag = Atomic(false)

    func cancel() { flag.store(true, ordering: .relaxed) }

    var isCancelled: Bool { flag.load(ordering: .relaxed) }

    /// Called between the stages of the work.
    func check() throws(PictureStopped) {
        if isCancelled { throw PictureStopped() }
    }
}
