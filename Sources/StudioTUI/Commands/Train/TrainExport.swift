import ArgumentParser
import ConceptDB
import Foundation
import ImageCodecs
import PersonalCaption
import TerminalUI
import VLMRuntime

extension TrainingProgram: ExpressibleByArgument {}

/// `studio train export --for PROGRAM OUTDIR`.
struct TrainExport: StudioCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write training data, configuration and a launch script for another program.",
        discussion: """
            The scenes are those that training here composes: concepts on ever new backgrounds, \
            some pictures kept back to judge by. vlm-r1 is for VLM-R1 and RePIC's trainer, trl for \
            Hugging Face TRL (GRPO with this program's own rewards), llama-factory for learning \
            from examples with LLaMA-Factory. The adapter they make comes back with 'studio \
            adapter import'. The folder's README.md says how to start.
            """)

    @Argument(help: "A folder that does not exist yet.", completion: .directory)
    var folder: String

    @Option(name: .customLong("for"), help: "vlm-r1, trl or llama-factory.")
    var program: TrainingProgram

    @Option(
        help: ArgumentHelp(
            "Concepts to teach, separated by commas; default: all with pictures.", valueName: "A,B")
    )
    var concepts: String?

    @Option(help: "Scenes to train with.")
    var count = 200

    @Option(help: "Scenes to judge by.")
    var heldOut = 24

    @Option(help: "Decides scenes and names.")
    var seed: UInt64 = 1

    @Option(help: "A registered model or a checkpoint folder; default: the model in use.")
    var model: String?

    @Option(
        help: ArgumentHelp(
            "What the configuration names as the model, such as Qwen/Qwen2.5-VL-3B-Instruct; "
                + "default: the folder of the model.", valueName: "name"))
    var base: String?

    @Option(help: "Width of the adapter.")
    var rank = 16

    @Option(help: "Answers to each prompt; not for llama-factory.")
    var answers = 8

    @Option(help: "Longest answer in training, in tokens.")
    var maxTokens = 256

    @Option(help: "Peak learning rate; default: 1e-5, with llama-factory 1e-4.")
    var learningRate: Double?

    @Option(
        help: ArgumentHelp(
            "Shares of what is composed, as 'train start' takes them.",
            valueName: "captions=0.8,several=0.5,…"))
    var mixture: EpisodeMixture?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        func check(_ isValid: Bool, _ message: String) throws {
            if !isValid { throw ValidationError(message) }
        }
        try check((1...1_000_000).contains(count), "--count takes 1 to 1000000.")
        try check((0...10_000).contains(heldOut), "--held-out takes 0 to 10000.")
        try check((1...256).contains(rank), "--rank takes 1 to 256.")
        try check((2...64).contains(answers), "--answers takes 2 to 64.")
        try check((1...4096).contains(maxTokens), "--max-tokens takes 1 to 4096.")
        try check(
            learningRate.map { $0 > 0 && $0 <= 1 } ?? true,
            "--learning-rate takes more than 0, at most 1.")
    }

    private struct Document: Encodable {
        let folder: String
        let program: TrainingProgram
        let model: String
        let concepts: [String]
        let examples: [String: Int]
        let heldOut: Int
        let pictures: Int
        let leftOut: [String: Int]
        let files: [String]
    }

    func run(_ session: Session) throws {
        let target = URL(fileURLWithPath: folder, isDirectory: true)
        guard FileFacts(target.path, followsLinks: false) == nil else {
            throw StudioFailure(
                .badInput,
                "\(TerminalText.sanitized(folder)) exists already; choose another folder")
        }
        let store = try session.store()
        let choice = try ModelChoice.resolve(model, store: store, samples: session.samples)
        let profile =
            try base.map { ModelProfile.builtIn(forModelNamed: $0) }
            ?? ModelProfile.resolve(directory: choice.folder, modelName: choice.name)
        let names = try taught(store)
        let split = try TrainingStage.split(names, store, cancellation: session.cancellation)
        for warning in TrainingStage.warnings(split) { session.note(warning) }
        let episodes = LibraryEpisodes(
            split, profile: profile, mixture: mixture ?? TrainingWish.usualMixture)
        var plan = TrainingExportPlan(
            program: program, baseModel: base ?? choice.folder.standardizedFileURL.path,
            count: count, heldOut: heldOut, seed: seed)
        plan.rank = rank
        plan.alpha = 2 * rank
        plan.answers = answers
        plan.maximumTokens = maxTokens
        plan.learningRate = learningRate ?? plan.learningRate
        let summary = try TrainingExport(plan, episodes: episodes).write(
            to: target, cancellation: session.cancellation
        ) { session.progress.update("composing scenes", fraction: $0) }
        session.progress.clear()
        if common.json {
            return try session.printJSON(
                Document(
                    folder: target.path, program: program, model: plan.baseModel, concepts: names,
                    examples: summary.examples, heldOut: summary.heldOut,
                    pictures: summary.pictures, leftOut: summary.leftOut, files: summary.files))
        }
        let tasks = summary.examples.sorted { $0.key < $1.key }
            .map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        session.note(
            "wrote \(summary.examples.values.reduce(0, +)) examples (\(tasks)), "
                + "\(summary.heldOut) to judge by and \(summary.pictures) pictures to "
                + TerminalText.sanitized(folder))
        for (reason, number) in summary.leftOut.sorted(by: { $0.key < $1.key }) {
            session.note("\(number) left out: \(reason)")
        }
        session.note(
            "start with \(TerminalText.sanitized(folder))/launch.sh; README.md there says what it "
                + "needs")
    }

    private func taught(_ store: ConceptStore) throws -> [String] {
        let given = (concepts ?? "").split(separator: ",").map {
            $0.trimmingCharacters(in: .whitespaces)
        }.filter { !$0.isEmpty }
        let names =
            try given.isEmpty
            ? store.concepts().concepts.filter { $0.coverImage != nil }.map(\.name)
            : given.map { try store.concept(named: $0).name }
        guard !names.isEmpty else {
            throw StudioFailure(
                .badInput,
                "the library has no concept with a picture; add some with 'studio concept add'")
        }
        return names
    }
}
