import ArgumentParser
import Foundation
import PersonalCaption
import TerminalUI
import VLMRuntime

extension EvaluationProtocol: ExpressibleByArgument {}
extension InfoHabit: ExpressibleByArgument {}

/// `studio eval personal --out DIR`.
struct EvalPersonal: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "personal",
        abstract: "Caption a set of pictures with known contents, and score the names.",
        discussion: """
            The results go into a folder: items.jsonl with every caption, results.json for the \
            published scripts, summary.json, and report.html to look at. The same command again \
            goes on where it was stopped. Protocols: skip-retrieval gives the concepts that are in \
            the picture; wrong-same and wrong-other give others in their place, of the same or of \
            another category; nobody gives some with a picture that shows none; retrieval gives \
            those that a search of the whole library finds, and with --concepts 0 shows it \
            pictures of nobody.
            """)

    @OptionGroup var source: EvalSource

    @Option(name: .customLong("protocol"), help: "What the model is given.")
    var plan = EvaluationProtocol.skipRetrieval

    @Option(help: "Only pictures with so many concepts; for nobody, how many are given.")
    var concepts: Int?

    @Option(help: "Give so many concepts besides that are not in the picture.")
    var absent = 0

    @Option(help: "What info lines say: right, wrong (another concept's) or none.")
    var info = InfoHabit.right

    @Option(help: "At most so many pictures; for --heldout the number that is made, usually 60.")
    var limit: Int?

    @Option(help: "Decides what is chosen and made.")
    var seed: UInt64 = 1

    @Option(help: "Ask this about every picture; {name} becomes the names.")
    var question: String?

    @Flag(help: "Ask, too, whether each concept is visible, and examine the probabilities.")
    var presence = false

    @Flag(help: "Ask, too, where each concept is, where the set knows it.")
    var boxes = false

    @OptionGroup var search: SearchArguments

    @Flag(help: "With retrieval: give the four that look most alike, without asking the model.")
    var unverified = false

    @Option(
        help: ArgumentHelp(
            "What is done about names that are used and not visible: off, flag, or correct."))
    var check = NameChecking.off

    @Option(help: "Longest caption, in tokens.")
    var maxTokens: Int?

    @Option(help: "A registered model or a checkpoint folder; default: the model in use.")
    var model: String?

    @Option(help: "An adapter that was kept; 'studio adapter list' shows all.")
    var adapter: String?

    @OptionGroup var engine: EngineArguments

    @Option(
        help: ArgumentHelp("The folder for the results.", valueName: "dir"),
        completion: .directory)
    var out: String

    @OptionGroup var common: CommonOptions

    func validate() throws {
        let least = plan == .retrieval ? 0 : 1
        if let concepts, !(least...CaptionPrompt.maximumConcepts).contains(concepts) {
            throw ValidationError("--concepts takes \(least) to \(CaptionPrompt.maximumConcepts).")
        }
        if unverified, plan != .retrieval {
            throw ValidationError("--unverified belongs to --protocol retrieval.")
        }
        if !(0...CaptionPrompt.maximumConcepts).contains(absent) {
            throw ValidationError("--absent takes 0 to \(CaptionPrompt.maximumConcepts).")
        }
        if let limit, !(1...1_000_000).contains(limit) {
            throw ValidationError("--limit takes 1 or more.")
        }
        if let maxTokens, maxTokens < 1 { throw ValidationError("--max-tokens takes 1 or more.") }
    }

    /// Pictures made of held-out drawings unless told otherwise: as many as the model card's rows.
    private static let usualPictures = 60

    func run(_ session: Session) throws {
        let (set, origin) = try source.read(
            visible: plan == .nobody ? 0 : concepts ?? 1, pictures: limit ?? Self.usualPictures,
            seed: seed, session: session)
        let plan = EvaluationPlan(
            set,
            PlanOptions(
                plan, concepts: concepts, absent: absent, info: info, limit: limit, seed: seed,
                question: question))
        note(set.problems, plan.skipped, session)
        guard !plan.items.isEmpty else { throw StudioFailure(.badInput, nothingToDo(plan)) }
        let answerer = try answerer(session)
        let manifest = PersonalManifest(
            model: answerer.name, modelFolder: answerer.place, adapter: answerer.adapter,
            source: origin, set: set, plan: plan, asksPresence: presence, asksBoxes: boxes,
            maxTokens: maxTokens, search: plan.options.plan == .retrieval ? searchOptions : nil,
            checking: check == .off ? nil : check)
        let folder = try EvaluationFolder(
            URL(fileURLWithPath: out, isDirectory: true), manifest: manifest)
        let records = try captions(set, plan, answerer, folder, session)
        let summary = PersonalSummary(manifest, records)
        try PersonalOutput.write(summary, records, to: folder)
        if common.json {
            try session.printJSON(summary)
        } else {
            PersonalOutput.print(summary, session)
            session.note("wrote \(TerminalText.sanitized(out))/report.html")
        }
        if session.isCancelled {
            throw StudioFailure(
                .interrupted,
                "stopped after \(records.count) of \(plan.items.count) pictures; the same command "
                    + "goes on from there")
        }
        if summary.captions == 0, let failure = summary.failures.first {
            throw StudioFailure(.failed, "no picture could be captioned: \(failure.reason)")
        }
    }

    /// What answers: a model in this program, or engines.
    private struct Answerer {
        let name: String
        /// Where it is, as the manifest says; engines may change their address during a run.
        let place: String
        let adapter: String?
        let captioner: Captioner
        let model: any PresenceModel
        /// `nil` for engines.
        let generator: Generator?
        /// What finds concepts in pictures; `nil` for engines.
        let search: SearchModel?
        /// Pictures at a time.
        let atATime: Int
    }

    private func answerer(_ session: Session) throws -> Answerer {
        if let remote = try engine.model(model, session: session) {
            if plan == .retrieval { throw EngineError.unsupported("--protocol retrieval") }
            if presence { throw EngineError.unsupported("--presence") }
            if check != .off { throw EngineError.unsupported("--check") }
            if adapter != nil {
                throw StudioFailure(
                    .usage,
                    "with --engine an adapter is a model of its own: give its name as --model")
            }
            return Answerer(
                name: remote.model.name, place: "engine", adapter: nil,
                captioner: remote.captioner, model: remote.model, generator: nil, search: nil,
                atATime: remote.model.pool.capacity)
        }
        let choice = try ModelChoice.resolve(
            model, store: session.store(), samples: session.samples)
        let loaded = try LoadedModel(choice, adapter: adapter, session: session)
        return Answerer(
            name: choice.name, place: choice.folder.path, adapter: loaded.adapter,
            captioner: loaded.captioner, model: loaded.generator, generator: loaded.generator,
            search: try loaded.search(), atATime: 1)
    }

    private func captions(
        _ set: EvaluationSet, _ plan: EvaluationPlan, _ answerer: Answerer,
        _ folder: EvaluationFolder, _ session: Session
    ) throws -> [EvaluationRecord] {
        var recognizer: ConceptRecognizer?
        if plan.options.plan == .retrieval, let generator = answerer.generator {
            recognizer = try ConceptRecognizer(
                searching: set, profile: answerer.captioner.profile, model: generator,
                verifier: answerer.search?.verifier, metric: answerer.search?.metric,
                options: searchOptions, cancellation: session.cancellation
            ) { done, total in
                session.progress.update(
                    "looking at the library", fraction: Double(done) / Double(max(total, 1)))
            }
        }
        let run = PersonalRun(
            set: set, plan: plan, captioner: answerer.captioner, model: answerer.model,
            verifier: answerer.search?.verifier,
            questions: .init(presence: presence, boxes: boxes, checking: check),
            options: CaptionOptions(maxNewTokens: maxTokens), folder: folder,
            recognizer: recognizer, atATime: answerer.atATime)
        let kept = folder.lines.count
        if kept > 0 { session.note("\(kept) pictures are done already") }
        let records = try session.resumable {
            try run.perform(cancellation: session.cancellation) { done, total in
                session.progress.update(
                    "captioning \(plan.items.count) pictures",
                    fraction: Double(done) / Double(max(total, 1)))
            }
        }
        session.progress.clear()
        return records
    }

    private var searchOptions: RecognitionOptions {
        var options = search.options(limit: CaptionPrompt.maximumConcepts)
        options.verifies = !unverified
        options.locates = false
        return options
    }

    private func note(
        _ problems: [FormatProblem], _ skipped: [String: Int], _ session: Session
    ) {
        for problem in problems.prefix(10) {
            let text = TerminalText.sanitized("\(problem.item): \(problem.reason)")
            session.note(session.noteStyle(text, .warning))
        }
        if problems.count > 10 {
            session.note("… and \(problems.count - 10) problems more; they are in the report")
        }
        for (reason, count) in skipped.sorted(by: { $0.key < $1.key }) {
            session.note(
                session.noteStyle("\(count) pictures are left out: \(reason)", .warning))
        }
    }

    private func nothingToDo(_ plan: EvaluationPlan) -> String {
        if let reason = plan.skipped.first {
            return "no picture of the set can be used: \(reason.key)"
        }
        switch self.plan {
        case .nobody: return "the set has no picture without a concept, which this protocol needs"
        default:
            return concepts.map { "the set has no picture with \($0) concepts" }
                ?? "the set has no picture with a concept"
        }
    }
}

/// What a run leaves behind and shows.
enum PersonalOutput {
    /// Writes results for the published scripts, the totals and the report.
    static func write(
        _ summary: PersonalSummary, _ records: [EvaluationRecord], to folder: EvaluationFolder
    ) throws {
        let good = records.filter { $0.failure == nil }
        try folder.write(try ResultList.json(good.map(\.resultRow)), named: "results.json")
        try folder.write(Data(try StudioJSON.text(summary).utf8), named: "summary.json")
        let report = PersonalReport(summary, records, folder: folder.url)
        try folder.write(Data(report.html().utf8), named: "report.html")
    }

    /// A line for each figure.
    static func print(_ summary: PersonalSummary, _ session: Session) {
        session.print("captions  \(summary.captions) of \(summary.manifest.items)")
        let width = PersonalFigure.allCases.map(\.title.count).max() ?? 0
        for figure in PersonalFigure.allCases {
            guard let measured = summary.figures[figure.rawValue] else { continue }
            let title = figure.title.padding(toLength: width + 2, withPad: " ", startingAt: 0)
            let interval = measured.interval.map {
                "  95 %: \(text($0.low, measured.unit)) to \(text($0.high, measured.unit))"
            }
            session.print(
                title + session.style(text(measured.value, measured.unit), .strong)
                    + session.style(interval ?? "", .faint))
        }
        if let calibration = summary.calibration {
            session.print(
                String(
                    format: "yes/no probabilities: expected error %.3f, Brier %.3f, AUC %@",
                    calibration.expectedError, calibration.brier,
                    calibration.areaUnderCurve.map { String(format: "%.3f", $0) } ?? "unknown"))
        }
        for failure in summary.failures.prefix(10) {
            let line = TerminalText.sanitized("\(failure.item): \(failure.reason)")
            session.note(session.noteStyle(line, .bad))
        }
    }

    /// `97.5 %`, `212` or `0.84 s`.
    static func text(_ value: Double, _ unit: PersonalFigure.Unit) -> String {
        switch unit {
        case .percent: String(format: "%5.1f %%", value)
        case .number: String(format: "%.0f", value)
        case .seconds: String(format: "%.2f s", value)
        }
    }
}
