import ArgumentParser
import Foundation
import ImageCodecs
import PersonalCaption
import StudioServer
import Synchronization
import TerminalUI
import VLMRuntime

/// `studio serve`: the model for programs that speak OpenAI's API.
struct ServeCommand: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Answer programs that speak OpenAI's API.",
        discussion: """
            POST /v1/chat/completions takes texts and pictures (as data URLs), streams if asked \
            to, and writes the answers of several clients side by side. A request with "concepts": \
            ["Name", …] gets the prompt of 'studio caption' with the pictures and info lines of \
            the library; "adapter": "name" or the adapter's name as model answers with an adapter. \
            GET /v1/models, /health and /metrics (Prometheus) say what there is. It listens on \
            this machine only, unless clients must show a key. Ctrl-C lets running answers finish; \
            a second one ends at once.
            """)

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port; 0 takes a free one.")
    var port = 8000

    @Option(
        help: ArgumentHelp(
            "A file with the keys that clients may show, one a line.", valueName: "file"),
        completion: .file())
    var apiKeyFile: String?

    @Option(help: "Write at most so many answers at a time; 1 to 16.")
    var batch = 16

    @Option(help: "Let at most so many requests wait; more are told to come back later.")
    var queue = 64

    @Option(help: ArgumentHelp("Refuse larger bodies; 1 to 1024.", valueName: "MiB"))
    var maxBody = 64

    @Option(help: "Let running answers go on for so many seconds at the end.")
    var drain = 30.0

    @OptionGroup var precision: PrecisionArguments

    @Option(help: "A registered model or a checkpoint folder; default: the model in use.")
    var model: String?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        func check(_ isValid: Bool, _ message: String) throws {
            if !isValid { throw ValidationError(message) }
        }
        try check((0...65_535).contains(port), "--port takes 0 to 65535.")
        try check((1...16).contains(batch), "--batch takes 1 to 16.")
        try check((0...10_000).contains(queue), "--queue takes 0 to 10000.")
        try check((1...1024).contains(maxBody), "--max-body takes 1 to 1024.")
        try check((0...86_400).contains(drain), "--drain takes 0 to 86400 seconds.")
    }

    func run(_ session: Session) throws {
        let options = CaptionServer.Options(
            host: host, port: port, keys: try keys(session), limits: limits)
        if let objection = options.objection { throw StudioFailure(.usage, objection) }
        let store = try session.store()
        let choice = try ModelChoice.resolve(model, store: store, samples: session.samples)
        let loaded = try LoadedModel(
            choice, precision: precision.precision, rows: session.home.visionRows, session: session)
        session.progress.clear()
        let served = ServedModel(choice, loaded, store: store, home: session.home)
        let server = CaptionServer(served, options: options) { line in
            session.note(TerminalText.sanitized(line))
        }
        let asked = Mutex(false)
        session.context.interrupts.onInterrupt { [server] in
            let again = asked.withLock { asked in
                defer { asked = true }
                return asked
            }
            guard !again else { return false }
            session.note("ending; running answers may finish, Ctrl-C again ends at once")
            server.shutdown()
            return true
        }
        defer { session.context.interrupts.onInterrupt(nil) }
        do {
            try Blocking.run { try await server.run { announce(served, port: $0, session) } }
        } catch {
            throw Self.describing(error, host: host, port: port)
        }
    }

    private var limits: ServerLimits {
        var limits = ServerLimits(bodyBytes: maxBody << 20, batch: batch, queue: queue)
        limits.heldBytes = max(limits.heldBytes, limits.bodyBytes)
        limits.drainSeconds = drain
        return limits
    }

    private func keys(_ session: Session) throws -> APIKeys {
        guard let apiKeyFile else { return .none }
        let url = URL(fileURLWithPath: apiKeyFile)
        try RegularFile.check(url)
        let text = String(decoding: try BoundedFile.read(url, limit: 1 << 20), as: UTF8.self)
        do throws(APIKeys.Problem) {
            return try APIKeys(text: text, file: apiKeyFile)
        } catch {
            throw StudioFailure(.badInput, error.description)
        }
    }

    private struct Announcement: Encodable {
        let url: String
        let port: Int
        let model: String
        let adapters: [String]
    }

    private func announce(_ served: ServedModel, port: Int, _ session: Session) {
        let shown = host.contains(":") ? "[\(host)]" : host
        let url = "http://\(shown):\(port)/v1"
        let adapters = served.adapterNames()
        if common.json {
            try? session.printJSON(
                Announcement(url: url, port: port, model: served.name, adapters: adapters))
        }
        session.note("serving \(served.name) at \(url); Ctrl-C ends it")
    }

    /// The system's reasons, in a sentence.
    private static func describing(_ error: any Error, host: String, port: Int) -> any Error {
        if error is CancellationError || error is StudioFailure { return error }
        return StudioFailure(
            .failed,
            "the server cannot listen on \(host), port \(port): \(error); is another program there?"
        )
    }
}
