import Foundation
import TerminalUI
import Testing

@testable import StudioTUI

@Suite struct PictureScheduleTests {
    private let start = ContinuousClock.now
    private var schedule = PictureSchedule()

    private func at(_ milliseconds: Int) -> ContinuousClock.Instant {
        start + .milliseconds(milliseconds)
    }

    private func request(_ id: Int, priority: Int = 0, slot: String? = nil) -> PictureRequest {
        PictureRequest(
            source: .stored(sha256: "\(id)", file: URL(fileURLWithPath: "/nowhere")),
            box: Size(columns: 10, rows: 5), priority: priority, slot: slot)
    }

    private func key(_ id: Int) -> PictureKey { PictureKey(request(id), usesLabel: false) }

    /// A shelf with these pictures on it.
    private func shelf(
        _ have: [(Int, PictureQuality)] = [], busy: [Int] = [], isSlow: Bool = false,
        hasSteps: Bool = true
    ) -> PictureSchedule.Shelf {
        let variants = Set(have.map { PictureVariant(key: key($0.0), quality: $0.1) })
        let keys = Set(busy.map { key($0) })
        return PictureSchedule.Shelf(
            has: { variants.contains($0) }, isSettled: { keys.contains($0.key) },
            isSlow: { _ in isSlow }, hasSteps: hasSteps)
    }

    private func described(_ step: PictureSchedule.Step?) -> String? {
        step.map { "\($0.wish.key.identity) \($0.quality)" }
    }

    @Test mutating func nothingStartsBeforeTheSelectionStopped() {
        schedule.want([request(1)], at: at(0))
        #expect(schedule.next(at: at(34), shelf()) == nil)
        #expect(schedule.wake(after: at(10), shelf()) == at(35))
        #expect(described(schedule.next(at: at(35), shelf())) == "stored:1 still")
    }

    @Test mutating func aSingleStepIsMadeWellAtOnce() {
        schedule.want([request(1)], at: at(0))
        schedule.want([request(2)], at: at(400))
        #expect(described(schedule.next(at: at(435), shelf())) == "stored:2 still")
    }

    @Test mutating func quickStepsAreMadeQuicklyAndImprovedAtRest() {
        schedule.want([request(1)], at: at(0))
        schedule.want([request(2)], at: at(100))
        #expect(described(schedule.next(at: at(135), shelf())) == "stored:2 moving")
        let quick = shelf([(2, .moving)])
        #expect(schedule.next(at: at(349), quick) == nil)
        #expect(schedule.wake(after: at(140), quick) == at(350))
        #expect(described(schedule.next(at: at(350), quick)) == "stored:2 still")
        #expect(schedule.next(at: at(350), shelf([(2, .moving), (2, .still)])) == nil)
    }

    @Test mutating func whereQualityCostsNothingThereIsOnlyOne() {
        schedule.want([request(1)], at: at(0))
        schedule.want([request(2)], at: at(50))
        #expect(
            described(schedule.next(at: at(85), shelf(hasSteps: false))) == "stored:2 still")
    }

    @Test mutating func aSlowPictureIsShownQuicklyFirst() {
        schedule.want([request(1)], at: at(0))
        #expect(described(schedule.next(at: at(35), shelf(isSlow: true))) == "stored:1 moving")
        let quick = shelf([(1, .moving)], isSlow: true)
        #expect(described(schedule.next(at: at(60), quick)) == "stored:1 still")
    }

    @Test mutating func focusFirstThenTheScreenThenTheRest() {
        schedule.want(
            [
                request(3, priority: 2), request(2, priority: 1), request(1),
                request(4, priority: 1),
            ],
            at: at(0))
        let late = at(1000)
        #expect(described(schedule.next(at: late, shelf())) == "stored:1 still")
        #expect(described(schedule.next(at: late, shelf(busy: [1]))) == "stored:2 still")
        #expect(described(schedule.next(at: late, shelf(busy: [1, 2]))) == "stored:4 still")
        #expect(described(schedule.next(at: late, shelf(busy: [1, 2, 4]))) == "stored:3 still")
        #expect(schedule.next(at: late, shelf(busy: [1, 2, 4]), mayPrefetch: false) == nil)
    }

    /// Every place on the screen gets something before any gets something better.
    @Test mutating func emptyPlacesComeBeforeBetterPictures() {
        schedule.want([request(9)], at: at(0))
        schedule.want([request(1), request(2, priority: 1)], at: at(50))
        let some = shelf([(1, .moving)])
        #expect(described(schedule.next(at: at(500), some)) == "stored:2 still")
    }

    @Test mutating func picturesInAdvanceWaitForRest() {
        schedule.want([request(1), request(2, priority: 2)], at: at(0))
        let done = shelf([(1, .still)])
        #expect(schedule.next(at: at(149), done) == nil)
        #expect(described(schedule.next(at: at(150), done)) == "stored:2 still")
        // Other pictures in advance are no movement.
        schedule.want([request(1), request(3, priority: 2)], at: at(160))
        #expect(described(schedule.next(at: at(160), done)) == "stored:3 still")
    }

    @Test mutating func theSameListAgainChangesNothing() {
        let isNew = schedule.want([request(1), request(2, priority: 1)], at: at(0))
        let generation = schedule.generation
        let isNewAgain = schedule.want([request(2, priority: 1), request(1)], at: at(20))
        #expect(isNew && !isNewAgain)
        #expect(schedule.generation == generation)
        #expect(schedule.next(at: at(35), shelf()) != nil)
    }

    @Test mutating func whatIsNoLongerWantedIsForgotten() {
        schedule.want([request(1)], at: at(0))
        schedule.want([request(2)], at: at(10))
        #expect(!schedule.wants(key(1)))
        #expect(described(schedule.next(at: at(900), shelf())) == "stored:2 still")
        schedule.want([], at: at(20))
        #expect(schedule.next(at: at(900), shelf()) == nil)
        #expect(schedule.wake(after: at(900), shelf()) == nil)
    }

    @Test mutating func emptyPlacesAskForAPlaceholderInTime() {
        schedule.want([request(1)], at: at(0))
        let busy = shelf(busy: [1])
        #expect(!schedule.showsPlaceholder(at: at(149), busy))
        #expect(schedule.wake(after: at(40), busy) == at(150))
        #expect(schedule.showsPlaceholder(at: at(150), busy))
        #expect(!schedule.showsPlaceholder(at: at(150), shelf([(1, .moving)])))
    }

    @Test mutating func slotsDoNotWaitAndKeepTheirWork() throws {
        schedule.want([request(1, slot: "stage")], at: at(0))
        let step = try #require(schedule.next(at: at(0), shelf()))
        schedule.want([request(2, slot: "stage")], at: at(10))
        #expect(schedule.keepsWorking(on: step.wish))
        #expect(described(schedule.next(at: at(10), shelf())) == "stored:2 moving")
        schedule.want([request(3)], at: at(20))
        #expect(!schedule.keepsWorking(on: step.wish))
    }

    /// A composition that moves does not hold up the pictures beside it.
    @Test mutating func slotsDoNotDisturbOthers() {
        schedule.want([request(1, priority: 1)], at: at(0))
        for step in 0..<10 {
            schedule.want(
                [request(1, priority: 1), request(10 + step, slot: "stage")], at: at(10 * step))
        }
        let done = shelf(busy: [19])
        #expect(described(schedule.next(at: at(95), done)) == "stored:1 still")
    }

    @Test mutating func heldPicturesAreLetGoAfterTheDebounce() {
        schedule.want([request(1)], at: at(0))
        #expect(schedule.hasJustCome(key(2), request(2), at: at(100)))
        schedule.want([request(2)], at: at(100))
        #expect(schedule.hasJustCome(key(2), request(2), at: at(134)))
        var held = shelf([(2, .still)])
        held.isHeldBack = { [key = key(2)] in $0 == key }
        #expect(schedule.wake(after: at(110), held) == at(135))
        #expect(!schedule.hasJustCome(key(2), request(2), at: at(135)))
    }
}

@Suite struct PictureCrewTests {
    private let now = ContinuousClock.now
    private let crew = PictureSchedule.Crew(size: 2)

    private func running(_ ages: [Int]) throws -> [PictureSchedule.Running] {
        var schedule = PictureSchedule()
        let source = PictureSample.pixels("x", PictureSample.scene(width: 2, height: 2))
        schedule.want([PictureSample.request(source)], at: now)
        let shelf = PictureSchedule.Shelf(
            has: { _ in false }, isSettled: { _ in false }, isSlow: { _ in false }, hasSteps: true)
        let step = try #require(schedule.next(at: now + .seconds(1), shelf))
        return ages.map {
            PictureSchedule.Running(step: step, began: now - .milliseconds($0))
        }
    }

    @Test(arguments: [
        ([], true, true), ([10], true, false), ([10, 10], false, false),
        // Work held up by a slow file gives its place away, but not without end.
        ([1500, 10], true, false), ([1500, 1500], true, true),
        ([1500, 1500, 10, 10], false, false),
        ([5000, 5000, 5000, 5000], false, false),
    ])
    func slowWorkDoesNotBlockOthers(_ ages: [Int], _ any: Bool, _ spare: Bool) throws {
        let room = crew.room(try running(ages), at: now, slow: .seconds(1))
        #expect(room.any == any)
        #expect(room.spare == spare)
    }

    @Test func oneWorkerDoesEverything() throws {
        let single = PictureSchedule.Crew(size: 1)
        let room = single.room([], at: now, slow: .seconds(1))
        #expect(room.any && room.spare)
        #expect(!single.room(try running([10]), at: now, slow: .seconds(1)).any)
    }
}
