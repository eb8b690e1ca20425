import Dispatch
import Foundation
import ImageCodecs
import Synchronization
import TerminalUI

/// Makes pictures in the background and hands them out when they are ready.
///
/// The interface draws a frame, asks for each picture with `answer`, and then says with `want` which
/// ones it would like; it is woken when one of them has become ready. Neither call ever waits.
final class PicturePipeline: Sendable {
    private let state: Mutex<PictureState>
    private let renderer: PictureRenderer
    private let onReady: @Sendable () -> Void
    private let queue = DispatchQueue(
        label: "studio.pictures", qos: .utility, attributes: .concurrent)

    /// - Parameters:
    ///   - thumbnailFile: finds or makes the thumbnail of a stored picture.
    ///   - previews: a folder for smaller copies of large pictures; may be deleted at any time.
    ///   - onReady: called from any thread when drawing again would show more.
    init(
        thumbnailFile: @escaping @Sendable (String) throws -> URL, previews: URL? = nil,
        capacity: Int = PictureCache.standardCapacity,
        workers: Int = min(2, ProcessInfo.processInfo.activeProcessorCount),
        timing: PictureSchedule.Timing = PictureSchedule.Timing(),
        onReady: @escaping @Sendable () -> Void
    ) {
        LargeBlocks.returnToSystem()
        let loader = PictureLoader(
            thumbnailFile: thumbnailFile, previews: previews.map { PreviewCache(folder: $0) })
        renderer = PictureRenderer(loader: loader)
        state = Mutex(
            PictureState(
                schedule: PictureSchedule(timing: timing),
                crew: PictureSchedule.Crew(size: max(1, workers)),
                cache: PictureCache(capacity: capacity)))
        self.onReady = onReady
    }

    /// Says how pictures are made from now on; if that is new, all are made anew.
    func configure(_ terminal: PictureTerminal) {
        let changed = state.withLock { $0.configure(terminal, at: .now) }
        if changed { pump() }
    }

    /// What there is to show for a request now.
    func answer(_ request: PictureRequest) -> PictureAnswer {
        state.withLock { $0.answer(request, at: .now) }
    }

    /// Takes the complete list of what is wanted; whatever is not in it is given up.
    func want(_ requests: [PictureRequest]) {
        let changed = state.withLock { $0.want(requests, at: .now) }
        if changed { pump() }
    }

    /// Limits the memory for pictures that are ready; what is on the screen stays in any case.
    func limitMemory(to bytes: Int) { state.withLock { $0.limitMemory(to: bytes) } }

    /// Keeps only what may be wanted next, because nothing happens for now.
    func rest() { state.withLock { $0.rest() } }

    /// Bytes of encoded pictures in memory.
    var memory: Int { state.withLock { $0.cache.bytes } }

    /// Starts what may start and sees to it that somebody looks again in time.
    private func pump() {
        let plan = state.withLock { $0.plan(at: .now) }
        for job in plan.start {
            queue.async { [self] in run(job) }
        }
        if let wake = plan.wake { arm(wake) }
    }

    private func arm(_ wake: ContinuousClock.Instant) {
        let left = max(.zero, ContinuousClock.now.duration(to: wake))
        let nanoseconds = Int(left.components.attoseconds / 1_000_000_000)
        let time =
            DispatchTime.now() + .seconds(Int(left.components.seconds))
            + .nanoseconds(nanoseconds)
        queue.asyncAfter(deadline: time) { [weak self] in self?.timerFired(wake) }
    }

    private func timerFired(_ wake: ContinuousClock.Instant) {
        let shows = state.withLock { $0.timerFired(wake, at: .now) }
        pump()
        if shows { onReady() }
    }

    private func run(_ job: PictureState.Job) {
        let outcome: PictureState.Outcome
        var preview: (() -> Void)?
        do {
            let result = try renderer.render(
                job.step.wish.request, job.step.quality, for: job.terminal, token: job.token)
            outcome = .picture(result.picture)
            if let kept = result.preview { preview = { [renderer] in renderer.loader.keep(kept) } }
        } catch is PictureStopped {
            outcome = .stopped
        } catch {
            outcome = .failed(
                TerminalText.sanitized(FailureMapping.failure(for: error).description))
        }
        let shows = state.withLock { $0.finish(job, outcome, at: .now) }
        if shows { onReady() }
        preview?()
        state.withLock { $0.leave(job) }
        pump()
    }
}
