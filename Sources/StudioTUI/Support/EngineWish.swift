import Foundation
import ImageCodecs
import PersonalCaption

/// Engines that shall answer in place of this program.
struct EngineWish: Sendable, Equatable {
    /// Their addresses, as they were written.
    var urls: [String]
    /// What they call the model; `nil` for the first they tell of.
    var model: String?
    /// A file with the key to show to them.
    var keyFile: String?
    /// Requests at a time to each.
    var perEngine = 4
    /// Seconds to wait for one answer.
    var timeout = 600.0
    /// Seconds of trying again when they fail.
    var patience = 120.0

    /// Where pictures go that leave this machine; empty when they do not.
    ///
    /// - Throws: `EngineError` for an address that is none.
    func hosts() throws(EngineError) -> [String] {
        var hosts: Set<String> = []
        for url in urls {
            let address = try EngineAddress(url)
            if !address.isLoopback { hosts.insert(address.host) }
        }
        return hosts.sorted()
    }

    /// One line for people that says who is asked, and where pictures go.
    var line: String {
        guard let hosts = try? hosts() else {
            return "engine.urls in the settings holds no address"
        }
        guard !hosts.isEmpty else { return "asks an engine on this machine" }
        return "asks an engine; pictures leave this machine, to "
            + hosts.joined(separator: ", ")
    }

    /// The model behind the engines.
    ///
    /// - Parameters:
    ///   - onNotice: told of engines that fall silent and come back, on any thread.
    ///   - models: asks the engines for the names of their models, when none is wished.
    /// - Throws: `EngineError`; or a `StudioFailure` about the key's file or the model.
    func connect(
        onNotice: @escaping @Sendable (EngineNotice) -> Void = { _ in },
        models: (EnginePool) throws -> [String]
    ) throws -> RemoteModel {
        let addresses = try urls.map { text throws(EngineError) in try EngineAddress(text) }
        var options = EnginePool.Options(
            engines: addresses, key: try key(), perEngine: perEngine, timeout: timeout,
            retry: EngineRetry(patience: patience))
        options.onNotice = onNotice
        let pool = EnginePool(options)
        guard let name = try model ?? models(pool).first else {
            throw StudioFailure(
                .failed, "the engine does not say which models it has; name one with --model")
        }
        return RemoteModel(
            model: EngineModel(pool, name: name),
            profile: ModelProfile.builtIn(forModelNamed: name))
    }

    private func key() throws -> String? {
        guard let keyFile else { return nil }
        let url = URL(fileURLWithPath: keyFile)
        try RegularFile.check(url)
        let text = String(decoding: try BoundedFile.read(url, limit: 1 << 16), as: UTF8.self)
        let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        let key = line.trimmingCharacters(in: .whitespaces)
        guard !key.isEmpty, key.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
            throw StudioFailure(.badInput, "'\(keyFile)' holds no key on its first line")
        }
        return key
    }
}

/// A model that other machines or programs run.
struct RemoteModel: Sendable {
    let model: EngineModel
    /// How it wants to be asked, as far as its name tells.
    let profile: ModelProfile

    /// Where it is, for records.
    var place: String {
        model.pool.options.engines.map(\.description).joined(separator: " ")
    }

    var captioner: Captioner { Captioner(model: model, modelName: model.name, profile: profile) }
}
