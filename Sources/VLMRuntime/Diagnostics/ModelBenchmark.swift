import Foundation
import ImageCodecs

/// Speed of each stage of a model, as medians of several runs.
public struct ModelBenchmark: Sendable {
    /// Tokens of the prompt that prefill reads.
    public var promptTokens: Int
    /// Tokens decoded one by one.
    public var generatedTokens: Int
    /// Width of the picture in pixels.
    public var imageWidth: Int
    /// Height of the picture in pixels.
    public var imageHeight: Int
    /// Timed runs of each stage.
    public var repeats: Int
    /// Answers decoded together; 1 leaves that stage out.
    public var batch: Int

    /// References of the captions whose first token is timed; `nil` leaves that out.
    public var references: Int?
    /// Words of the question in those captions; `nil` for a short sentence.
    public var questionWords: Int?
    /// What is measured.
    public var work: Set<Work>
    /// What is measured of training; `nil` leaves that out.
    public var training: TrainingBenchmark?

    /// What can be measured by itself; loading always is.
    public enum Work: String, Sendable, Codable, CaseIterable {
        /// The vision tower on one picture.
        case vision
        /// Reading a prompt.
        case prefill
        /// Writing token by token.
        case decode
        /// Several continuations of one prompt at once.
        case batch
        /// Time to the first token of captions with references.
        case firstToken = "first-token"
    }

    /// Takes the sizes of the work.
    public init(
        promptTokens: Int = 512, generatedTokens: Int = 64, imageWidth: Int = 448,
        imageHeight: Int = 448, repeats: Int = 3, batch: Int = 8, references: Int? = nil,
        questionWords: Int? = nil, work: Set<Work> = Set(Work.allCases),
        training: TrainingBenchmark? = nil
    ) {
        self.training = training
        self.references = references
        self.questionWords = questionWords
        self.work = work
        self.promptTokens = promptTokens
        self.generatedTokens = generatedTokens
        self.imageWidth = imageWidth
        self.imageHeight = imageHeight
        self.repeats = repeats
        self.batch = min(max(1, batch), Generator.largestBatch)
    }

    /// Time and speed of one stage.
    public struct Stage: Sendable, Codable, Equatable {
        /// Median over the repeats.
        public var seconds: Double
        /// Tokens of the stage (picture tokens for vision); `nil` for loading.
        public var tokens: Int?
        /// Tokens divided by seconds; `nil` for loading.
        public var tokensPerSecond: Double?
    }

    /// All stages and the memory they took.
    public struct Report: Sendable, Codable, Equatable {
        /// Opening the folder.
        public var load: Stage
        /// The vision tower on one picture; `nil` when not asked for.
        public var vision: Stage?
        /// Reading the prompt; `nil` when not asked for.
        public var prefill: Stage?
        /// Writing token by token; `nil` when not asked for.
        public var decode: Stage?
        /// Several continuations of one prompt at once; `nil` when not asked for.
        public var batchDecode: Stage?
        /// Time to the first token of captions; `nil` when not asked for.
        public var firstToken: FirstTokenBenchmark.Report?
        /// Training an adapter; `nil` when not asked for.
        public var train: TrainingBenchmark.Report?
        /// Most memory held at once, mapped weights included.
        public var peakMemoryBytes: Int
        /// What products were computed in.
        public var arithmetic: Arithmetic
        /// Bits of most weights.
        public var bits: Int
        /// Threads that shared the work.
        public var threads: Int
    }

    /// Opens the model and times it, after one untimed run that brings the weights into memory.
    ///
    /// - Parameters:
    ///   - load: opens the model.
    ///   - cancellation: checked between stages.
    ///   - progress: what is being measured, and how far along it all is (0…1).
    /// - Throws: what loading throws, or `CancellationError`.
    public func run(
        load open: () throws -> VisionLanguageModel, cancellation: CancellationFlag? = nil,
        progress: (String, Double) -> Void = { _, _ in }
    ) throws -> Report {
        progress("loading", 0)
        let start = ContinuousClock.now
        let model = try open()
        let load = seconds(since: start)
        let image = try picture(for: model)
        var times: [Work: [Double]] = [:]
        for round in 0...repeats where !work.isEmpty {
            func measure(_ stage: Work, _ work: () throws -> Void) throws {
                if cancellation?.isCancelled == true { throw CancellationError() }
                progress(stage.rawValue, Double(round) / Double(repeats + 1))
                let start = ContinuousClock.now
                try work()
                if round > 0 { times[stage, default: []].append(seconds(since: start)) }
            }
            if work.contains(.vision) { try measure(.vision) { _ = model.vision(image) { _ in } } }
            if work.contains(.prefill) { try measure(.prefill) { _ = try prefilled(model) } }
            let count = round == 0 ? min(2, generatedTokens) : generatedTokens
            if work.contains(.decode) {
                var session = try prefilled(model)
                try measure(.decode) {
                    for token in 0..<count { _ = try session.step(Int32(token % 1000)) }
                }
            }
            if work.contains(.batch), batch > 1 {
                var sessions = Array(repeating: try prefilled(model), count: batch)
                try measure(.batch) {
                    for token in 0..<count {
                        _ = Session.step(
                            &sessions, at: Array(0..<batch),
                            (0..<batch).map { Int32((token + $0) % 1000) })
                    }
                }
            }
        }
        var firstToken: FirstTokenBenchmark.Report?
        if let references, work.contains(.firstToken) {
            firstToken = try FirstTokenBenchmark(
                references: references, width: imageWidth, height: imageHeight,
                questionWords: questionWords, repeats: repeats
            ).run(model, cancellation: cancellation) { progress("first token", $0) }
        }
        let train = try training?.run(model, cancellation: cancellation, progress: progress)
        let cells = image.grid.tokenCount(mergeSize: model.configuration.vision.mergeSize)
        func stage(_ work: Work, _ tokens: Int) -> Stage? {
            times[work].map { Stage($0, tokens) }
        }
        return Report(
            load: Stage(seconds: load), vision: stage(.vision, cells),
            prefill: stage(.prefill, promptTokens), decode: stage(.decode, generatedTokens),
            batchDecode: stage(.batch, batch * generatedTokens), firstToken: firstToken,
            train: train, peakMemoryBytes: RuntimeSettings.peakMemoryBytes(),
            arithmetic: model.arithmetic,
            bits: model.weightBits, threads: RuntimeDiagnostics().threads)
    }

    /// A session that has read `promptTokens` tokens.
    private func prefilled(_ model: VisionLanguageModel) throws -> Session {
        let vocabulary = model.configuration.text.vocabularySize
        let ids = (0..<promptTokens).map { Int32(($0 * 37) % min(vocabulary, 1000)) }
        let prompt = PreparedPrompt(
            ids: ids, images: [], positions: MultimodalPositions(textTokens: ids.count, after: 0),
            imageTokenCount: 0)
        var session = Session(model: model)
        _ = try session.prefill(InputRows(model.language.embed(ids)), prompt) { _ in }
        return session
    }

    private func picture(for model: VisionLanguageModel) throws -> PreprocessedImage {
        let pixels = (0..<imageWidth * imageHeight * 3).map {
            UInt8(truncatingIfNeeded: $0 * 7 / 3)
        }
        let image = RGBImage(width: imageWidth, height: imageHeight, pixels: pixels)
        let area = imageWidth * imageHeight
        return try ImagePreprocessor(model.imageConfiguration)(
            image, pixelBudget: min(area, 3136)...max(area, 3136))
    }

    private func seconds(since start: ContinuousClock.Instant) -> Double {
        (ContinuousClock.now - start).inSeconds
    }
}
