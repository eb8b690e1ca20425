import Foundation
import ImageCodecs
public import VLMRuntime

/// What a run of `eval prism` is made of.
public struct PrismManifest: RunManifest {
    /// The form of the files.
    public var format = "studio-eval-prism-1"
    /// The model that writes captions, and its folder.
    public var model: String
    /// The checkpoint's folder.
    public var modelFolder: String
    /// The model that answers from captions.
    public var reader: String
    /// The reader's folder.
    public var readerFolder: String
    /// The set's name.
    public var set: String
    /// Where the set comes from.
    public var source: String
    /// Number of pictures.
    public var items: Int
    /// Captions of each picture.
    public var captions: Int
    /// How often each question is asked about each caption.
    public var shuffles: Int
    /// Spread of the choice of words in captions; 0 when there is one caption.
    public var temperature: Float
    /// Longest caption, in tokens; `nil` for the model's habit.
    public var maxTokens: Int?
    /// Decides captions and shuffles.
    public var seed: UInt64
    /// What was left out of the set.
    public var problems: [FormatProblem]

    /// Names every part.
    public init(
        model: (name: String, folder: String), reader: (name: String, folder: String),
        set: PrismSet, source: String, captions: Int, shuffles: Int, maxTokens: Int?, seed: UInt64
    ) {
        self.model = model.name
        modelFolder = model.folder
        self.reader = reader.name
        readerFolder = reader.folder
        self.set = set.name
        self.source = source
        items = set.items.count
        self.captions = captions
        self.shuffles = shuffles
        temperature = captions > 1 ? 1 : 0
        self.maxTokens = maxTokens
        self.seed = seed
        problems = set.problems
    }

    /// What such runs are.
    public static let kindName = "an evaluation of captions by questions"

    /// The first thing in which two runs differ.
    public func difference(from other: PrismManifest) -> String? {
        let facts: [(what: String, mine: String, its: String)] = [
            ("form", format, other.format), ("model", model, other.model),
            ("checkpoint", modelFolder, other.modelFolder), ("reader", reader, other.reader),
            ("reader's checkpoint", readerFolder, other.readerFolder),
            ("set", source, other.source), ("number of pictures", "\(items)", "\(other.items)"),
            ("number of captions", "\(captions)", "\(other.captions)"),
            ("number of shuffles", "\(shuffles)", "\(other.shuffles)"),
            ("longest caption", "\(maxTokens ?? 0)", "\(other.maxTokens ?? 0)"),
            ("seed", "\(seed)", "\(other.seed)"),
        ]
        guard let fact = facts.first(where: { $0.mine != $0.its }) else { return nil }
        return "its \(fact.what) is \(fact.its), not \(fact.mine)"
    }
}

/// What became of one picture.
public struct PrismRecord: Sendable, Codable, Equatable {
    /// One question and its answers.
    public struct Question: Sendable, Codable, Equatable {
        /// What was asked.
        public var question: ChoiceQuestion
        /// The benchmark's own grouping; may be empty.
        public var category: String
        /// One for each caption.
        public var answers: [PrismReader.Answer]
        /// Without any caption: what can be guessed.
        public var blind: PrismReader.Answer
    }

    /// The item's key.
    public var key: String
    /// A small copy of the picture, in the run's folder.
    public var thumbnail: String?
    /// The captions.
    public var captions: [String]
    /// The questions.
    public var questions: [Question]
    /// Seconds for captions and answers.
    public var seconds: Double
    /// Why there are no captions; all other fields are then empty.
    public var failure: String?
}

/// Captions pictures, then answers questions from the captions alone, picture by picture.
public struct PrismRun {
    private let set: PrismSet
    private let manifest: PrismManifest
    private let captioner: Captioner
    private let reader: PrismReader
    private let folder: EvaluationFolder
    private let atATime: Int

    /// Prepares a run.
    ///
    /// - Parameters:
    ///   - folder: keeps the results; what it already holds is not made again.
    ///   - atATime: captions of a picture at a time; more than one only for models that others run.
    public init(
        set: PrismSet, manifest: PrismManifest, captioner: Captioner, reader: any CaptionReader,
        folder: EvaluationFolder, atATime: Int = 1
    ) {
        self.atATime = atATime
        self.set = set
        self.manifest = manifest
        self.captioner = captioner
        self.reader = PrismReader(reader, shuffles: manifest.shuffles)
        self.folder = folder
    }

    /// Makes what is missing, on the calling thread.
    ///
    /// - Parameters:
    ///   - cancellation: ends the run after the present step; finished pictures are kept.
    ///   - progress: called before each picture with the number of those done here and to do here.
    /// - Returns: every record made so far, in the set's order.
    public func perform(
        cancellation: CancellationFlag? = nil, progress: (_ done: Int, _ total: Int) -> Void
    ) throws -> [PrismRecord] {
        try folder.complete(set.items, cancellation: cancellation, progress: progress) {
            try record(of: $0, $1, cancellation)
        }
    }

    private func captions(
        of picture: RGBImage, _ cancellation: CancellationFlag?
    ) throws -> [String] {
        try SideBySide.map(manifest.captions, limit: atATime) { [manifest, captioner] number in
            let options = CaptionOptions(
                temperature: manifest.temperature, maxNewTokens: manifest.maxTokens,
                seed: manifest.seed &* 1_009 &+ UInt64(number))
            let made = try captioner.caption(
                CaptionRequest(query: picture, options: options), cancellation: cancellation)
            guard made.finishReason != .cancelled else { throw CancellationError() }
            return made.caption
        }
    }

    /// One picture; `nil` when it was interrupted.
    private func record(
        of item: PrismItem, _ pictures: ThumbnailWriter, _ cancellation: CancellationFlag?
    ) throws -> PrismRecord? {
        let start = ContinuousClock.now
        var record = PrismRecord(
            key: item.key, captions: [], questions: [], seconds: 0, failure: nil)
        do {
            let picture = try item.picture.image()
            record.thumbnail = try pictures.write(picture, named: "p-\(item.key)", side: 448)
            record.captions = try captions(of: picture, cancellation)
            for (place, entry) in item.questions.enumerated() {
                let seed = manifest.seed &* 7_919 &+ UInt64(place)
                let answers = try record.captions.map {
                    try reader.answer(
                        entry.question, caption: $0, seed: seed, cancellation: cancellation)
                }
                let blind = try reader.answer(
                    entry.question, caption: nil, seed: seed, cancellation: cancellation)
                record.questions.append(
                    .init(
                        question: entry.question, category: entry.category, answers: answers,
                        blind: blind))
            }
        } catch is CancellationError {
            return nil
        } catch let error as EvaluationFolderError {
            throw error
        } catch let error as EngineError where !error.concernsRequest {
            throw error
        } catch {
            record.questions = []
            record.failure = "\(error)"
        }
        let passed = (ContinuousClock.now - start).components
        record.seconds = Double(passed.seconds) + Double(passed.attoseconds) / 1e18
        return record
    }
}
