import Foundation
import Testing
import VLMRuntime

@testable import PersonalCaption

@Suite struct TrainingRunTests {
    private static func model() throws -> VisionLanguageModel {
        try VisionLanguageModel.load(folder: Fixtures.golden.appendingPathComponent("ckpt-tied"))
    }

    private static func profile() -> ModelProfile {
        var profile = ModelProfile.mini
        profile.queryPixels = 112 * 112
        return profile
    }

    private static func settings(_ recipe: TrainingRecipe, steps: Int = 5) -> RunSettings {
        var settings = RunSettings(
            name: "run", model: "tiny", modelFolder: "x", modelFingerprint: "y", recipe: recipe,
            concepts: ["Target0"], steps: steps, seed: 3, learningRate: 1e-2)
        settings.rank = 2
        settings.alpha = 4
        settings.group.groupSize = 3
        settings.group.groupsPerStep = 1
        settings.group.resampleLimit = 1
        settings.group.maximumTokens = 6
        settings.checkpointEvery = 2
        settings.minimumLength = 1
        return settings
    }

    private func start(
        _ settings: RunSettings, in runs: URL, flag: CancellationFlag? = nil,
        stopAfter: Int? = nil
    ) throws -> (TrainingRun.Outcome, RunFolder) {
        let folder = try RunFolder(name: settings.name, in: runs)
        if !folder.exists { try folder.create(settings) }
        let source = LibraryEpisodes(
            TrainingFixtures.split(1, others: 3), profile: Self.profile(), mixture: settings.mixture)
        let run = TrainingRun(
            settings, folder: folder, model: try Self.model(), source: source,
            heldOut: try source.heldOut(count: 2, seed: 1), cancellation: flag)
        let outcome = try run.run { event in
            if event.type == .step, event.step == stopAfter { flag?.cancel() }
        }
        return (outcome, folder)
    }

    private func weights(_ folder: RunFolder, step: Int) throws -> Data {
        try Data(
            contentsOf: folder.checkpoint(step: step).appendingPathComponent(
                "adapter_model.safetensors"))
    }

    /// `eos_token_id` names the end of plain text too, which no chat model writes.
    @Test func examplesEndAsTurnsDo() throws {
        let model = try Self.model()
        #expect(model.generationDefaults.endOfTurnTokens.count == 2)
        let ids = ExampleStep.tokens(of: "yes", model)
        #expect(ids.dropLast() == model.tokenizer.encode("yes")[...])
        let last = model.tokenizer.decode(ids.suffix(1), skippingSpecialTokens: false)
        #expect(last == "<|im_end|>")
    }

    @Test(arguments: [TrainingRecipe.repic, .sft])
    func whoGoesOnFromACheckpointEndsAtTheSameBits(_ recipe: TrainingRecipe) throws {
        try Fixtures.withFolder { folder in
            var settings = Self.settings(recipe)
            settings.showsRightAnswers = recipe == .repic
            let (outcome, whole) = try start(
                settings, in: folder.appendingPathComponent("whole"))
            #expect(outcome == .done)
            let (stopped, parts) = try start(
                settings, in: folder.appendingPathComponent("parts"), flag: CancellationFlag(),
                stopAfter: 3)
            #expect(stopped == .stopped)
            // As after a crash: the checkpoint of the orderly stop is lost, and a line is torn.
            try FileManager.default.removeItem(at: parts.checkpoint(step: 3))
            let handle = try FileHandle(forWritingTo: parts.eventsFile)
            try handle.seekToEnd()
            try handle.write(contentsOf: Data("{\"type\":\"st".utf8))
            try handle.close()
            #expect(try start(settings, in: folder.appendingPathComponent("parts")).0 == .done)
            #expect(try weights(whole, step: 5) == weights(parts, step: 5))
            let steps = parts.events().filter { $0.type == .step }.map(\.step)
            #expect(steps == [1, 2, 3, 4, 5])
        }
    }

    @Test func anUpdateChangesTheAdapterAndTheSeedDecides() throws {
        try Fixtures.withFolder { folder in
            var settings = Self.settings(.sft, steps: 2)
            let (_, first) = try start(settings, in: folder.appendingPathComponent("a"))
            settings.seed = 4
            let (_, second) = try start(settings, in: folder.appendingPathComponent("b"))
            #expect(try weights(first, step: 2) != weights(first, step: 0))
            #expect(try weights(first, step: 2) != weights(second, step: 2))
        }
    }

    /// The tiny model never answers yes or no by itself.
    @Test func whereNoAnswerIsRightARightOneIsShown() throws {
        try Fixtures.withFolder { folder in
            func groups(_ name: String, shows: Bool) throws -> [GroupReport] {
                var settings = Self.settings(.repic, steps: 3)
                settings.name = name
                settings.mixture.captions = 0
                settings.heldOutScenes = 0
                settings.showsRightAnswers = shows
                let run = try start(settings, in: folder).1
                return run.events().compactMap(\.report).flatMap(\.groups)
            }
            let without = try groups("without", shows: false).flatMap(\.answers)
            #expect(!without.isEmpty && without.allSatisfy { $0.reward < 1 })
            for group in try groups("with", shows: true) {
                let shown = group.answers.filter { $0.isShown == true }
                #expect(shown.count == 1, "\(group)")
                #expect(shown.allSatisfy { $0.reward == 1 && $0.advantage > 0 })
            }
        }
    }

    @Test func aDamagedCheckpointIsPassedOver() throws {
        try Fixtures.withFolder { folder in
            let settings = Self.settings(.sft, steps: 4)
            let (_, run) = try start(settings, in: folder)
            let file = run.checkpoint(step: 4).appendingPathComponent("optimizer.safetensors")
            try Data("no".utf8).write(to: file)
            let expected = try weights(run, step: 4)
            try FileManager.default.removeItem(
                at: run.checkpoint(step: 4).appendingPathComponent("run-state.json"))
            try FileManager.default.moveItem(
                at: run.checkpoint(step: 4), to: folder.appendingPathComponent("away"))
            #expect(try start(settings, in: folder).0 == .done)
            #expect(try weights(run, step: 4) == expected)
        }
    }

    @Test func numbersThatAreNoneStopTheRunAndKeepTheCheckpoint() throws {
        try Fixtures.withFolder { folder in
            var settings = Self.settings(.sft, steps: 6)
            settings.optimizer.learningRate = 1e30
            #expect(throws: (any Error).self) { try start(settings, in: folder) }
            let run = try RunFolder(name: "run", in: folder)
            #expect(run.events().last?.type == .end)
            #expect(try !run.checkpointFolders().isEmpty && !weights(run, step: 0).isEmpty)
        }
    }

    @Test func onlyOneProcessTrains() throws {
        try Fixtures.withFolder { folder in
            let lock = try TrainingLock(runs: folder)
            #expect(TrainingLock.isHeld(runs: folder))
            #expect(throws: RunError.busy) { _ = try TrainingLock(runs: folder) }
            withExtendedLifetime(lock) {}
        }
    }

    @Test(arguments: [
        "", "..", "../x", "a/b", ".hidden", "a\u{1B}b", String(repeating: "a", count: 65),
    ])
    func namesStayInsideTheFolder(_ name: String) {
        #expect(throws: RunError.badName(name: name)) {
            _ = try RunFolder(name: name, in: URL(filePath: "/tmp"))
        }
    }

    @Test func whatCannotFitIsRefused() throws {
        let model = try Self.model()
        let memory = TrainingMemory(
            model, parameters: 1 << 40, promptTokens: 100, answerTokens: 10, answers: 8,
            tapeBudget: 1 << 30)
        #expect(throws: GenerationError.self) { try memory.check(model) }
    }
}
