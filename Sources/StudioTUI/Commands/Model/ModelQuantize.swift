import ArgumentParser
import Foundation
import TerminalUI
import VLMRuntime

/// `studio model quantize NAME --bits 8|4|16`.
struct ModelQuantize: StudioCommand {
    struct Document: Encodable {
        let model: String
        let path: String
        let bits: Int
        @Present var file: String?
        let bytes: Int
        let seconds: Double
    }

    static let configuration = CommandConfiguration(
        commandName: "quantize",
        abstract: "Use a model with 8 or 4 bits a weight: smaller and faster.",
        discussion: """
            The weights are packed once into a file of the studio's own; the checkpoint stays as \
            it is and is still needed. From then on the model is used in that form, until \
            --bits 16 goes back to the checkpoint's own weights.
            """)

    @Argument(help: "A registered name or a checkpoint folder; default: the model in use.")
    var model: String?

    @Option(help: ArgumentHelp("Bits a weight: 8, 4, or 16 to go back.", valueName: "8|4|16"))
    var bits: Int

    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard [4, 8, 16].contains(bits) else {
            throw ValidationError("--bits takes 8, 4 or 16.")
        }
    }

    func run(_ session: Session) throws {
        let choice = try ModelChoice.resolve(
            model, store: session.store(), samples: session.samples)
        let weights = ModelWeights(home: session.home)
        let checkpoint = try CheckpointFingerprint(folder: choice.folder)
        let start = ContinuousClock.now
        guard let wanted = WeightBits(rawValue: bits) else {
            let forgotten = try weights.forget(checkpoint)
            return try report(choice, nil, 0, start, session) {
                forgotten.isEmpty
                    ? "\($0) was not quantised"
                    : "\($0) is used with its own weights again"
            }
        }
        let file = weights.chosenFile(checkpoint, wanted)
        let ready = try? PackedWeights(file: file, for: checkpoint)
        var bytes = ready?.byteCount ?? 0
        if ready == nil {
            session.progress.update("packing \(choice.name)", fraction: 0)
            bytes = try PackedWeights.write(
                choice.folder, bits: wanted, to: file, cancellation: session.cancellation
            ) { session.progress.update("packing \(choice.name)", fraction: $0) }
        }
        for other in WeightBits.allCases where other != wanted {
            try? FileManager.default.removeItem(at: weights.chosenFile(checkpoint, other))
        }
        try report(choice, file, bytes, start, session) { name in
            "\(name) is used with \(bits) bits a weight from now on (\(bytes >> 20) MiB)"
        }
    }

    private func report(
        _ choice: ModelChoice, _ file: URL?, _ bytes: Int, _ start: ContinuousClock.Instant,
        _ session: Session, _ sentence: (String) -> String
    ) throws {
        session.progress.clear()
        guard common.json else {
            return session.note(sentence(TerminalText.sanitized(choice.name)))
        }
        try session.printJSON(
            Document(
                model: choice.name, path: choice.folder.path, bits: bits, file: file?.path,
                bytes: bytes, seconds: start.secondsUntilNow))
    }
}
