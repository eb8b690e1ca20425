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
        let texts = engines.isEmpty ? Self.settings(session) : engines
        guard !texts.isEmpty, texts != ["local"] else { return nil }
        let addresses = try texts.map { text throws(EngineError) in try EngineAddress(text) }
        let pool = EnginePool(
            EnginePool.Options(
                engines: addresses, key: try key(), perEngine: engineRequests,
                timeout: engineTimeout, retry: EngineRetry(patience: enginePatience)))
        if pool.leavesMachine {
            let hosts = Set(addresses.filter { !$0.isLoopback }.map(\.host)).sorted()
            session.note(
                session.noteStyle(
                    "pictures leave this machine: they are sent to "
                        + TerminalText.sanitized(hosts.joined(separator: ", ")), .warning))
        }
        let name = try wish ?? firstModel(pool, session)
        return RemoteModel(
            model: EngineModel(pool, name: name),
            profile: ModelProfile.builtIn(forModelNamed: name))
    }

    private func firstModel(_ pool: EnginePool, _ session: Session) throws -> String {
        let names = try Blocking.run(cancellation: session.cancellation) {
            try await pool.models()
        }
        guard let name = names.first else {
            throw StudioFailure(
                .failed, "the engine does not say which models it has; name one with --model")
        }
        return name
    }

    private func key() throws -> String? {
        guard let engineKeyFile else { return nil }
        let url = URL(fileURLWithPath: engineKeyFile)
        try RegularFile.check(url)
        let text = String(decoding: try BoundedFile.read(url, limit: 1 << 16), as: UTF8.self)
        let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        let key = line.trimmingCharacters(in: .whitespaces)
        guard !key.isEmpty, key.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            throw StudioFailure(.badInput, "'\(engineKeyFile)' holds no key on its first line")
        }
        return key
    }

    private static func settings(_ session: Session) -> [String] {
        SettingsFile(session.home).load().settings.engines
    }
}

/// A model that other machines or programs run.
struct RemoteModel {
    let model: EngineModel
    /// How it wants to be asked, as far as its name tells.
    let profile: ModelProfile

    /// Where it is, for records.
    var place: String {
        model.pool.options.engines.map(\.description).joined(separator: " ")
    }

    var captioner: Captioner { Captioner(model: model, modelName: model.name, profile: profile) }
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
