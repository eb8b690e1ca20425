import Foundation
import ImageCodecs
import PersonalCaption
import Synchronization
import VLMRuntime

@testable import StudioServer

/// A server in this process with a tiny model, on a port of loopback that no other test's server gets.
final class RunningServer: Sendable {
    static let checkpoint = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/golden/ckpt-old")

    let server: CaptionServer
    let port: Int
    let model: VisionLanguageModel
    private let task: Task<Void, any Error>

    init(
        keys: APIKeys = .none, limits: ServerLimits = ServerLimits(), hasCaches: Bool = true,
        adapters: AdapterStates = AdapterStates(), pace: Pace = Pace(isHeld: false)
    ) async throws {
        let model = try VisionLanguageModel.load(folder: Self.checkpoint)
        self.model = model
        let caches = hasCaches ? GenerationCaches(for: model, folder: nil) : nil
        var served = ServedModel(
            name: "tiny", created: 7, profile: .qwen25VL,
            base: Generator(model, caches: caches), adapterNames: { ["warm"] },
            adapterState: { _ in adapters.state },
            adapted: { _ in
                adapters.load()
                return Generator(model, caches: caches)
            },
            concept: { name in
                guard name == "Bruna" else {
                    throw APIError.notFound("no", code: "concept_not_found", parameter: "concepts")
                }
                return CaptionConcept(
                    name: "Bruna", info: "a dog", category: "pet",
                    image: Self.picture(width: 56, height: 56))
            })
        served.beforeStep = pace.wait
        let server = CaptionServer(
            served,
            options: CaptionServer.Options(
                port: try TestPort.next(), keys: keys, limits: limits),
            log: { _ in })
        self.server = server
        let (ports, found) = AsyncStream<Int>.makeStream()
        task = Task {
            defer { found.finish() }
            try await server.run { found.yield($0) }
        }
        var iterator = ports.makeAsyncIterator()
        guard let port = await iterator.next() else {
            try await task.value
            throw RawClient.Failure(what: "the server ended at once")
        }
        self.port = port
    }

    /// Ends the server, and waits for that.
    func end() async throws {
        server.shutdown()
        try await task.value
    }

    static func picture(width: Int, height: Int, seed: Int = 7) -> RGBImage {
        RGBImage(
            width: width, height: height,
            pixels: (0..<width * height * 3).map { UInt8(truncatingIfNeeded: $0 * seed / 3) })
    }

    static func url(of picture: RGBImage) throws -> String {
        "data:image/png;base64,"
            + (try ImageEncoder.png(RGBAImage(picture))).base64EncodedString()
    }

    /// What the model answers alone.
    func alone(_ messages: [ChatMessage], _ options: SamplingOptions) throws -> GenerationResult {
        try model.generate(messages, options: options)
    }
}

/// The adapters of a server in a test: their state, and how often one was loaded.
final class AdapterStates: Sendable {
    private let values = Mutex((state: "first", loads: 0))

    var state: String { values.withLock(\.state) }
    var loads: Int { values.withLock(\.loads) }

    func load() { values.withLock { $0.loads += 1 } }
    func train(_ state: String) { values.withLock { $0.state = state } }
}

/// Holds a server's answers back, so that a test can look at what runs and waits.
///
/// Slow and not stopped: a server that is held still sees who leaves. The tiny model's longest
/// answer lasts longer than any test may.
final class Pace: Sendable {
    private let isHeld: Mutex<Bool>

    init(isHeld: Bool) { self.isHeld = Mutex(isHeld) }

    /// From here on answers are as fast as they can be.
    func release() { isHeld.withLock { $0 = false } }

    @Sendable func wait() {
        if isHeld.withLock({ $0 }) { Thread.sleep(forTimeInterval: 0.1) }
    }
}

/// Work that waits, away from the threads that the server runs on.
func onThread<Value: Sendable>(
    _ work: @escaping @Sendable () throws -> Value
) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        let thread = Thread { continuation.resume(with: Result { try work() }) }
        thread.start()
    }
}
