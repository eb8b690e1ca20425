import ArgumentParser
import ConceptDB
import Foundation
import ImageCodecs
import ModelHub
import PersonalCaption
import TerminalUI

/// `studio model pull ORG/NAME`.
struct ModelPullCommand: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Bring a checkpoint from a hub, check it, and register it.",
        discussion: """
            The hub is Hugging Face's or one that answers like it (--endpoint, else $HF_ENDPOINT). \
            A token is taken from $HF_TOKEN or the file of the hub's own tools, and shown to the \
            hub only. Several pieces come at a time; each file is checked by its hash. Stopped in \
            whatever way, the same command goes on where it was. No picture and nothing of your \
            library is sent.
            """)

    @Argument(help: "The model: ORG/NAME, or ORG/NAME@REVISION.")
    var repository: String

    @Option(help: "A branch, tag or commit; default: main.")
    var revision: String?

    @Option(help: ArgumentHelp("The hub's address.", valueName: "url"))
    var endpoint: String?

    @Option(
        help: ArgumentHelp(
            "The folder that gets the checkpoint's folder; default: models in the studio's data.",
            valueName: "dir"), completion: .directory)
    var into: String?

    @Option(help: "The name to use for it; default: the model's name.")
    var name: String?

    @Option(help: "Bring so many pieces at a time; 1 to 32.")
    var parallel = 4

    @Flag(help: "Use it for captions from now on.")
    var use = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if !(1...32).contains(parallel) { throw ValidationError("--parallel takes 1 to 32.") }
    }

    private struct Document: Encodable {
        let name: String
        let path: String
        let hub: String
        let commit: String
        let files: Int
        let bytes: Int
        /// Bytes that came over the network now.
        let received: Int
        /// Files without a hash that could be checked.
        let unchecked: [String]
        let seconds: Double
    }

    func run(_ session: Session) throws {
        let environment = session.context.environment
        let repository = try RepositoryName(repository, revision: revision)
        let endpoint = try HubEndpoint.resolve(option: endpoint, environment: environment)
        let token = HubToken.find(environment: environment) { path in
            (try? BoundedFile.read(URL(fileURLWithPath: path), limit: 1 << 16)).map {
                String(decoding: $0, as: UTF8.self)
            }
        }
        if token != nil, !endpoint.isPrivate {
            session.note(
                session.noteStyle(
                    "the token is not shown to \(endpoint): the connection is not encrypted",
                    .warning))
        }
        let store = try session.store()
        let folder = into.map { URL(fileURLWithPath: $0, isDirectory: true) } ?? session.home.models
        let wanted = name ?? repository.name
        let before = try store.models().first { $0.name.lowercased() == wanted.lowercased() }
        // Said before gigabytes have come, not after.
        if let before, !PullFolders.isOfRepository(before.path, repository, in: folder) {
            throw ConceptStoreError.duplicateModel(name: wanted, existing: before.name)
        }
        ProxyExemption.apply(to: [endpoint.loopbackHost].compactMap { $0 })
        let pull = ModelPull(
            ModelPull.Options(
                repository: repository, endpoint: endpoint, token: token, into: folder,
                parallel: parallel))
        let start = ContinuousClock.now
        session.progress.update("asking \(endpoint)")
        let result = try Blocking.run(cancellation: session.cancellation) {
            try await pull.run { progress in
                session.progress.update(
                    "pulling \(repository): \(progress.have >> 20) of \(progress.total >> 20) MiB",
                    fraction: Double(progress.have) / Double(max(progress.total, 1)))
            }
        }
        session.progress.clear()
        let seconds = start.secondsUntilNow
        if !result.unchecked.isEmpty {
            session.note(
                session.noteStyle(
                    "the hub tells no hash of \(result.unchecked.joined(separator: ", "))",
                    .warning))
        }
        let record: ModelRecord
        if let before, before.path == result.folder.path {
            if use { try store.useModel(before.name) }
            record = before
        } else {
            // A newer state takes the place of the one that was pulled before.
            if let before { try store.removeModel(before.name) }
            record = try Registration(folder: result.folder, name: wanted)
                .add(to: store, uses: use || before?.isDefault == true, session: session)
        }
        if common.json {
            return try session.printJSON(
                Document(
                    name: record.name, path: result.folder.path, hub: endpoint.description,
                    commit: result.commit, files: result.files, bytes: result.bytes,
                    received: result.received, unchecked: result.unchecked, seconds: seconds))
        }
        session.note(
            "\(result.received >> 20) MiB came in \(ProgressLine.duration(seconds)); "
                + TerminalText.sanitized(result.folder.path))
    }
}
