import Foundation
import ImageCodecs
import TerminalUI
import Testing

@testable import StudioTUI

/// The pipeline's decisions step by step, with a clock of our own and no threads.
@Suite struct PictureStateTests {
    private let start = ContinuousClock.now
    private var state = PictureState(
        schedule: PictureSchedule(), crew: PictureSchedule.Crew(size: 2),
        cache: PictureCache(capacity: 100_000))

    init() { _ = state.configure(PictureSample.sixelTerminal(), at: start) }

    private func at(_ milliseconds: Int) -> ContinuousClock.Instant {
        start + .milliseconds(milliseconds)
    }

    private func request(_ id: Int, priority: Int = 0, slot: String? = nil) -> PictureRequest {
        PictureSample.request(
            .stored(sha256: "\(id)", file: URL(fileURLWithPath: "/nowhere")), priority: priority,
            slot: slot)
    }

    /// A picture that can be told by its size.
    private func picture(_ mark: Int, bytes: Int = 1000) -> RenderedPicture {
        RenderedPicture(
            columns: 1, rows: 1, content: .overlay([[UInt8](repeating: 0, count: bytes)]),
            pixelWidth: mark, pixelHeight: 1, originalWidth: 1, originalHeight: 1)
    }

    /// Everything that may start now is done at once, the pictures marked with their number.
    private mutating func work(_ now: ContinuousClock.Instant, bytes: Int = 1000) -> [String] {
        var done: [String] = []
        while true {
            let jobs = state.plan(at: now).start
            guard !jobs.isEmpty else { return done }
            for job in jobs {
                done.append("\(job.step.wish.key.identity) \(job.step.quality)")
                _ = state.finish(job, .picture(picture(job.id, bytes: bytes)), at: now)
                state.leave(job)
            }
        }
    }

    @Test mutating func workNobodyWantsIsCancelled() throws {
        _ = state.want([request(1), request(2, priority: 1)], at: at(0))
        let jobs = state.plan(at: at(40)).start
        #expect(jobs.map(\.step.wish.key.identity) == ["stored:1", "stored:2"])
        _ = state.want([request(2)], at: at(50))
        #expect(jobs.map(\.token.isCancelled) == [true, false])
        let isShown = state.finish(jobs[0], .stopped, at: at(60))
        #expect(!isShown)
        #expect(state.answer(request(1), at: at(60)).isWaiting)
        // The one that came late is shown if it comes at all.
        let isShownToo = state.finish(jobs[1], .picture(picture(7)), at: at(61))
        #expect(isShownToo)
        #expect(state.answer(request(2), at: at(62)).picture?.pixelWidth == 7)
    }

    @Test mutating func aPictureThatIsWantedAgainStartsAnew() throws {
        _ = state.want([request(1)], at: at(0))
        let first = try #require(state.plan(at: at(40)).start.first)
        _ = state.want([request(2)], at: at(50))
        _ = state.want([request(1)], at: at(60))
        #expect(first.token.isCancelled)
        let again = state.plan(at: at(100)).start
        #expect(again.map(\.step.wish.key.identity) == ["stored:1"])
    }

    @Test mutating func resultsForAnotherTerminalAreDropped() throws {
        _ = state.want([request(1)], at: at(0))
        let job = try #require(state.plan(at: at(40)).start.first)
        _ = state.configure(PictureTerminal(method: .blocks), at: at(50))
        #expect(job.token.isCancelled)
        let isShown = state.finish(job, .picture(picture(1)), at: at(60))
        state.leave(job)
        #expect(!isShown)
        #expect(state.answer(request(1), at: at(60)).isWaiting)
        // The wish itself outlives the change.
        #expect(work(at(100)) == ["stored:1 still"])
    }

    @Test mutating func movingThenStill() {
        _ = state.want([request(1)], at: at(0))
        _ = state.want([request(2)], at: at(100))
        #expect(work(at(140)) == ["stored:2 moving"])
        let quick = state.answer(request(2), at: at(141)).name
        #expect(quick != nil)
        #expect(work(at(349)) == [])
        #expect(work(at(350)) == ["stored:2 still"])
        #expect(state.answer(request(2), at: at(351)).name != quick)
        #expect(state.cache.count == 1)
    }

    @Test mutating func timersAreArmedOnceAndForTheNextDeadline() {
        _ = state.want([request(1)], at: at(0))
        #expect(state.plan(at: at(0)).wake == at(35))
        #expect(state.plan(at: at(1)).wake == nil)
        _ = state.want([request(2)], at: at(20))
        // The one that is set already comes first and looks again.
        #expect(state.plan(at: at(20)).wake == nil)
        let shows = state.timerFired(at(35), at: at(35))
        #expect(!shows)
        #expect(state.plan(at: at(35)).wake == at(55))
    }

    @Test mutating func restIsQuiet() {
        _ = state.want([request(1), request(2, priority: 2)], at: at(0))
        #expect(work(at(40)) == ["stored:1 still"])
        #expect(work(at(150)) == ["stored:2 still"])
        let plan = state.plan(at: at(200))
        #expect(plan.start.isEmpty && plan.wake == nil)
    }

    @Test mutating func placeholdersAreAskedForOnce() {
        _ = state.want([request(1)], at: at(0))
        let job = state.plan(at: at(40))
        #expect(job.start.count == 1 && job.wake == at(150))
        let isEarly = state.timerFired(at(150), at: at(149))
        #expect(!isEarly)
        let isDue = state.timerFired(at(150), at: at(150))
        #expect(isDue)
        #expect(state.plan(at: at(151)).wake == nil)
    }

    @Test mutating func inASlotOldWorkNeverReplacesNewer() throws {
        _ = state.want([request(1, slot: "stage")], at: at(0))
        let first = try #require(state.plan(at: at(0)).start.first)
        _ = state.want([request(2, slot: "stage")], at: at(10))
        #expect(!first.token.isCancelled)
        // One after the other.
        #expect(state.plan(at: at(10)).start.isEmpty)
        _ = state.finish(first, .picture(picture(1)), at: at(20))
        #expect(state.answer(request(2, slot: "stage"), at: at(21)).picture?.pixelWidth == 1)
        let second = try #require(state.plan(at: at(21)).start.first)
        _ = state.finish(second, .picture(picture(2)), at: at(30))
        _ = state.want([request(3, slot: "stage")], at: at(31))
        _ = state.finish(first, .picture(picture(9)), at: at(32))
        #expect(state.answer(request(3, slot: "stage"), at: at(33)).picture?.pixelWidth == 2)
    }

    @Test mutating func overALinePicturesWaitForTheMovementToEnd() {
        var terminal = PictureSample.sixelTerminal()
        terminal.isRemote = true
        _ = state.configure(terminal, at: at(0))
        _ = state.want([request(1)], at: at(0))
        #expect(work(at(100), bytes: 40_000) == ["stored:1 still"])
        #expect(state.answer(request(1), at: at(101)).picture != nil)
        _ = state.want([request(2)], at: at(1000))
        #expect(work(at(1100), bytes: 40_000) == ["stored:2 still"])
        // Back to the first, quickly: it is there and yet not sent at once.
        #expect(state.answer(request(1), at: at(1150)).isWaiting)
        _ = state.want([request(1)], at: at(1150))
        let plan = state.plan(at: at(1150))
        #expect(plan.start.isEmpty && plan.wake == at(1185))
        #expect(state.answer(request(1), at: at(1160)).isWaiting)
        let shows = state.timerFired(at(1185), at: at(1185))
        #expect(shows)
        #expect(state.answer(request(1), at: at(1186)).picture != nil)
        // What stays on the screen while something else moves is not taken away.
        _ = state.want([request(1), request(3, priority: 1)], at: at(1190))
        _ = state.want([request(1), request(4, priority: 1)], at: at(1200))
        #expect(state.answer(request(1), at: at(1201)).picture != nil)
    }

    @Test mutating func thereIsNoRoomForMoreThanTheMemoryHolds() {
        let spares = (2..<10).map { request($0, priority: 2) }
        _ = state.want([request(1)] + spares, at: at(0))
        let done = work(at(500), bytes: 30_000)
        // Each was tried once; three fit.
        #expect(done.count == 9)
        #expect(state.cache.count == 3)
        #expect(state.plan(at: at(600)).start.isEmpty)
        #expect(state.answer(request(1), at: at(600)).picture != nil)
    }

    @Test mutating func failuresLastWhileTheyAreLookedAt() throws {
        _ = state.want([request(1)], at: at(0))
        let job = try #require(state.plan(at: at(40)).start.first)
        let shows = state.finish(job, .failed("It is damaged."), at: at(50))
        state.leave(job)
        #expect(shows)
        #expect(state.answer(request(1), at: at(51)).sentence == "It is damaged.")
        #expect(state.plan(at: at(1000)).start.isEmpty)
        _ = state.want([request(2)], at: at(1000))
        _ = state.want([request(1)], at: at(2000))
        #expect(state.answer(request(1), at: at(2000)).isWaiting)
    }
}
