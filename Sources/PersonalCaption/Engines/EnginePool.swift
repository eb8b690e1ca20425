import Foundation
import Synchronization
import WebClient

/// Several engines that answer the same requests; asks the least busy one, and another when it
/// fails.
public final class EnginePool: Sendable {
    /// Where the engines are and how they are treated.
    public struct Options: Sendable {
        /// At least one.
        public var engines: [EngineAddress]
        /// Shown to each of them; `nil` shows none.
        public var key: String?
        /// Most requests at a time to one engine.
        public var perEngine: Int
        /// Seconds for one answer.
        public var timeout: Double
        /// When a request is tried again.
        public var retry: EngineRetry
        /// Told of engines that fall silent and come back, on any thread.
        public var onNotice: @Sendable (EngineNotice) -> Void = { _ in }

        /// Four requests at a time, ten minutes for each, unless told otherwise.
        public init(
            engines: [EngineAddress], key: String? = nil, perEngine: Int = 4,
            timeout: Double = 600, retry: EngineRetry = EngineRetry()
        ) {
            self.engines = engines
            self.key = key
            self.perEngine = perEngine
            self.timeout = timeout
            self.retry = retry
        }
    }

    /// How the engines are treated.
    public let options: Options
    private let transport: any EngineTransport
    private let choice: Mutex<EngineChoice>
    private let start = ContinuousClock.now
    private let tellsSizes = Mutex(true)

    /// Engines over the network.
    ///
    /// - Precondition: there is at least one.
    public convenience init(_ options: Options) {
        ProxyExemption.apply(to: options.engines)
        self.init(options, transport: NetworkTransport(connections: options.perEngine + 1))
    }

    init(_ options: Options, transport: any EngineTransport) {
        precondition(!options.engines.isEmpty, "no engine")
        self.options = options
        self.transport = transport
        choice = Mutex(EngineChoice(count: options.engines.count))
    }

    /// Whether requests tell the sizes of small pictures.
    var areSizesTold: Bool { tellsSizes.withLock { $0 } }

    /// Takes note of a refusal; returns whether the same request without sizes may be answered.
    ///
    /// vLLM refuses them unless it is started with `--trust-request-mm-kwargs`.
    func learns(from error: EngineError) -> Bool {
        guard case .refused(let engine, 400, let message) = error,
            message.contains(EngineRequest.sizesMember)
        else { return false }
        let isNew = tellsSizes.withLock { tells in
            defer { tells = false }
            return tells
        }
        if isNew { options.onNotice(.sizesRefused(engine: engine)) }
        return true
    }

    /// Requests that make sense at a time.
    public var capacity: Int { options.engines.count * max(1, options.perEngine) }

    /// Whether what is sent leaves this machine.
    public var leavesMachine: Bool { !options.engines.allSatisfy(\.isLoopback) }

    /// The names of the models of the first engine that answers.
    ///
    /// - Throws: `EngineError`.
    public func models() async throws -> [String] {
        let (body, _) = try await exchange("models", nil)
        return EngineReply.models(body)
    }

    /// Sends a chat; tries again, also elsewhere, as long as that may help.
    ///
    /// - Throws: `EngineError`, or `CancellationError`.
    func chat(_ body: Data) async throws -> EngineReply {
        let (answer, engine) = try await exchange("chat/completions", body)
        return try EngineReply(answer, engine: engine.description)
    }

    private func exchange(
        _ path: String, _ body: Data?
    ) async throws -> (Data, EngineAddress) {
        var firstFailure: Double?
        var failures = 0
        while true {
            let (index, from) = choice.withLock { $0.next(at: now) }
            let engine = options.engines[index]
            let reason: String
            var asked: Double?
            do {
                let wait = from - now
                if wait > 0 { try await Task.sleep(for: .seconds(wait)) }
                let response = try await transport.send(
                    EngineExchange(
                        url: engine.url(path), body: body, key: options.key,
                        timeout: options.timeout))
                if (200..<300).contains(response.status) {
                    if choice.withLock({ $0.answered(index) }) {
                        options.onNotice(.back(engine: engine.description))
                    }
                    return (response.body, engine)
                }
                guard Backoff.isWorthwhile(status: response.status) else {
                    _ = choice.withLock { $0.answered(index) }
                    throw EngineError.refused(
                        engine: engine.description, status: response.status,
                        message: EngineReply.message(response.body))
                }
                reason = "status \(response.status): \(EngineReply.message(response.body))"
                asked = response.retryAfter
            } catch let error as EngineError {
                throw error
            } catch {
                if Task.isCancelled || error is CancellationError {
                    _ = choice.withLock { $0.answered(index) }
                    throw CancellationError()
                }
                reason = WebFailure.words(error)
            }
            failures += 1
            let since = now - (firstFailure ?? now)
            firstFailure = firstFailure ?? now
            let left = options.retry.patience - since
            if rest(index, failures, asked, atMost: left) {
                options.onNotice(
                    .silent(
                        engine: engine.description, reason: reason,
                        patience: options.retry.patience))
            }
            if left <= 0 {
                throw EngineError.unreachable(engine: engine.description, reason: reason)
            }
        }
    }

    private var now: Double { (ContinuousClock.now - start) / .seconds(1) }

    /// Leaves an engine alone for a while, but tries once more before patience ends.
    ///
    /// - Returns: whether it answered until now.
    private func rest(
        _ index: Int, _ failures: Int, _ asked: Double?, atMost left: Double
    ) -> Bool {
        let draw = Double.random(in: 0..<1)
        return choice.withLock { choice in
            let before = choice.engines[index].failures
            let pause = options.retry.pause(
                failures: max(failures, before + 1), asked: asked, draw: draw)
            let isTold = asked != nil
            choice.failed(index, restsUntil: now + (isTold ? pause : min(pause, max(0, left))))
            return before == 0
        }
    }
}
