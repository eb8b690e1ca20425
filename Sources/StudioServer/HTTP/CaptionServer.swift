import Foundation
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import ServiceLifecycle
import Synchronization

/// An OpenAI-compatible server of one model, its adapters and a library's concepts.
public final class CaptionServer: Sendable {
    /// Where and for whom it listens.
    public struct Options: Sendable {
        /// An address of this machine.
        public var host: String
        /// 0 takes a free one.
        public var port: Int
        /// The keys that clients may show.
        public var keys: APIKeys
        /// How much requests may ask for.
        public var limits: ServerLimits

        /// Loopback without a key unless told otherwise.
        public init(
            host: String = "127.0.0.1", port: Int = 8000, keys: APIKeys = .none,
            limits: ServerLimits = ServerLimits()
        ) {
            self.host = host
            self.port = port
            self.keys = keys
            self.limits = limits
        }

        /// Why the server must not listen like this; `nil` when it may.
        public var objection: String? {
            guard !HostPolicy.isLoopback(host), !keys.isRequired else { return nil }
            return "'\(host)' can be reached from other machines, so clients must show a key: give "
                + "--api-key-file, or listen on 127.0.0.1"
        }
    }

    private let options: Options
    private let engine: BatchEngine
    private let logger: Logger
    private let held: HeldBytes
    private let group = Mutex<ServiceGroup?>(nil)
    private let wantsEnd = Mutex(false)

    /// Starts to compute when `run` is called.
    ///
    /// - Parameter log: gets a line for each request; may be called from any thread.
    public init(
        _ model: ServedModel, options: Options, log: @escaping @Sendable (String) -> Void
    ) {
        self.options = options
        logger = Logger(label: "studio.serve") { _ in LineLogHandler(write: log) }
        held = HeldBytes(limit: options.limits.heldBytes)
        let policy = SchedulingPolicy(
            batch: min(16, max(1, options.limits.batch)), queue: options.limits.queue)
        engine = BatchEngine(model, policy: policy, metrics: ServerMetrics())
    }

    /// Serves until `shutdown` was called and the answers that were being written are done.
    ///
    /// - Parameter onStart: called with the port once clients can connect.
    /// - Throws: when the address cannot be had.
    public func run(onStart: @escaping @Sendable (Int) -> Void = { _ in }) async throws {
        let limits = options.limits
        var quiet = logger
        quiet.logLevel = max(.warning, logger.logLevel)
        let responder = ServerResponder(
            engine: engine, chat: ChatEndpoint(engine: engine, limits: limits, held: held),
            keys: options.keys, logger: logger)
        let application = Application(
            responder: responder,
            server: .http1(
                configuration: .init(
                    idleTimeout: .milliseconds(Int64(limits.idleSeconds * 1000)),
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 64 << 10,
                        maxHeaderFieldCount: 100))),
            configuration: ApplicationConfiguration(
                address: .hostname(options.host, port: options.port), serverName: "studio",
                availableConnectionsDelegate: .maximum(limits.connections, logger: quiet)),
            onServerRunning: { onStart($0.localAddress?.port ?? 0) }, logger: quiet)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: [application], logger: quiet))
        self.group.withLock { $0 = group }
        if wantsEnd.withLock({ $0 }) { await group.triggerGracefulShutdown() }
        defer {
            engine.cancelAll()
            engine.drain()
        }
        try await group.run()
    }

    /// Takes no new requests, and lets those that are there finish for a while; may be called from
    /// any thread, and more than once.
    public func shutdown() {
        wantsEnd.withLock { $0 = true }
        guard let group = group.withLock({ $0 }) else { return }
        engine.drain()
        Task { await group.triggerGracefulShutdown() }
        Task { [engine, options] in
            try? await Task.sleep(for: .seconds(options.limits.drainSeconds))
            engine.cancelAll()
        }
    }
}
