import Foundation
import ImageCodecs
import Synchronization
import Testing
@testable import VLMRuntime

@testable import PersonalCaption

/// A model that says what it is told to and remembers what it was asked.
private final class ScriptedModel: CaptionModel {
    struct Failure: Error, Equatable {}

    let words: [String]?
    private let asked = Mutex<[(messages: [ChatMessage], options: SamplingOptions)]>([])

    init(_ words: [String]?) { self.words = words }

    var calls: [(messages: [ChatMessage], options: SamplingOptions)] { asked.withLock { $0 } }

    func generate(
        _ messages: [ChatMessage], options: SamplingOptions, cancellation: CancellationFlag?,
        onEvent: (GenerationEvent) -> Void
    ) throws -> GenerationResult {
        asked.withLock { $0.append((messages, options)) }
        guard let words else { throw Failure() }
        onEvent(.progress(.prefill, fraction: 1))
        var said: [String] = []
        var reason = FinishReason.stop
        for (index, word) in words.enumerated() {
            said.append(word)
            onEvent(.token(id: Int32(index), text: word))
            if cancellation?.isCancelled == true {
                reason = .cancelled
                break
            }
        }
        let pictures = messages.flatMap(\.parts).count {
            if case .image = $0 { true } else { false }
        }
        let geometry = ImageGeometry(
            originalWidth: 4, originalHeight: 4, resizedWidth: 28, resizedHeight: 28)
        return GenerationResult(
            text: said.joined(), tokenIDs: [], logProbabilities: [], promptTokenIDs: [],
            finishReason: reason,
            usage: TokenUsage(promptTokens: 90, imageTokens: 32, generatedTokens: said.count),
            timings: GenerationTimings(), images: Array(repeating: geometry, count: pictures),
            cache: CacheUse(imagesEncoded: pictures))
    }
}

struct CaptionerTests {
    private let words = ["<Max>", " sits by", " Zed's", " bowl, near", " <Rex>."]

    private func request(question: String? = nil) -> CaptionRequest {
        CaptionRequest(
            concepts: ["Max", "Bella"].map { CaptionConcept(name: $0, image: Fixtures.picture()) },
            query: Fixtures.picture(), question: question,
            options: CaptionOptions(temperature: 0.7, maxNewTokens: 32, seed: 7),
            libraryNames: ["Max", "Bella", "Zed"])
    }

    @Test func theRecordSaysWhatWasNamed() throws {
        let model = ScriptedModel(words)
        let captioner = Captioner(model: model, modelName: "tiny", profile: .mini)
        var text = ""
        let record = try captioner.caption(request(question: "Where is {name}?")) { event in
            if case .token(_, let piece) = event { text += piece }
        }
        #expect(record.caption == words.joined())
        #expect(text == record.caption)
        #expect(record.concepts == ["Max", "Bella"])
        #expect(record.named == ["Max"])
        #expect(record.unnamed == ["Bella"])
        #expect(record.absent == ["Rex", "Zed"])
        #expect(record.question == "Where is <Max> and <Bella>?")
        #expect(record.cache == CacheUse(imagesEncoded: 3))
        #expect(record.names().named == record.named)
    }

    @Test func optionsOfTheUserGoBeforeHabitsOfTheModel() throws {
        var profile = ModelProfile.mini
        profile.repetitionPenalty = 1.1
        let model = ScriptedModel(words)
        _ = try Captioner(model: model, modelName: "tiny", profile: profile).caption(request())
        let options = try #require(model.calls.first?.options)
        #expect(
            options
                == SamplingOptions(
                    temperature: 0.7, topK: 0, topP: 1, repetitionPenalty: 1.1, seed: 7,
                    maxNewTokens: 32, minNewTokens: 0))
        let habits = CaptionOptions().resolved(for: .mini)
        #expect(habits.isGreedy)
        #expect(habits.maxNewTokens == ModelProfile.mini.maxNewTokens)
    }

    @Test func theRecordsKeysAreThoseOfTheCommandLine() throws {
        let record = try Captioner(
            model: ScriptedModel(words), modelName: "tiny", profile: .mini
        ).caption(request())
        let data = try JSONEncoder().encode(record)
        let json = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(
            Set(json.keys) == [
                "caption", "concepts", "named", "unnamed", "absent", "question", "model", "adapter",
                "seed", "sampling", "finishReason", "usage", "timings", "cache", "evidence",
                "original",
            ])
        #expect(json["adapter"] is NSNull)
        #expect(json["seed"] as? Int == 7)
        #expect(json["finishReason"] as? String == "stop")
        let usage = try #require(json["usage"] as? [String: Any])
        #expect(Set(usage.keys) == ["promptTokens", "imageTokens", "generatedTokens"])
        let cache = try #require(json["cache"] as? [String: Any])
        #expect(Set(cache.keys) == ["imagesEncoded", "imagesReused", "promptTokensReused"])
        #expect(try JSONDecoder().decode(CaptionRecord.self, from: data) == record)
    }

    @Test func cancellingKeepsWhatWasWritten() throws {
        let flag = CancellationFlag()
        let record = try Captioner(
            model: ScriptedModel(words), modelName: "tiny", profile: .mini
        ).caption(request(), cancellation: flag) { event in
            if case .token(1, _) = event { flag.cancel() }
        }
        #expect(record.finishReason == .cancelled)
        #expect(record.caption == "<Max> sits by")
        #expect(record.named == ["Max"])
    }

    @Test func aPromptThatCannotBeMadeNeverReachesTheModel() {
        let model = ScriptedModel(words)
        var request = request()
        request.concepts += request.concepts + request.concepts
        #expect(throws: CaptionPromptError.tooManyConcepts(found: 6, limit: 4)) {
            try Captioner(model: model, modelName: "tiny", profile: .mini).caption(request)
        }
        #expect(model.calls.isEmpty)
    }

    @Test func theModelsErrorPassesThrough() {
        #expect(throws: ScriptedModel.Failure()) {
            try Captioner(model: ScriptedModel(nil), modelName: "tiny", profile: .mini)
                .caption(request())
        }
    }
}
