import ArgumentParser
import Foundation
import PersonalCaption
import TerminalUI
import VLMRuntime

/// `studio eval prism`.
struct EvalPrism: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "prism",
        abstract: "Caption pictures, then answer questions from the captions alone.",
        discussion: """
            CapRL's protocol: what a reader without the picture can answer is what the caption \
            says. Questions come from CapRL's JSON lines (qa_response, image_path) or a VLMEvalKit \
            table (TSV, pictures in base64 or as paths); without any, simple ones about held-out \
            drawings are made. The reader weighs the letters of the options, each question \
            several times with the options shuffled. Results go into a folder; the same command \
            again goes on where it was stopped.
            """)

    @Option(
        help: ArgumentHelp("Questions: .jsonl of CapRL or .tsv of VLMEvalKit.", valueName: "file"),
        completion: .file())
    var questions: String?

    @Option(
        help: ArgumentHelp("Where pictures lie; default: beside the questions.", valueName: "dir"),
        completion: .directory)
    var images: String?

    @Option(help: "Captions of each picture; one is greedy, several are sampled at temperature 1.")
    var captions = 4

    @Option(help: "How often each question is asked about each caption.")
    var shuffles = 4

    @Option(help: "At most so many pictures.")
    var limit: Int?

    @Option(help: "Decides captions and shuffles.")
    var seed: UInt64 = 1

    @Option(help: "Longest caption, in tokens.")
    var maxTokens: Int?

    @Option(help: "The model that writes captions; default: the model in use.")
    var model: String?

    @OptionGroup var engine: EngineArguments

    @Option(
        help: ArgumentHelp(
            "The model that answers, always in this program; default: the one that writes "
                + "captions, with --engine the model in use."))
    var reader: String?

    @Option(
        help: ArgumentHelp("The folder for the results.", valueName: "dir"),
        completion: .directory)
    var out: String

    @OptionGroup var common: CommonOptions

    func validate() throws {
        for (value, name) in [(captions, "captions"), (shuffles, "shuffles")]
        where !(1...64).contains(value) {
            throw ValidationError("--\(name) takes 1 to 64.")
        }
        if let limit, limit < 1 { throw ValidationError("--limit takes 1 or more.") }
        if let maxTokens, maxTokens < 1 { throw ValidationError("--max-tokens takes 1 or more.") }
        if images != nil, questions == nil {
            throw ValidationError("--images belongs to --questions.")
        }
    }

    func run(_ session: Session) throws {
        let set = try readSet(session)
        guard !set.items.isEmpty else {
            let reason = set.problems.first.map { "; the first problem: \($0.item): \($0.reason)" }
            throw StudioFailure(
                .badInput, "there is no picture with a question that can be asked\(reason ?? "")")
        }
        for problem in set.problems.prefix(10) {
            let text = TerminalText.sanitized("\(problem.item): \(problem.reason)")
            session.note(session.noteStyle(text, .warning))
        }
        let store = try session.store()
        let remote = try engine.model(model, session: session)
        let writer = try ModelChoice.resolve(
            remote == nil ? model : nil, store: store, samples: session.samples)
        let answerer =
            try reader.map { try ModelChoice.resolve($0, store: store, samples: session.samples) }
            ?? writer
        let manifest = PrismManifest(
            model: remote.map { ($0.model.name, "engine") } ?? (writer.name, writer.folder.path),
            reader: (answerer.name, answerer.folder.path),
            set: set, source: questions ?? "held-out drawings, seed \(seed)", captions: captions,
            shuffles: shuffles, maxTokens: maxTokens, seed: seed)
        let folder = try EvaluationFolder(
            URL(fileURLWithPath: out, isDirectory: true), manifest: manifest)
        let records = try perform(set, manifest, writer, answerer, remote, folder, session)
        let summary = PrismSummary(manifest, records)
        try folder.write(Data(try StudioJSON.text(summary).utf8), named: "summary.json")
        let report = PrismReport(summary, records, folder: folder.url)
        try folder.write(Data(report.html().utf8), named: "report.html")
        if common.json {
            try session.printJSON(summary)
        } else {
            print(summary, session)
            session.note("wrote \(TerminalText.sanitized(out))/report.html")
        }
        if session.isCancelled {
            throw StudioFailure(
                .interrupted,
                "stopped after \(records.count) of \(set.items.count) pictures; the same command "
                    + "goes on from there")
        }
        if summary.pictures == 0, let failure = summary.failures.first {
            throw StudioFailure(.failed, "no picture could be captioned: \(failure.reason)")
        }
    }

    private func readSet(_ session: Session) throws -> PrismSet {
        var set: PrismSet
        if let questions {
            set = try PrismSet.read(
                URL(fileURLWithPath: questions),
                images: images.map { URL(fileURLWithPath: $0, isDirectory: true) })
        } else {
            guard let samples = session.samples else {
                throw StudioFailure(
                    .notFound,
                    "the folder Samples is not beside the program; set $STUDIO_SAMPLES to it, or "
                        + "give --questions")
            }
            let pack = samples.directory.appendingPathComponent("recipe/assets.pack")
            let made = try HeldOutSet(
                pack: AssetPack(pack),
                options: HeldOutOptions(pictures: limit ?? 60, visible: 2, seed: seed))
            set = PrismSet(made.evaluationSet(), seed: seed)
        }
        if let limit { set.items = Array(set.items.prefix(limit)) }
        return set
    }

    private func perform(
        _ set: PrismSet, _ manifest: PrismManifest, _ writer: ModelChoice, _ answerer: ModelChoice,
        _ remote: RemoteModel?, _ folder: EvaluationFolder, _ session: Session
    ) throws -> [PrismRecord] {
        let loaded = try remote == nil ? LoadedModel(writer, session: session) : nil
        let reading: VisionLanguageModel =
            if let loaded, answerer == writer {
                loaded.model
            } else {
                try session.load(answerer)
            }
        guard let captioner = remote?.captioner ?? loaded?.captioner else { return [] }
        let run = PrismRun(
            set: set, manifest: manifest,
            captioner: captioner,
            reader: ModelCaptionReader(reading, cancellation: session.cancellation), folder: folder,
            atATime: remote?.model.pool.capacity ?? 1)
        if !folder.lines.isEmpty {
            session.note("\(folder.lines.count) pictures are done already")
        }
        let records = try session.resumable {
            try run.perform(cancellation: session.cancellation) { done, total in
                session.progress.update(
                    "captioning and asking about \(set.items.count) pictures",
                    fraction: Double(done) / Double(max(total, 1)))
            }
        }
        session.progress.clear()
        return records
    }

    private func print(_ summary: PrismSummary, _ session: Session) {
        session.print("pictures   \(summary.pictures), questions \(summary.questions)")
        let rows: [(String, PrismSummary.Figure)] = [
            ("mean", summary.mean), ("best", summary.bestOfAll), ("declined", summary.declined),
            ("blind", summary.blind), ("chance", .init(value: summary.chance, interval: nil)),
        ]
        for (title, figure) in rows {
            let interval = figure.interval.map {
                String(format: "  95 %%: %.1f to %.1f", $0.low, $0.high)
            }
            session.print(
                title.padding(toLength: 11, withPad: " ", startingAt: 0)
                    + session.style(String(format: "%5.1f %%", figure.value), .strong)
                    + session.style(interval ?? "", .faint))
        }
        for failure in summary.failures.prefix(10) {
            let line = TerminalText.sanitized("\(failure.item): \(failure.reason)")
            session.note(session.noteStyle(line, .bad))
        }
    }
}
