import ArgumentParser
import ConceptDB
import Foundation
import PersonalCaption
import TerminalUI
import VLMRuntime

/// `studio caption-folder DIR`: captions for thousands of pictures.
struct CaptionFolderCommand: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "caption-folder",
        abstract: "Caption all pictures in a folder and below, one JSON line each.",
        discussion: """
            Writes {"image": path, "caption": text, …} for every picture into a JSON Lines file, as \
            data for CapRL and other trainers is written. A line is on the disk before its picture \
            counts as done: stopped in whatever way, the same command goes on where it was. A \
            picture that cannot be read gets a line with "error" instead. With --concept all \
            pictures are captioned with these concepts. Several captions are written at a time, \
            here or by engines.
            """)

    @Argument(help: "The folder with the pictures (PNG, JPEG, WebP).", completion: .directory)
    var folder: String

    @Option(
        help: ArgumentHelp(
            "The file of captions; default: captions.jsonl in the folder.", valueName: "file"),
        completion: .file())
    var out: String?

    @Option(
        name: [.customLong("concept"), .customShort("c")],
        help: "A concept that may be in the pictures; up to four.")
    var concepts: [String] = []

    @Option(help: "What to ask instead of the usual question; {name} becomes the names.")
    var question: String?

    @Option(help: "Caption at most so many pictures now.")
    var limit: Int?

    @Option(help: "Write so many captions at a time here; 1 to 16.")
    var batch = 8

    @Flag(help: "Try pictures again that could not be captioned.")
    var retryFailed = false

    @OptionGroup var sampling: SamplingArguments
    @OptionGroup var precision: PrecisionArguments

    @Option(help: "A registered model or a checkpoint folder; default: the model in use.")
    var model: String?

    @Option(help: "An adapter of the model, by name, or a PEFT folder.")
    var adapter: String?

    @OptionGroup var engine: EngineArguments
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit takes 1 or more.") }
        if !(1...16).contains(batch) { throw ValidationError("--batch takes 1 to 16.") }
    }

    private struct Document: Encodable {
        let out: String
        let pictures: Int
        /// Done before this run.
        let before: Int
        let captioned: Int
        let failed: Int
        let left: Int
        let seconds: Double
        let model: String
        @Present var engine: EngineDocument?
    }

    func run(_ session: Session) throws {
        let root = URL(fileURLWithPath: folder, isDirectory: true)
        let pictures = try FolderPictures.list(root)
        guard !pictures.isEmpty else {
            throw StudioFailure(
                .badInput, "there is no PNG, JPEG or WebP picture in '\(folder)'")
        }
        let store = try session.store()
        let shown = try concepts.map { try LibraryReference.read($0, from: store).forPrompt }
        try CaptionPrompt.check(shown.map(\.name))
        let remote = try engine.model(model, session: session)
        if remote != nil, adapter != nil {
            throw StudioFailure(
                .usage, "with --engine an adapter is a model of its own: give its name as --model")
        }
        let local = try remote == nil ? loaded(session, store) : nil
        guard let profile = remote?.profile ?? local?.model.captioner.profile,
            let name = remote?.model.name ?? local?.name
        else { return }
        let asked = try CaptionPrompt(profile: profile).question(
            question, names: shown.map(\.name))
        let file = out.map { URL(fileURLWithPath: $0) } ?? root.appending(path: "captions.jsonl")
        let log = try CaptionLog(
            file, model: name, question: asked, concepts: shown.map(\.name),
            retriesFailures: retryFailed)
        let missing = pictures.filter { !log.done.contains($0) }
        let now = limit.map { Array(missing.prefix($0)) } ?? missing
        if missing.count < pictures.count {
            session.note("\(pictures.count - missing.count) pictures are done already")
        }
        let run = try FolderRun(
            folder: root, pictures: now, log: log, profile: profile, concepts: shown,
            question: question, options: sampling.captionOptions(), modelName: name)
        let start = ContinuousClock.now
        let counted = ProgressCount(session: session, total: now.count)
        let tally: FolderRun.Tally
        if let remote {
            tally = try session.resumable {
                try Blocking.run(cancellation: session.cancellation) {
                    try await run.perform(remote.model) { counted.show($0) }
                }
            }
        } else if let local {
            tally = try run.perform(
                local.model.generator, batch: batch, cancellation: session.cancellation
            ) { counted.show($0) }
        } else {
            return
        }
        session.progress.clear()
        let seconds = start.secondsUntilNow
        let left = missing.count - tally.captioned - tally.failed
        if common.json {
            try session.printJSON(
                Document(
                    out: file.path, pictures: pictures.count,
                    before: pictures.count - missing.count, captioned: tally.captioned,
                    failed: tally.failed, left: left, seconds: seconds, model: name,
                    engine: remote.map { EngineDocument($0.model.pool) }))
        }
        session.note(
            "\(tally.captioned) pictures captioned in \(ProgressLine.duration(seconds))"
                + (tally.failed > 0 ? ", \(tally.failed) could not be" : "")
                + "; \(TerminalText.sanitized(file.relativePath))")
        if session.isCancelled { throw CancellationError() }
    }

    private func loaded(
        _ session: Session, _ store: ConceptStore
    ) throws -> (model: LoadedModel, name: String) {
        let choice = try ModelChoice.resolve(model, store: store, samples: session.samples)
        let loaded = try LoadedModel(
            choice, adapter: adapter, precision: precision.precision, rows: session.home.visionRows,
            session: session)
        let name = adapter.map { "\(choice.name) with \($0)" } ?? choice.name
        return (loaded, name)
    }
}

/// Shows how far the work is, from whatever thread it is told.
private struct ProgressCount: Sendable {
    let session: Session
    let total: Int

    func show(_ tally: FolderRun.Tally) {
        let done = tally.captioned + tally.failed
        session.progress.update(
            "captioning \(total) pictures", fraction: Double(done) / Double(max(total, 1)))
    }
}
