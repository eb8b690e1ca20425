import Foundation
import VLMRuntime
import Testing

@testable import PersonalCaption

@Suite struct PersonalRunTests {
    @Test func captionsAreScoredAgainstTheTruth() throws {
        let set = EvaluationFixtures.set([[0], [1]], absent: [2])
        let plan = EvaluationPlan(set, PlanOptions(absent: 1))
        let model = RuleModel { _, _ in "<ann> and a cy with <Nobody Known>." }
        try Fixtures.withFolder { folder in
            let records = try EvaluationFixtures.perform(set, plan, model, in: folder)
            #expect(records.map(\.right) == [["ann"], []])
            #expect(records.map(\.missed) == [[], ["bo"]])
            #expect(records.map { Set($0.wrong) } == [["cy"], ["ann", "cy"]])
            #expect(records.allSatisfy { $0.invented == ["Nobody Known"] })
            #expect(records[0].size == [40, 20])
            #expect(records[0].copy != nil)
            let names = try FileManager.default
                .contentsOfDirectory(atPath: folder.appending(path: "pictures").path)
            #expect(names.count == 5, "two pictures, three concepts")
            for record in records {
                for file in [record.thumbnail] + record.given.map(\.thumbnail) {
                    let path = folder.appending(path: try #require(file)).path
                    #expect(FileManager.default.fileExists(atPath: path))
                }
            }
        }
    }

    @Test func aRunGoesOnWhereItStopped() throws {
        let set = EvaluationFixtures.set([[0], [1], [2], [3]])
        let plan = EvaluationPlan(set, PlanOptions())
        let model = RuleModel.naming()
        try Fixtures.withFolder { folder in
            let flag = CancellationFlag()
            let first = try EvaluationFixtures.perform(
                set, plan, model, in: folder, cancellation: flag
            ) { done, _ in if done == 2 { flag.cancel() } }
            #expect(first.count == 2)
            // As a kill in the middle of a line leaves it.
            let items = folder.appending(path: EvaluationFolder.itemsName)
            let handle = try FileHandle(forWritingTo: items)
            try handle.seekToEnd()
            try handle.write(contentsOf: Data(#"{"key":"q2","image":"q"#.utf8))
            try handle.close()
            var steps: [String] = []
            let all = try EvaluationFixtures.perform(set, plan, model, in: folder) {
                steps.append("\($0)/\($1)")
            }
            #expect(all.map(\.key) == ["q0", "q1", "q2", "q3"])
            #expect(steps == ["0/2", "1/2"])
            #expect(model.calls == 4)
            #expect(try EvaluationFolder.items(in: folder).count == 4)
        }
    }

    @Test func linesThatCannotBeReadAreMadeAgain() throws {
        let set = EvaluationFixtures.set([[0], [1]])
        let plan = EvaluationPlan(set, PlanOptions())
        try Fixtures.withFolder { folder in
            _ = try EvaluationFixtures.perform(set, plan, .naming(), in: folder)
            let items = folder.appending(path: EvaluationFolder.itemsName)
            var lines = try String(contentsOf: items, encoding: .utf8).split(separator: "\n")
            lines[0] = "{\"key\": 3}"
            try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: items)
            let model = RuleModel.naming()
            let records = try EvaluationFixtures.perform(set, plan, model, in: folder)
            #expect(model.calls == 1)
            #expect(records.map(\.right) == [["ann"], ["bo"]])
        }
    }

    @Test func anotherRunIsRefused() throws {
        let set = EvaluationFixtures.set([[0], [1]])
        try Fixtures.withFolder { folder in
            let plan = EvaluationPlan(set, PlanOptions())
            _ = try EvaluationFixtures.perform(set, plan, .naming(), in: folder)
            let other = EvaluationPlan(set, PlanOptions(.wrongSame))
            let error = #expect(throws: EvaluationFolderError.self) {
                try EvaluationFixtures.perform(set, other, .naming(), in: folder)
            }
            #expect(
                error?.description.contains("protocol is skip-retrieval, not wrong-same") == true)
        }
    }

    @Test func twoProgramsDoNotWriteIntoOneFolder() throws {
        let set = EvaluationFixtures.set([[0]])
        let manifest = EvaluationFixtures.manifest(set, EvaluationPlan(set, PlanOptions()))
        try Fixtures.withFolder { folder in
            let held = try EvaluationFolder(folder, manifest: manifest)
            #expect(throws: EvaluationFolderError.busy(folder.relativePath)) {
                try EvaluationFolder(folder, manifest: manifest)
            }
            withExtendedLifetime(held) {}
        }
        try Fixtures.withFolder { folder in
            #expect(throws: EvaluationFolderError.missing(folder.relativePath)) {
                try EvaluationFolder.manifest(PersonalManifest.self, in: folder)
            }
            try Data("[]".utf8).write(to: folder.appending(path: EvaluationFolder.manifestName))
            #expect(throws: EvaluationFolderError.self) {
                try EvaluationFolder(folder, manifest: manifest)
            }
        }
    }

    @Test func aPictureThatCannotBeReadIsAFailureOfItsItemOnly() throws {
        var set = EvaluationFixtures.set([[0], [1]])
        set.queries[0].picture = EvaluationPicture(
            file: URL(filePath: "/nowhere/x.png"), label: "x.png")
        let plan = EvaluationPlan(set, PlanOptions())
        try Fixtures.withFolder { folder in
            let records = try EvaluationFixtures.perform(set, plan, .naming(), in: folder)
            #expect(records[0].failure?.contains("no file") == true)
            #expect(records[1].failure == nil)
            let summary = PersonalSummary(EvaluationFixtures.manifest(set, plan), records)
            #expect(summary.captions == 1)
            #expect(summary.failures.map(\.item) == ["q0"])
            #expect(summary.isComplete)
            #expect(summary.figures["f1"]?.items == 1)
        }
    }

    @Test func yesNoAndBoxesAreAskedForEachConcept() throws {
        let set = EvaluationFixtures.set([[0]], absent: [2], boxes: [0: [10, 4, 20, 14]])
        let plan = EvaluationPlan(set, PlanOptions(absent: 1))
        let model = RuleModel(probability: { $0.contains("<ann>") ? 0.8 : 0.3 }) { question, _ in
            question.contains("bounding box")
                ? #"{"bbox_2d": [20, 8, 40, 24], "label": "<ann>"}"# : "<ann>."
        }
        try Fixtures.withFolder { folder in
            let records = try EvaluationFixtures.perform(
                set, plan, model, in: folder, questions: .init(presence: true, boxes: true))
            let given = records[0].given.sorted { $0.name < $1.name }
            #expect(given.map { ($0.presence ?? 0) * 10 }.map { $0.rounded() } == [8, 3])
            // The answer is in the pixels the model saw, twice as many in each direction.
            #expect(given[0].foundBox == [10, 4, 20, 12])
            #expect(given[1].foundBox == nil)
            #expect(records[0].overlaps == [0.8])
            #expect(records[0].forecasts.count == 2)
            let summary = PersonalSummary(EvaluationFixtures.manifest(set, plan), records)
            #expect(summary.figures["presence"]?.value == 100)
            #expect(summary.figures["boxHalf"]?.value == 100)
            #expect(summary.calibration?.areaUnderCurve == 1)
        }
    }

    @Test func summariesCountWrongNamesAndSilence() throws {
        let set = EvaluationFixtures.set([[0], [0], [], []], absent: [2, 3])
        try Fixtures.withFolder { folder in
            let plan = EvaluationPlan(set, PlanOptions(.nobody, concepts: 2))
            let model = RuleModel { _, names in names.contains("cy") ? "<cy>." : "Nobody." }
            let records = try EvaluationFixtures.perform(
                set, plan, model, in: folder.appending(path: "nobody"))
            let summary = PersonalSummary(EvaluationFixtures.manifest(set, plan), records)
            #expect(summary.figures["wronglyNamed"]?.value == 50)
            #expect(summary.figures["silent"]?.value == 0)
            #expect(summary.figures["f1"] == nil)
            #expect(summary.figures["exact"]?.value == 0)
            #expect(summary.figures["silent"]?.interval != ConfidenceInterval(low: 0, high: 0))
        }
    }

    @Test func runsAreComparedOverTheirCommonItems() throws {
        let set = EvaluationFixtures.set(Array(repeating: [0], count: 12))
        let plan = EvaluationPlan(set, PlanOptions())
        let part = EvaluationPlan(set, PlanOptions(limit: 10))
        try Fixtures.withFolder { folder in
            let silent = try EvaluationFixtures.perform(
                set, part, RuleModel { _, _ in "Nobody." }, in: folder.appending(path: "a"))
            let named = try EvaluationFixtures.perform(
                set, plan, .naming(), in: folder.appending(path: "b"))
            let found = try #require(PersonalComparison(silent, named))
            #expect(found.items == 10 && found.unpaired == 2)
            let recall = try #require(found.rows.first { $0.figure == .recall }).result
            #expect(recall.first == 0 && recall.second == 100 && recall.difference == 100)
            #expect(recall.sign.better == 10)
            #expect(recall.permutationP < 0.01)
            #expect(PersonalComparison(silent, []) == nil)
        }
    }
}
