import ArgumentParser
import ConceptDB
import Foundation
import PersonalCaption
import TerminalUI
import VLMRuntime

extension TrainingRecipe: ExpressibleByArgument {}
extension LossReduction: ExpressibleByArgument {}

extension EpisodeMixture: ExpressibleByArgument {
    /// `captions=0.5,absent=0.7`; what is not named stays usual.
    public init?(argument: String) {
        self.init()
        for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", omittingEmptySubsequences: false)
            guard sides.count == 2, let share = Double(sides[1]), (0...1).contains(share) else {
                return nil
            }
            switch sides[0] {
            case "captions": captions = share
            case "several": several = share
            case "absent": absent = share
            case "nobody": nobody = share
            case "strangers": strangers = share
            case "targets": targets = share
            case "own": ownNames = share
            default: return nil
            }
        }
    }
}

/// `studio train …`: fine-tunings here, and data for those elsewhere.
struct TrainGroup: StudioCommandGroup {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Teach the model your concepts, here or with other programs.",
        discussion: """
            Without a subcommand it is 'train start': 'studio train --concepts Milo,Otto' teaches \
            the model these two. 'studio train start --help' lists its options.
            """,
        subcommands: [TrainCommand.self, TrainExport.self], defaultSubcommand: TrainCommand.self)
}

/// `studio train start`: fine-tunes the model on concepts of the library or a file.
struct TrainCommand: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Teach the model your concepts; the result is a small adapter.",
        discussion: """
            Scenes are composed from the pictures of the concepts and of others in the library; \
            nobody labels anything. repic rewards right answers, boxes and names; sft learns from \
            plain descriptions of the composed scenes or from a file; caprl rewards captions from \
            which questions can be answered. Ctrl-C writes a checkpoint; --resume goes on.
            """)

    @Option(
        help: ArgumentHelp("Concepts to teach, separated by commas; one to four.", valueName: "A,B")
    )
    var concepts: String?

    @Option(
        help: ArgumentHelp(
            "Examples instead of concepts: RePIC .json, .jsonl or .yaml, LLaMA-Factory, CapRL.",
            valueName: "file"),
        completion: .file())
    var data: String?

    @Option(
        help: ArgumentHelp("Where --data finds pictures; default: beside it.", valueName: "dir"),
        completion: .directory)
    var imageRoot: String?

    @Option(help: "How to teach: repic, sft or caprl.")
    var recipe: TrainingRecipe?

    @Option(help: "Which reinforcement: grpo, bnpo, dapo or dr_grpo; not for sft.")
    var algorithm: LossReduction?

    @Option(help: "Updates of the whole run.")
    var steps: Int?

    @Option(help: "What the run and its adapter are called.")
    var name: String?

    @Option(help: ArgumentHelp("Go on with a run that was stopped.", valueName: "run"))
    var resume: String?

    @Option(help: "A registered model or a checkpoint folder; default: the model in use.")
    var model: String?

    @Option(help: "Decides scenes, names and answers; default: 1.")
    var seed: UInt64?

    @Option(help: "Peak learning rate.")
    var learningRate: Double?

    @Option(help: "Width of the adapter.")
    var rank: Int?

    @Option(help: "Answers to each prompt.")
    var answers: Int?

    @Option(help: "Prompts in each update.")
    var prompts: Int?

    @Option(help: "Spread of the answers, more than 0 to 2; not for sft.")
    var temperature: Float?

    @Option(
        help: ArgumentHelp(
            "Further prompts an update may draw in place of those whose answers all earn the same.",
            valueName: "n"))
    var retries: Int?

    @Option(help: "Longest answer in training, in tokens.")
    var maxTokens: Int?

    @Option(help: "Updates between checkpoints.")
    var checkpointEvery: Int?

    @Option(help: "Scenes kept back to judge by.")
    var heldOut: Int?

    @Option(
        help: ArgumentHelp(
            "Shares of what is composed, 0 to 1 each: captions among the tasks; captions with "
                + "several in view, with somebody absent, with nobody in view; scenes with "
                + "strangers; scenes about these concepts (targets); scenes in which concepts have "
                + "their own names instead of fresh ones (own). What is left out is RePIC's.",
            valueName:
                "captions=0.8,several=0.5,absent=0.7,nobody=0.1,strangers=0.4,targets=0.7,own=0.5"
        ))
    var mixture: EpisodeMixture?

    @Flag(
        inversion: .prefixedNo,
        help: ArgumentHelp(
            "Where no answer is right, learn from one that is: known for yes or no and boxes; for "
                + "captions the model's own words when it is told of those in view only."))
    var rightAnswers: Bool?

    @Flag(help: "Say what the run would take, and end.")
    var estimate = false

    @OptionGroup var common: CommonOptions

    func validate() throws {
        func check(_ isValid: Bool, _ message: String) throws {
            if !isValid { throw ValidationError(message) }
        }
        let given = [concepts, data, resume].compactMap(\.self)
        try check(given.count == 1, "Give one of --concepts, --data and --resume.")
        try check(steps.map { (1...1_000_000).contains($0) } ?? true, "--steps takes 1 or more.")
        try check(rank.map { (1...256).contains($0) } ?? true, "--rank takes 1 to 256.")
        try check(answers.map { (2...64).contains($0) } ?? true, "--answers takes 2 to 64.")
        try check(prompts.map { (1...64).contains($0) } ?? true, "--prompts takes 1 to 64.")
        try check(heldOut.map { (0...1000).contains($0) } ?? true, "--held-out takes 0 to 1000.")
        try check(
            maxTokens.map { (1...4096).contains($0) } ?? true, "--max-tokens takes 1 to 4096.")
        try check(
            checkpointEvery.map { $0 > 0 } ?? true, "--checkpoint-every takes 1 or more.")
        try check(
            learningRate.map { $0 > 0 && $0 <= 1 } ?? true,
            "--learning-rate takes more than 0, at most 1.")
        try check(
            temperature.map { $0 > 0 && $0 <= 2 } ?? true,
            "--temperature takes more than 0, at most 2.")
        try check(retries.map { (0...64).contains($0) } ?? true, "--retries takes 0 to 64.")
        if resume != nil {
            let others: [Any?] = [
                recipe, algorithm, name, model, seed, learningRate, rank, answers, prompts,
                maxTokens, checkpointEvery, heldOut, mixture, temperature, retries,
                rightAnswers,
            ]
            try check(
                others.allSatisfy { $0 == nil },
                "--resume goes on as the run began; only --steps may be given with it.")
        }
    }

    func run(_ session: Session) throws {
        let lock = estimate ? nil : try TrainingLock(runs: session.home.runs)
        defer { withExtendedLifetime(lock) {} }
        let store = try session.store()
        let plan = try resume.map { try resumed($0, session) } ?? fresh(session, store)
        let stage = try TrainingStage(
            plan.settings, imageRoot: imageRoot, store: store,
            cancellation: session.cancellation, load: { try session.load($0) })
        let planned = try RunEstimate(
            plan.settings, model: stage.model, source: stage.source,
            cancellation: session.cancellation)
        try say(planned, stage, session)
        if estimate { return }
        if resume == nil { try plan.folder.create(plan.settings) }
        lock?.announce(plan.settings.name)
        let teller = RunTeller(session: session)
        let outcome = try stage.train(
            plan.settings, plan.folder, cancellation: session.cancellation
        ) { teller.tell($0) }
        session.progress.clear()
        guard outcome == .done else {
            session.note(
                "stopped; go on with 'studio train --resume \(plan.settings.name)'")
            throw CancellationError()
        }
        try AdapterShelf(session.home).keep(plan.folder, settings: plan.settings)
        session.note(
            "kept as adapter '\(plan.settings.name)'; use it with 'studio caption IMAGE --adapter "
                + "\(plan.settings.name)', remove it with 'studio adapter remove "
                + "\(plan.settings.name)'")
    }

    private func resumed(
        _ name: String, _ session: Session
    ) throws -> (settings: RunSettings, folder: RunFolder) {
        let folder = try RunFolder(name: name, in: session.home.runs)
        return (try folder.resume(steps: steps), folder)
    }

    private func fresh(
        _ session: Session, _ store: ConceptStore
    ) throws -> (settings: RunSettings, folder: RunFolder) {
        let names = (concepts ?? "").split(separator: ",").map {
            $0.trimmingCharacters(in: .whitespaces)
        }.filter { !$0.isEmpty }
        let wish = TrainingWish(
            concepts: names, dataFile: data, recipe: recipe, algorithm: algorithm, steps: steps,
            name: name, model: model, seed: seed, learningRate: learningRate, rank: rank,
            answers: answers, prompts: prompts, maximumTokens: maxTokens,
            checkpointEvery: checkpointEvery, heldOut: heldOut, mixture: mixture,
            temperature: temperature, retries: retries, showsRightAnswers: rightAnswers)
        let settings = try wish.settings(
            home: session.home, store: store, samples: session.samples)
        return (settings, try RunFolder(name: settings.name, in: session.home.runs))
    }

    private func say(_ planned: RunEstimate, _ stage: TrainingStage, _ session: Session) throws {
        if estimate, common.json { return try session.printJSON(planned) }
        let minutes = String(format: "%.1f", planned.seconds / 60)
        let each = String(format: "%.1f", planned.secondsPerStep)
        let room = planned.available.map { " of \($0 >> 20) MiB that are free" } ?? ""
        session.note(
            "about \(minutes) minutes (\(each) s an update) and \(planned.memory.total >> 20) MiB"
                + room)
        for warning in stage.warnings { session.note(warning) }
    }
}
