import ArgumentParser
import Foundation
import ImageCodecs
import PersonalCaption
import TerminalUI

/// Other people's engines: which servers answer instead of this program.
struct EngineArguments: ParsableArguments {
    @Option(
        name: .customLong("engine"),
        help: ArgumentHelp(
            "Ask this server, which speaks OpenAI's API, instead of computing here; may be "
                + "repeated. 'local' computes here whatever the settings say. --model is then the "
                + "name the server knows.", valueName: "url"))
    var engines: [String] = []

    @Option(
        help: ArgumentHelp(
            "A file with the key to show to engines, on its first line.", valueName: "file"),
        completion: .file())
    var engineKeyFile: String?

    @Option(help: "Send at most so many requests at a time to one engine.")
    var engineRequests = 4

    @Option(help: "Wait so many seconds for one answer of an engine.")
    var engineTimeout = 600.0

    @Option(
        help: "Try again for so many seconds when engines fail, before the work is stopped.")
    var enginePatience = 120.0

    func validate() throws {
        if !(1...256).contains(engineRequests) {
            throw ValidationError("--engine-requests takes 1 to 256.")
        }
        if !(1...86_400).contains(engineTimeout) {
            throw ValidationError("--engine-timeout takes 1 to 86400 seconds.")
        }
        if !(0...86_400).contains(enginePatience) {
            throw ValidationError("--engine-patience takes 0 to 86400 seconds.")
        }
    }

    /// The model behind the engines; `nil` when this program computes itself.
    ///
    /// Says where pictures go when they leave this machine.
    func model(_ wish: String?, session: Session) throws -> RemoteModel? {
        let settings = SettingsFile(session.home).load().settings.engineWish
        guard let given = engines.isEmpty ? settings : EngineWish(urls: engines),
            given.urls != ["local"]
        else { return nil }
        var chosen = given
        chosen.model = wish ?? given.model
        chosen.keyFile = engineKeyFile ?? (engines.isEmpty ? given.keyFile : nil)
        chosen.perEngine = engineRequests
        chosen.timeout = engineTimeout
        chosen.patience = enginePatience
        let hosts = try chosen.hosts()
        if !hosts.isEmpty {
            session.note(
                session.noteStyle(
                    "pictures leave this machine: they are sent to "
                        + TerminalText.sanitized(hosts.joined(separator: ", ")), .warning))
        }
        return try chosen.connect(
            onNotice: { session.note(TerminalText.sanitized($0.description)) }
        ) { pool in
            try Blocking.run(cancellation: session.cancellation) { try await pool.models() }
        }
    }
}

/// What JSON says of where a caption was made.
struct EngineDocument: Encodable {
    let urls: [String]
    /// Whether pictures were sent to other machines.
    let picturesLeaveMachine: Bool

    init(_ pool: EnginePool) {
        urls = pool.options.engines.map(\.description)
        picturesLeaveMachine = pool.leavesMachine
    }
}
