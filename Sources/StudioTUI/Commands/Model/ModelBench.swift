import ArgumentParser
import Foundation
import TerminalUI
import VLMRuntime

/// A picture size on the command line: `448x448`.
struct PixelSize: ExpressibleByArgument, Equatable {
    let width: Int
    let height: Int

    init?(argument: String) {
        let parts = argument.lowercased().split(separator: "x", omittingEmptySubsequences: false)
        guard parts.count == 2, let width = Int(parts[0]), let height = Int(parts[1]),
            (28...4096).contains(width), (28...4096).contains(height)
        else { return nil }
        self.width = width
        self.height = height
    }

    var defaultValueDescription: String { "\(width)x\(height)" }
}

/// `studio model bench`.
struct ModelBench: StudioCommand {
    /// The keys of the contract, with `null` for what the runtime cannot do yet.
    struct Document: Encodable {
        let model: String
        let load: ModelBenchmark.Stage
        @Present var vision: ModelBenchmark.Stage?
        @Present var prefill: ModelBenchmark.Stage?
        @Present var decode: ModelBenchmark.Stage?
        @Present var batchDecode: ModelBenchmark.Stage?
        @Present var firstToken: FirstTokenBenchmark.Report?
        @Present var train: TrainingBenchmark.Report?
        @Present var search: SearchBenchmark.Report?
        let peakMemoryBytes: Int
        let arithmetic: Arithmetic
        let bits: Int
        let threads: Int

        init(_ report: ModelBenchmark.Report, model: String) {
            self.model = model
            load = report.load
            vision = report.vision
            prefill = report.prefill
            decode = report.decode
            batchDecode = report.batchDecode
            firstToken = report.firstToken
            train = report.train
            peakMemoryBytes = report.peakMemoryBytes
            arithmetic = report.arithmetic
            bits = report.bits
            threads = report.threads
        }
    }

    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure the speed of each stage of a model, as the median of repeats.")

    @Option(help: "A checkpoint folder or a registered name; default: the model in use.")
    var model: String?

    @Option(
        help: ArgumentHelp(
            "Bits a weight: 16 for the checkpoint's own; default: as the model is used.",
            valueName: "16|8|4"))
    var bits: Int?

    @Option(help: "Tokens to read.")
    var promptTokens = 512

    @Option(help: "Tokens to write.")
    var generate = 64

    @Option(help: ArgumentHelp("Size of the picture.", valueName: "WxH"))
    var image = PixelSize.standard

    @Option(help: "Answers to write at once in the last stage; 1 leaves it out.")
    var batch = 8

    @Option(
        help: "Time the first token of captions with that many references too (0 to 4).")
    var references: Int?

    @Option(
        help: ArgumentHelp(
            "Words of the question in those captions; default: a short sentence.",
            valueName: "count"))
    var questionWords: Int?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Measure only these: vision, prefill, decode, batch, first-token; default: all.",
            valueName: "stage"))
    var stages: [ModelBenchmark.Work] = []

    @Option(
        help: ArgumentHelp(
            "Time the search of one picture in a library of that many pictures too.",
            valueName: "count"))
    var index: Int?

    @Option(help: "How often to measure.")
    var repeats = 3

    @Option(help: "Threads to compute with; default: all cores.")
    var threads: Int?

    @OptionGroup var training: TrainingBenchArguments
    @OptionGroup var precision: PrecisionArguments
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if let bits, ![4, 8, 16].contains(bits) {
            throw ValidationError("--bits takes 16, 8 or 4.")
        }
        guard (1...32_768).contains(promptTokens), (1...32_768).contains(generate) else {
            throw ValidationError("--prompt-tokens and --generate take 1 to 32768.")
        }
        if let references, !(0...4).contains(references) {
            throw ValidationError("--references takes 0 to 4.")
        }
        if let questionWords, !(1...16384).contains(questionWords) {
            throw ValidationError("--question-words takes 1 to 16384.")
        }
        if let index, !(1...10_000_000).contains(index) {
            throw ValidationError("--index takes 1 to 10000000.")
        }
        guard (1...100).contains(repeats) else {
            throw ValidationError("--repeats takes 1 to 100.")
        }
        guard (1...Generator.largestBatch).contains(batch) else {
            throw ValidationError("--batch takes 1 to \(Generator.largestBatch).")
        }
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads takes 1 to 1024.")
        }
    }

    func run(_ session: Session) throws {
        let choice = try ModelChoice.resolve(
            model, store: session.store(), samples: session.samples)
        if let threads { RuntimeSettings.setThreadCount(threads) }
        let benchmark = ModelBenchmark(
            promptTokens: promptTokens, generatedTokens: generate, imageWidth: image.width,
            imageHeight: image.height, repeats: repeats, batch: batch, references: references,
            questionWords: questionWords,
            work: training.train
                ? [] : stages.isEmpty ? Set(ModelBenchmark.Work.allCases) : Set(stages),
            training: training.train
                ? training.benchmark(promptTokens: promptTokens, group: batch, repeats: repeats)
                : nil)
        let weights = ModelWeights(home: session.home)
        // Weights that have to be packed first are packed outside the measurement.
        if bits != 16 {
            _ = try weights.load(
                folder: choice.folder, wish: bits, cancellation: session.cancellation,
                note: { session.note($0) },
                progress: { session.progress.update("packing \(choice.name)", fraction: $0) })
        }
        let report = try benchmark.run(
            load: {
                var model = try weights.load(
                    folder: choice.folder, wish: bits,
                    arithmetic: bits == 16 ? precision.precision.arithmetic : nil)
                if let storage = precision.precision.keyValues { model.keyValueStorage = storage }
                return model
            },
            cancellation: session.cancellation,
            progress: { session.progress.update("measuring \($0)", fraction: $1) })
        var document = Document(report, model: choice.name)
        document.search = try search(choice, session)
        if common.json { return try session.printJSON(document) }
        printTable(document, session)
    }

    /// The search of a library as large as asked for, with the rows the model's metric makes.
    private func search(
        _ choice: ModelChoice, _ session: Session
    ) throws -> SearchBenchmark.Report? {
        guard let index else { return nil }
        guard let metric = try LookMetric(checkpoint: choice.folder) else {
            throw StudioFailure(
                .badInput, "\(choice.name) has no metric of looks, so --index measures nothing")
        }
        session.progress.update("measuring the search")
        defer { session.progress.clear() }
        return try SearchBenchmark(
            images: index, parts: metric.parts, width: metric.width, repeats: repeats
        ).run(cancellation: session.cancellation)
    }

    private func printTable(_ report: Document, _ session: Session) {
        let rows: [(String, ModelBenchmark.Stage?)] = [
            ("load", report.load), ("vision \(image.width)×\(image.height)", report.vision),
            ("prefill", report.prefill), ("decode", report.decode),
            ("decode, \(batch) at once", report.batchDecode),
            ("train, rank \(training.rank)", report.train?.forwardBackward),
            ("update", report.train?.update), ("rollout", report.train?.rollout),
            ("rollouts, \(batch)", report.train?.rolloutGroup),
        ]
        let title =
            "\(report.model): \(report.bits) bits, \(report.arithmetic.rawValue), "
            + "\(report.threads) threads"
        session.print(session.style(TerminalText.sanitized(title), .strong))
        for case (let name, let stage?) in rows {
            let label = TerminalText.padded(name, to: 18)
            let seconds = String(format: "%9.3f s", stage.seconds)
            let speed = stage.tokensPerSecond.map { String(format: "%10.1f tokens/s", $0) } ?? ""
            session.print("\(label)\(seconds)\(speed)")
        }
        if let first = report.firstToken {
            for (name, seconds) in [
                ("cold", first.cold), ("in a new process", first.registered),
                ("references seen", first.known), ("same query again", first.again),
            ] {
                let label = TerminalText.padded("1st token, \(name)", to: 27)
                session.print(label + String(format: "%9.3f s", seconds))
            }
        }
        if let search = report.search {
            let label = TerminalText.padded("search of \(search.images)", to: 18)
            session.print(label + String(format: "%9.3f s", search.seconds))
        }
        let mebibytes = Double(report.peakMemoryBytes) / 1_048_576
        session.print(String(format: "peak memory       %9.0f MiB", mebibytes))
    }
}

extension PixelSize {
    /// The picture that speeds are compared with.
    static let standard = PixelSize(width: 448, height: 448)

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }
}

extension ModelBenchmark.Work: ExpressibleByArgument {}
