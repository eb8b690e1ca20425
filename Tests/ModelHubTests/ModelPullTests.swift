import Foundation
import Synchronization
import Testing

@testable import ModelHub

/// Pulls from a hub that misbehaves: they end right, or say why.
@Suite(.timeLimit(.minutes(3))) struct ModelPullTests {
    private static let files: [String: Data] = [
        "config.json": Data(#"{"model_type": "qwen2_5_vl"}"#.utf8),
        "tokenizer.json": bytes(3_000, seed: 1), "model.safetensors": bytes(100_000, seed: 2),
        "model-00002-of-00002.safetensors": bytes(45_001, seed: 3), "pytorch_model.bin": Data([1]),
    ]
    private static let wanted = files.filter { $0.key != "pytorch_model.bin" }

    private static func bytes(_ count: Int, seed: Int) -> Data {
        Data((0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761 &+ seed) >> 7) })
    }

    private func withFolder(_ work: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("model-hub-\(UUID().uuidString)", isDirectory: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await work(folder)
    }

    private func options(
        _ hub: HubImitation, _ folder: URL, token: String? = nil
    ) throws -> ModelPull.Options {
        ModelPull.Options(
            repository: try RepositoryName("org/name"), endpoint: try hub.endpoint, token: token,
            into: folder, parallel: 3, piece: 16_384,
            retry: HubRetry(first: 0.01, longest: 0.05, tries: 4, stall: 1, slowest: 512))
    }

    private func check(_ result: ModelPull.Result) throws {
        for (name, data) in Self.wanted {
            #expect(
                try Data(contentsOf: result.folder.appendingPathComponent(name)) == data, "\(name)")
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: result.folder.path)
        #expect(Set(names) == Set(Self.wanted.keys).union([PullFolder.noteName]))
        #expect(result.bytes == Self.wanted.values.reduce(0) { $0 + $1.count })
        #expect(result.unchecked.isEmpty)
    }

    @Test func aModelComesWholeAndOnlyOnce() async throws {
        let hub = try HubImitation(Self.files)
        defer { hub.end() }
        try await withFolder { folder in
            let seen = Mutex<[ModelPull.Progress]>([])
            let first = try await ModelPull(try options(hub, folder)).run { progress in
                seen.withLock { $0.append(progress) }
            }
            try check(first)
            #expect(first.received == first.bytes)
            let steps = seen.withLock { $0 }
            #expect(steps.last == ModelPull.Progress(have: first.bytes, total: first.bytes))
            let asked = hub.requests.count
            #expect(!hub.requests.contains { $0.path.contains("pytorch") })
            let again = try await ModelPull(try options(hub, folder)).run { _ in }
            #expect(again.received == 0 && again.folder == first.folder)
            #expect(hub.requests.count == asked + 1, "only the list is asked for")
            try check(again)
        }
    }

    @Test(arguments: [
        HubImitation.Fault.drop(after: 5_000), .drop(after: 0), .status(503, retryAfter: nil),
        .status(429, retryAfter: "0"), .stall, .wrongBytes, .status(500, retryAfter: "junk"),
        .slow(bytes: 4_000, milliseconds: 5),
    ])
    func whatGoesWrongOnceIsBorne(fault: HubImitation.Fault) async throws {
        let hub = try HubImitation(Self.files) { $0.number == 1 ? fault : .none }
        defer { hub.end() }
        try await withFolder { folder in
            try check(try await ModelPull(try options(hub, folder)).run { _ in })
        }
    }

    @Test func aLineThatDropsAllTheTimeStillGetsThere() async throws {
        let hub = try HubImitation(Self.files) { request in
            request.path.contains("resolve") ? .drop(after: 3_000) : .none
        }
        defer { hub.end() }
        try await withFolder { folder in
            try check(try await ModelPull(try options(hub, folder)).run { _ in })
        }
    }

    @Test func whatCameBeforeAnEndIsNotBroughtAgain() async throws {
        try await withFolder { folder in
            let broken = try HubImitation(Self.files) { request in
                let start = request.headers["range"].flatMap {
                    Int($0.dropFirst(6).split(separator: "-")[0])
                }
                let isLate = request.path.contains("model.safetensors") && (start ?? 0) >= 65_536
                return isLate ? .status(503, retryAfter: nil) : .none
            }
            let error = await #expect(throws: HubError.self) {
                try await ModelPull(try options(broken, folder)).run { _ in }
            }
            broken.end()
            guard case .unreachable = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            let hub = try HubImitation(Self.files)
            defer { hub.end() }
            let result = try await ModelPull(try options(hub, folder)).run { _ in }
            try check(result)
            #expect(result.received < result.bytes / 2)
        }
    }

    @Test func aPullThatIsCancelledGoesOnLater() async throws {
        try await withFolder { folder in
            let slow = try HubImitation(Self.files) { request in
                request.path.contains("resolve") ? .slow(bytes: 4_096, milliseconds: 20) : .none
            }
            let options = try options(slow, folder)
            let came = Mutex(0)
            let (some, heard) = AsyncStream<Void>.makeStream()
            let task = Task {
                try await ModelPull(options).run { progress in
                    came.withLock { $0 = progress.have }
                    if progress.have > 30_000 { heard.yield() }
                }
            }
            for await _ in some { break }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            slow.end()
            let hub = try HubImitation(Self.files)
            defer { hub.end() }
            let result = try await ModelPull(try self.options(hub, folder)).run { _ in }
            try check(result)
            #expect(result.received <= result.bytes - 30_000)
        }
    }

    @Test func redirectsAreFollowedWithoutTheToken() async throws {
        let store = try HubImitation(Self.files)
        let place = "http://localhost:\(store.port)"
        let hub = try HubImitation(Self.files) { request in
            request.path.contains("resolve") ? .redirect(place + request.path) : .none
        }
        defer {
            hub.end()
            store.end()
        }
        try await withFolder { folder in
            try check(
                try await ModelPull(try options(hub, folder, token: "hf_secret")).run { _ in })
            #expect(hub.requests.allSatisfy { $0.headers["authorization"] == "Bearer hf_secret" })
            #expect(!store.requests.isEmpty)
            #expect(store.requests.allSatisfy { $0.headers["authorization"] == nil })
        }
    }

    @Test func addressesThatHaveExpiredAreAskedForAgain() async throws {
        let store = try HubImitation(Self.files) {
            $0.number == 2 ? .status(403, retryAfter: nil) : .none
        }
        let place = "http://127.0.0.1:\(store.port)"
        let hub = try HubImitation(Self.files) { request in
            request.path.contains("resolve") ? .redirect(place + request.path) : .none
        }
        defer {
            hub.end()
            store.end()
        }
        try await withFolder { folder in
            try check(try await ModelPull(try options(hub, folder)).run { _ in })
        }
    }

    @Test func renamedModelsAreFound() async throws {
        let hub = try HubImitation(Self.files) { request in
            request.path.hasPrefix("/api/models/org/name/")
                ? .redirect("/api/models/new/place/revision/main?blobs=true") : .none
        }
        defer { hub.end() }
        try await withFolder { folder in
            try check(try await ModelPull(try options(hub, folder)).run { _ in })
        }
    }

    private func failure(
        _ files: [String: Data] = Self.files, listing: Data? = nil,
        token: String? = nil,
        fault: @escaping @Sendable (HubImitation.Request) -> HubImitation.Fault
    ) async throws -> HubError? {
        let hub = try HubImitation(files, listing: listing, fault: fault)
        defer { hub.end() }
        var found: HubError?
        try await withFolder { folder in
            do {
                _ = try await ModelPull(try options(hub, folder, token: token)).run { _ in }
            } catch let error as HubError {
                found = error
                #expect(!"\(error)".unicodeScalars.contains { $0.value < 32 })
                #expect(!"\(error)".contains("hf_secret"))
            }
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
            #expect(names.allSatisfy { $0.hasPrefix(".") }, "no checkpoint that is not whole")
        }
        return found
    }

    @Test func contentThatIsWrongTwiceIsRefused() async throws {
        let error = try await failure { request in
            request.path.contains("model.safetensors") ? .wrongBytes : .none
        }
        guard case .wrongContent("model.safetensors", _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        let small = try await failure { $0.path.contains("config") ? .wrongBytes : .none }
        guard case .wrongContent("config.json", _) = small else {
            Issue.record("\(String(describing: small))")
            return
        }
    }

    @Test func refusalsAreToldApart() async throws {
        func fails(_ status: Int, token: String? = nil) async throws -> HubError? {
            try await failure(token: token) { _ in .status(status, retryAfter: nil) }
        }
        guard case .notFound = try await fails(404) else { Issue.record("404"); return }
        guard case .notAllowed(_, _, false) = try await fails(401) else {
            Issue.record("401"); return
        }
        guard case .notAllowed(_, _, true) = try await fails(403, token: "hf_secret") else {
            Issue.record("403"); return
        }
        guard case .refused(418, let message, _) = try await fails(418) else {
            Issue.record("418"); return
        }
        #expect(message == "go away [2J")
        guard case .unreachable = try await fails(503) else { Issue.record("503"); return }
        guard case .unreachable = try await fails(429) else { Issue.record("429"); return }
    }

    @Test func whatNoHubWouldSayIsRefused() async throws {
        for fault in [HubImitation.Fault.wholeFile, .otherRange] {
            let error = try await failure { request in
                request.path.contains("model.safetensors") ? fault : .none
            }
            guard case .malformed = error else {
                Issue.record("\(fault): \(String(describing: error))")
                continue
            }
        }
        for location in ["file:///etc/passwd", "", "ftp://a/b"] {
            let error = try await failure { _ in .redirect(location) }
            guard case .malformed = error else {
                Issue.record("\(location): \(String(describing: error))")
                continue
            }
        }
        let endless = try await failure { HubImitation.Fault.redirect($0.path) }
        guard case .malformed = endless else { Issue.record("endless redirects"); return }
        let list = try await failure(listing: Data("<html>".utf8)) { _ in .none }
        guard case .malformed = list else { Issue.record("no list"); return }
    }

    @Test func silenceAndDribbleAreGivenUp() async throws {
        let silence = try await failure { request in
            request.path.contains("model.safetensors") ? .stall : .none
        }
        guard case .unreachable = silence else { Issue.record("silence"); return }
    }

    @Test func whatDoesNotFitIsSaidAtOnce() async throws {
        let commit = String(repeating: "c", count: 40)
        let json =
            #"{"sha": "\#(commit)", "siblings": [{"rfilename": "config.json", "size": 2}, "#
            + #"{"rfilename": "model.safetensors", "size": 4398046511104}]}"#
        let error = try await failure(listing: Data(json.utf8)) { _ in .none }
        switch error {
        case .diskFull, .system: break
        default: Issue.record("\(String(describing: error))")
        }
    }

    @Test func filesWithoutSizeAndHashAreAskedAbout() async throws {
        let commit = String(repeating: "c", count: 40)
        let siblings = Self.wanted.keys.map { #"{"rfilename": "\#($0)"}"# }
        let json = #"{"sha": "\#(commit)", "siblings": [\#(siblings.joined(separator: ","))]}"#
        let hub = try HubImitation(Self.files, listing: Data(json.utf8))
        defer { hub.end() }
        try await withFolder { folder in
            try check(try await ModelPull(try options(hub, folder)).run { _ in })
        }
    }

    @Test func twoPullsDoNotMix() async throws {
        let hub = try HubImitation(Self.files)
        defer { hub.end() }
        try await withFolder { folder in
            let options = try options(hub, folder)
            let folders = PullFolder(
                folder, repository: options.repository, commit: hub.commit)
            let lock = try folders.open()
            let error = await #expect(throws: HubError.self) {
                try await ModelPull(options).run { _ in }
            }
            #expect(error == .busy(folders.part.path))
            withExtendedLifetime(lock) {}
        }
    }

    @Test func theCacheOfHuggingFaceIsRead() async throws {
        try await withFolder { folder in
            let commit = String(repeating: "d", count: 40)
            let model = folder.appendingPathComponent("hub/models--org--name")
            let snapshot = model.appendingPathComponent("snapshots/\(commit)")
            try FileManager.default.createDirectory(
                at: snapshot, withIntermediateDirectories: true)
            try FileManager.default.createDirectory(
                at: model.appendingPathComponent("refs"), withIntermediateDirectories: true)
            try Data("{}".utf8).write(to: snapshot.appendingPathComponent("config.json"))
            try Data("\(commit)\n".utf8).write(to: model.appendingPathComponent("refs/main"))
            let environment = ["HF_HOME": folder.path]
            func found(_ name: String) throws -> String? {
                HubCache.snapshot(try RepositoryName(name), environment: environment)?
                    .lastPathComponent
            }
            #expect(try found("org/name") == commit)
            #expect(try found("org/name@\(commit)") == commit)
            #expect(try found("org/other") == nil && found("org/name@v1") == nil)
            try Data("../../../../etc".utf8).write(to: model.appendingPathComponent("refs/main"))
            #expect(try found("org/name") == nil)
        }
    }
}
