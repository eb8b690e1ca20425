import Foundation
import ImageCodecs
import PersonalCaption
import Testing
import VLMRuntime

@testable import StudioServer

/// Our own server as an engine: the answers are those of the same model here.
@Suite(.timeLimit(.minutes(5))) struct EngineRoundTripTests {
    private func pool(_ ports: [Int], key: String? = nil, patience: Double = 20) throws
        -> EnginePool
    {
        EnginePool(
            EnginePool.Options(
                engines: try ports.map { try EngineAddress("http://127.0.0.1:\($0)") }, key: key,
                perEngine: 3, timeout: 60,
                retry: EngineRetry(first: 0.05, longest: 0.2, patience: patience)))
    }

    private func folder(_ count: Int) throws -> URL {
        let url = FileManager.default.temporaryDirectory
            .appending(path: "studio-engine-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        for number in 0..<count {
            let picture = RunningServer.picture(width: 90, height: 61, seed: number + 3)
            try ImageEncoder.png(RGBAImage(picture)).write(
                to: url.appending(path: "\(number).png"))
        }
        return url
    }

    @Test func aCaptionIsTheSameThroughAnEngine() async throws {
        let running = try await RunningServer()
        let pool = try pool([running.port])
        #expect(try await pool.models() == ["tiny", "warm"])
        let profile = ModelProfile.qwen25VL
        let concept = CaptionConcept(
            name: "Bruna", info: "a dog", image: RunningServer.picture(width: 40, height: 70))
        let request = CaptionRequest(
            concepts: [concept], query: RunningServer.picture(width: 120, height: 61),
            options: CaptionOptions(temperature: 0.7, maxNewTokens: 12, seed: 11))
        let local = Captioner(model: running.model, modelName: "tiny", profile: profile)
        let remote = Captioner(
            model: EngineModel(pool, name: "tiny"), modelName: "tiny", profile: profile)
        let here = try local.caption(request)
        let there = try await onThread { try remote.caption(request) }
        #expect(there.caption == here.caption)
        #expect(there.usage.promptTokens == here.usage.promptTokens)
        #expect(there.finishReason == here.finishReason)
        try await running.end()
    }

    @Test func anEngineThatDiesAndComesBackLosesNothing() async throws {
        let first = try await RunningServer()
        let second = try await RunningServer()
        let folder = try folder(12)
        defer { try? FileManager.default.removeItem(at: folder) }
        let profile = ModelProfile.qwen25VL
        let log = try CaptionLog(
            folder.appending(path: "out.jsonl"), model: "tiny", question: profile.plainQuestion)
        let run = try FolderRun(
            folder: folder, pictures: try FolderPictures.list(folder), log: log,
            profile: profile, options: CaptionOptions(maxNewTokens: 6), modelName: "tiny")
        let model = EngineModel(try pool([first.port, second.port]), name: "tiny")
        async let working = run.perform(model) { _ in }
        // One of the two goes away in the middle.
        try await first.end()
        let tally = try await working
        #expect(tally.captioned == 12 && tally.failed == 0)
        let lines = try String(contentsOf: log.url, encoding: .utf8).split(separator: "\n")
        let captions = try lines.map {
            try JSONDecoder().decode(FolderCaption.self, from: Data($0.utf8))
        }
        #expect(Set(captions.map(\.image)).count == 12 && captions.count == 12)
        for caption in captions {
            let picture = try ImageDecoder.decode(fileAt: folder.appending(path: caption.image))
            let alone = try second.alone(
                CaptionPrompt(profile: profile).messages(
                    concepts: [], query: picture.flattened()),
                CaptionOptions(maxNewTokens: 6).resolved(for: profile))
            #expect(caption.caption == alone.text)
        }
        try await second.end()
    }

    @Test func refusalsAreToldAndNotRepeated() async throws {
        let keys = try APIKeys(text: "a-good-key", file: "f")
        let running = try await RunningServer(keys: keys)
        await #expect(throws: EngineError.self) {
            try await pool([running.port], key: "a-bad-key").models()
        }
        #expect(try await pool([running.port], key: "a-good-key").models().first == "tiny")
        let model = EngineModel(try pool([running.port], key: "a-good-key"), name: "nobody")
        do {
            _ = try await model.answer(
                [ChatMessage(.user, text: "hi")], options: SamplingOptions())
            Issue.record("the model is not there")
        } catch let error as EngineError {
            guard case .refused(_, 404, _) = error else {
                Issue.record("\(error)")
                return
            }
        }
        try await running.end()
    }

    @Test func nobodyAtHomeIsSaidInASentence() async throws {
        let running = try await RunningServer()
        try await running.end()
        do {
            _ = try await pool([running.port], patience: 0).models()
            Issue.record("nobody is there")
        } catch let error as EngineError {
            guard case .unreachable = error else {
                Issue.record("\(error)")
                return
            }
        }
    }
}
