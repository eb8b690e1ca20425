import Foundation
import Synchronization
import Testing
import VLMRuntime

@testable import PersonalCaption

/// Items made several at a time, as engines allow.
struct SideBySideTests {
    private struct Broken: Error {}

    private final class Seen: Sendable {
        let values = Mutex<(now: Int, most: Int, begun: [Int])>((0, 0, []))

        func during(_ number: Int, _ work: () throws -> Void) rethrows {
            values.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
                $0.begun.append(number)
            }
            defer { values.withLock { $0.now -= 1 } }
            try work()
        }
    }

    @Test(arguments: [1, 3, 50])
    func allIsDoneOnceAndNoMoreAtATime(limit: Int) throws {
        let seen = Seen()
        try SideBySide.each(20, limit: limit) { number in
            seen.during(number) { Thread.sleep(forTimeInterval: 0.002) }
            return true
        }
        let (now, most, begun) = seen.values.withLock { $0 }
        #expect(now == 0 && most <= limit)
        #expect(begun.sorted() == Array(0..<20))
        #expect(try SideBySide.map(20, limit: limit) { $0 * $0 } == (0..<20).map { $0 * $0 })
        try SideBySide.each(0, limit: limit) { _ in throw Broken() }
    }

    @Test func theFirstErrorEndsTheWork() {
        let seen = Seen()
        #expect(throws: Broken.self) {
            try SideBySide.each(1000, limit: 4) { number in
                try seen.during(number) { if number == 5 { throw Broken() } }
                return true
            }
        }
        let (now, _, begun) = seen.values.withLock { $0 }
        #expect(now == 0, "what was begun is waited for")
        #expect(begun.contains(5) && begun.count < 1000)
    }

    @Test func recordsAreThoseOfOneAtATime() throws {
        let set = EvaluationFixtures.set([[0], [1], [2], [3], [0, 1], [2, 3], [1]])
        let plan = EvaluationPlan(set, PlanOptions())
        var made: [[EvaluationRecord]] = []
        for atATime in [1, 4] {
            try Fixtures.withFolder { folder in
                let model = RuleModel.naming()
                let records = try EvaluationFixtures.perform(
                    set, plan, model, in: folder, atATime: atATime)
                #expect(model.calls == plan.items.count)
                #expect(try EvaluationFolder.items(in: folder).count == plan.items.count)
                made.append(records)
            }
        }
        #expect(made[0].map(\.key) == made[1].map(\.key))
        #expect(made[0].map(\.right) == made[1].map(\.right))
        #expect(made[0].map(\.thumbnail) == made[1].map(\.thumbnail))
    }

    @Test func aRunOfSeveralGoesOnWhereItStopped() throws {
        let set = EvaluationFixtures.set(Array(repeating: [0], count: 12))
        let plan = EvaluationPlan(set, PlanOptions())
        try Fixtures.withFolder { folder in
            let broken = RuleModel { _, _ in throw EngineError.unsupported("this") }
            #expect(throws: EngineError.self) {
                try EvaluationFixtures.perform(set, plan, broken, in: folder, atATime: 3)
            }
            let asked = Seen()
            let half = RuleModel { _, names in
                asked.during(0) {}
                guard asked.values.withLock({ $0.begun.count }) <= 5 else {
                    throw EngineError.unreachable(engine: "e", reason: "gone")
                }
                return "Here is <ann>."
            }
            #expect(throws: EngineError.self) {
                try EvaluationFixtures.perform(set, plan, half, in: folder, atATime: 3)
            }
            let kept = try EvaluationFolder.items(in: folder).count
            #expect(kept >= 3 && kept <= 5)
            let model = RuleModel.naming()
            let all = try EvaluationFixtures.perform(set, plan, model, in: folder, atATime: 3)
            #expect(model.calls == 12 - kept && all.count == 12)
            #expect(all.map(\.key) == plan.items.map(\.key))
        }
    }

    @Test func aRefusedPictureIsAFailureOfItsItemOnly() throws {
        let set = EvaluationFixtures.set([[0], [1], [2]])
        let plan = EvaluationPlan(set, PlanOptions())
        let model = RuleModel { _, names in
            if names == ["bo"] {
                throw EngineError.refused(engine: "e", status: 413, message: "too large")
            }
            return "Here is <\(names[0])>."
        }
        try Fixtures.withFolder { folder in
            let records = try EvaluationFixtures.perform(set, plan, model, in: folder, atATime: 2)
            #expect(records.map { $0.failure == nil } == [true, false, true])
        }
    }
}
