import ArgumentParser
import Foundation
import TerminalUI
import VLMRuntime

/// `studio model assemble LANGUAGE VISION OUT`.
struct ModelAssemble: StudioCommand {
    struct Document: Encodable {
        let path: String
        let parameters: Int
        let hiddenSize: Int
        let files: Int
        let bytes: Int
        /// Whether the merger is fresh and has to be trained before captions mean anything.
        let newMerger: Bool
        let seconds: Double
    }

    static let configuration = CommandConfiguration(
        commandName: "assemble",
        abstract: "Join a Qwen2.5 language model and a Qwen2.5-VL vision tower into one folder.",
        discussion: """
            As the models that CapRL trains are made: every weight of the language model, the \
            vision tower of the Qwen2.5-VL checkpoint, and its tokenizer, chat template and image \
            settings. Both must have the same vocabulary and the same width; --new-merger puts an \
            untrained merger between them instead, as CapRL does. The folder appears when it is \
            complete and was opened as a model.
            """)

    @Argument(help: "The folder of a Qwen2.5 language model.", completion: .directory)
    var language: String

    @Argument(help: "The folder of a Qwen2.5-VL checkpoint.", completion: .directory)
    var vision: String

    @Argument(help: "A folder that is empty or does not exist yet.", completion: .directory)
    var folder: String

    @Flag(help: "Start with a fresh merger, to be trained, in place of the checkpoint's.")
    var newMerger = false

    @Option(help: "The seed of a fresh merger.")
    var seed: UInt64?

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if seed != nil, !newMerger { throw ValidationError("--seed needs --new-merger.") }
    }

    func run(_ session: Session) throws {
        let target = URL(fileURLWithPath: folder, isDirectory: true)
        let assembly = CheckpointAssembly(
            language: URL(fileURLWithPath: language, isDirectory: true),
            vision: URL(fileURLWithPath: vision, isDirectory: true),
            newMergerSeed: newMerger ? seed ?? 0 : nil)
        let start = ContinuousClock.now
        session.progress.update("checking both sides")
        let outcome = try assembly.write(to: target, cancellation: session.cancellation) {
            session.progress.update("assembling \(target.lastPathComponent)", fraction: $0)
        }
        session.progress.clear()
        if common.json {
            return try session.printJSON(
                Document(
                    path: target.path, parameters: outcome.parameters,
                    hiddenSize: outcome.hiddenSize, files: outcome.files, bytes: outcome.bytes,
                    newMerger: outcome.hasNewMerger, seconds: start.secondsUntilNow))
        }
        session.note(
            "wrote \(TerminalText.sanitized(folder)): "
                + "\(ModelFacts.parameterText(outcome.parameters)) parameters, "
                + ModelFacts.sizeText(outcome.bytes)
                + (outcome.hasNewMerger ? "; its merger is fresh and knows nothing yet" : ""))
        session.note("'studio model add \(TerminalText.sanitized(folder))' registers it")
    }
}
