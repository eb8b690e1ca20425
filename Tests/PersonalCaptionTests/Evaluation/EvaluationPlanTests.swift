import Testing

@testable import PersonalCaption

@Suite struct EvaluationPlanTests {
    private let set = EvaluationFixtures.set([[0], [1, 2], [], [0, 1, 2, 3]], absent: [4, 3])

    private func plan(_ options: PlanOptions) -> EvaluationPlan { EvaluationPlan(set, options) }

    @Test func skipRetrievalGivesWhatIsThere() {
        let plan = plan(PlanOptions())
        #expect(plan.items.map(\.key) == ["q0", "q1", "q3"])
        #expect(plan.items.map(\.given) == [[0], [1, 2], [0, 1, 2, 3]])
        #expect(plan.items.allSatisfy { $0.given == $0.wanted && $0.infoFrom == $0.given })
        #expect(plan.items.allSatisfy { $0.question == nil })
        #expect(plan.skipped.isEmpty)
    }

    @Test func absentConceptsAreAddedAsFarAsThereIsRoom() {
        let plan = plan(PlanOptions(absent: 2))
        #expect(plan.items.map { Set($0.given) } == [[0, 4, 3], [1, 2, 4, 3], [0, 1, 2, 3]])
        #expect(plan.items.map(\.wanted) == [[0], [1, 2], [0, 1, 2, 3]])
        let orders = (0..<20).map { seed in
            self.plan(PlanOptions(absent: 2, seed: UInt64(seed))).items[1].given
        }
        #expect(Set(orders).count > 3, "the order must not tell who is there")
    }

    @Test func theNumberOfConceptsChoosesPictures() {
        #expect(plan(PlanOptions(concepts: 2)).items.map(\.key) == ["q1"])
        #expect(plan(PlanOptions(concepts: 3)).items.isEmpty)
    }

    @Test func wrongReferencesAreOfTheCategoryAskedFor() {
        let same = plan(PlanOptions(.wrongSame))
        #expect(same.items.map(\.key) == ["q0", "q1"])
        #expect(same.items.map(\.given) == [[1], [0, 3]])
        #expect(same.items.allSatisfy { $0.wanted.isEmpty })
        #expect(same.skipped == ["there is no other concept of the same category": 1])
        for seed in 0..<10 {
            let other = plan(PlanOptions(.wrongOther, concepts: 1, seed: UInt64(seed)))
            #expect(other.items.allSatisfy { $0.given.count == 1 && $0.given[0] >= 2 })
        }
    }

    @Test func emptyPicturesGetStrangers() {
        let plan = plan(PlanOptions(.nobody, concepts: 3))
        #expect(plan.items.map(\.key) == ["q2"])
        #expect(plan.items[0].given.prefix(2) == [4, 3])
        #expect(plan.items[0].given.count == 3)
        #expect(plan.items[0].wanted.isEmpty)
    }

    @Test func infoMayBeWrongOrNone() {
        let wrong = plan(PlanOptions(info: .wrong))
        for item in wrong.items where item.given.count < 4 {
            #expect(zip(item.given, item.infoFrom).allSatisfy { $0 != $1 })
        }
        #expect(
            plan(PlanOptions(info: .none)).items.allSatisfy { $0.infoFrom.allSatisfy { $0 == -1 } })
    }

    @Test func theLimitTakesTheSameSampleAgain() {
        let many = EvaluationFixtures.set(Array(repeating: [0], count: 50))
        let first = EvaluationPlan(many, PlanOptions(limit: 7))
        #expect(first.items.count == 7)
        #expect(first == EvaluationPlan(many, PlanOptions(limit: 7)))
        #expect(first.items != EvaluationPlan(many, PlanOptions(limit: 7, seed: 2)).items)
        let places = first.items.map(\.query)
        #expect(places == places.sorted())
        #expect(places != Array(0..<7), "a sample, not the beginning")
    }

    @Test func questionsRotateForPublishedSets() {
        let set = EvaluationFixtures.set([[0], [0], [0, 1]], habit: .rotating)
        let plan = EvaluationPlan(set, PlanOptions())
        #expect(
            plan.items.map(\.question) == [
                CaptionQuestions.single[0], CaptionQuestions.single[1],
                CaptionQuestions.multiple[2],
            ])
        #expect(EvaluationPlan(set, PlanOptions(question: "Who?")).items[0].question == "Who?")
    }

    @Test func whatCannotBeAskedIsCounted() {
        var set = EvaluationFixtures.set([[0], [1], [0, 1, 2, 3], [2]])
        set.queries[0].picture = nil
        set.concepts[1].picture = nil
        set.concepts[2].name = "ANN"
        set.queries[2].present = [0, 2]
        set.queries[3].present = [0, 1, 2, 3, 4]
        let plan = EvaluationPlan(set, PlanOptions())
        #expect(plan.items.isEmpty)
        #expect(
            plan.skipped == [
                "the picture is missing": 1,
                "the reference picture of a concept is missing": 1,
                "two concepts have names that read alike": 1, "more than 4 concepts": 1,
            ])
    }

    @Test func equalNamesOfPicturesGetNumbers() {
        var set = EvaluationFixtures.set([[0], [0]])
        set.queries[1].id = "q0"
        #expect(EvaluationPlan(set, PlanOptions()).items.map(\.key) == ["q0", "q0 #2"])
    }

    @Test func theFingerprintChangesWithThePlan() {
        let plain = plan(PlanOptions()).fingerprint
        #expect(plain == plan(PlanOptions()).fingerprint)
        #expect(plain != plan(PlanOptions(absent: 1)).fingerprint)
        #expect(plain != plan(PlanOptions(info: .wrong)).fingerprint)
        #expect(plain != plan(PlanOptions(question: "Who?")).fingerprint)
    }
}
