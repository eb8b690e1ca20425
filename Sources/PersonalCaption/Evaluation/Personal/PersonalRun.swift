public import Foundation
import ImageCodecs
import Synchronization
public import VLMRuntime

/// Makes the captions of a plan and keeps them in a folder, item by item.
public struct PersonalRun: Sendable {
    /// What is asked besides the caption.
    public struct Questions: Sendable, Equatable {
        /// Whether each given concept is visible.
        public var presence: Bool
        /// Where each wanted concept is.
        public var boxes: Bool
        /// What is done about names that are used and not visible.
        public var checking: NameChecking

        /// Nothing unless told otherwise.
        public init(presence: Bool = false, boxes: Bool = false, checking: NameChecking = .off) {
            self.presence = presence
            self.boxes = boxes
            self.checking = checking
        }
    }

    private let set: EvaluationSet
    private let plan: EvaluationPlan
    private let captioner: Captioner
    private let model: any PresenceModel
    private let verifier: any PresenceModel
    private let questions: Questions
    private let options: CaptionOptions
    private let folder: EvaluationFolder
    private let recognizer: ConceptRecognizer?
    private let atATime: Int

    /// Prepares a run.
    ///
    /// - Parameters:
    ///   - set: concepts and pictures.
    ///   - plan: which captions to make.
    ///   - captioner: makes them.
    ///   - model: answers the other questions; the captioner's own.
    ///   - verifier: answers whether a concept is visible; `nil` for the model itself.
    ///   - questions: what is asked besides.
    ///   - options: how captions are sampled.
    ///   - folder: keeps the results; what it already holds is not made again.
    ///   - recognizer: searches the set's concepts; for the retrieval protocol.
    ///   - atATime: items at a time; more than one only for models that others run.
    public init(
        set: EvaluationSet, plan: EvaluationPlan, captioner: Captioner,
        model: any PresenceModel, verifier: (any PresenceModel)? = nil,
        questions: Questions = Questions(),
        options: CaptionOptions = CaptionOptions(), folder: EvaluationFolder,
        recognizer: ConceptRecognizer? = nil, atATime: Int = 1
    ) {
        self.atATime = atATime
        self.recognizer = recognizer
        self.set = set
        self.plan = plan
        self.captioner = captioner
        self.model = model
        self.verifier = verifier ?? model
        self.questions = questions
        self.options = options
        self.folder = folder
    }

    /// Makes what is missing, on the calling thread unless several items are made at a time.
    ///
    /// - Parameters:
    ///   - cancellation: ends the run after the item's present step; what is finished is kept.
    ///   - progress: called on the calling thread with the number of those done here and to do here.
    /// - Returns: every record of the plan made so far, in the plan's order.
    /// - Throws: what keeps results from being written, or the model from answering at all.
    public func perform(
        cancellation: CancellationFlag? = nil, progress: (_ done: Int, _ total: Int) -> Void
    ) throws -> [EvaluationRecord] {
        try folder.complete(
            plan.items, atATime: atATime, cancellation: cancellation, progress: progress
        ) { try record(of: $0, $1, cancellation) }
    }

    /// The records of a folder, each key once, in the order they were first made.
    public static func storedRecords(_ lines: [Data]) -> [EvaluationRecord] {
        let byKey: [String: EvaluationRecord] = EvaluationFolder.records(lines)
        var seen: Set<String> = []
        let decoder = JSONDecoder()
        return lines.compactMap { line in
            guard let key = try? decoder.decode(RecordKey.self, from: line).key,
                seen.insert(key).inserted
            else { return nil }
            return byKey[key]
        }
    }

    private struct RecordKey: Decodable {
        let key: String
    }

    /// One item; `nil` when it was interrupted.
    private func record(
        of item: EvaluationItem, _ pictures: ThumbnailWriter,
        _ cancellation: CancellationFlag?
    ) throws -> EvaluationRecord? {
        let query = set.queries[item.query]
        let wanted = item.wanted.map { set.concepts[$0] }
        let label = query.picture?.label ?? query.id
        var item = item
        let scene: Scene
        var retrieval: RetrievalRecord?
        do {
            if let recognizer, plan.options.plan == .retrieval {
                let found = try search(item, recognizer, cancellation)
                item.given = found.given
                item.infoFrom = found.given
                retrieval = found.record
            }
            scene = try Scene(item, set)
        } catch is CancellationError {
            return nil
        } catch {
            return EvaluationRecord(
                failed: item.key, image: label, wanted: wanted.map(\.name), tags: wanted.map(\.tag),
                "\(error)")
        }
        var record: EvaluationRecord
        do {
            var firstDone = ContinuousClock.now
            let checked = CheckedCaptioner(
                captioner, model: model, verifier: verifier, checking: questions.checking,
                locates: false)
            let made = try checked.caption(
                CaptionRequest(
                    concepts: scene.concepts, query: scene.query, question: item.question,
                    options: options, libraryNames: set.concepts.map(\.name)),
                cancellation: cancellation, onEvent: { _ in firstDone = .now })
            guard made.finishReason != .cancelled else { return nil }
            record = EvaluationRecord(
                key: item.key, image: label, size: [scene.query.width, scene.query.height],
                wanted: wanted.map(\.name), tags: wanted.map(\.tag), given: scene.given,
                record: made, library: set.concepts.map(\.name))
            record.retrieval = retrieval
            if questions.checking != .off {
                record.checkSeconds = (ContinuousClock.now - firstDone) / .seconds(1)
            }
            try ask(scene, &record, cancellation)
        } catch is CancellationError {
            return nil
        } catch let error as EngineError where error.concernsRequest {
            return EvaluationRecord(
                failed: item.key, image: label, wanted: wanted.map(\.name), tags: wanted.map(\.tag),
                "\(error)")
        }
        record.thumbnail = try pictures.write(scene.query, named: "q-\(label)", side: 448)
        for (index, concept) in item.given.enumerated() {
            record.given[index].thumbnail = try pictures.write(
                scene.concepts[index].image, named: "c-\(set.concepts[concept].tag)", side: 168)
        }
        return record
    }

    /// Searches the library for the concepts to give, in the order of the set.
    private func search(
        _ item: EvaluationItem, _ recognizer: ConceptRecognizer, _ cancellation: CancellationFlag?
    ) throws -> (given: [Int], record: RetrievalRecord) {
        let query = set.queries[item.query]
        guard let picture = query.picture else { throw ImageReadError.notFound(file: query.id) }
        let image = try picture.image()
        let start = ContinuousClock.now
        let found = try recognizer.recognize(image, cancellation: cancellation)
        let record = RetrievalRecord(
            found, wanted: Set(item.wanted), seconds: (ContinuousClock.now - start) / .seconds(1))
        return (found.accepted.map(\.concept).sorted(), record)
    }

    /// Yes/no questions and boxes, as far as they are wanted.
    private func ask(
        _ scene: Scene, _ record: inout EvaluationRecord, _ cancellation: CancellationFlag?
    ) throws {
        if questions.presence {
            let question = PresenceQuestion(profile: captioner.profile)
            for (index, concept) in scene.concepts.enumerated() {
                record.given[index].presence = try question.probability(
                    of: concept.name, among: scene.concepts, in: scene.query, model: verifier,
                    cancellation: cancellation)
            }
        }
        guard questions.boxes else { return }
        record.askedBoxes = true
        let question = BoxQuestion(profile: captioner.profile)
        for (index, concept) in scene.concepts.enumerated() where scene.given[index].box != nil {
            record.given[index].foundBox = try question.box(
                of: concept.name, among: scene.concepts, in: scene.query, model: model,
                cancellation: cancellation)
            if cancellation?.isCancelled == true { throw CancellationError() }
        }
    }

    /// The pictures and words of one item.
    private struct Scene {
        let query: RGBImage
        let concepts: [CaptionConcept]
        let given: [GivenConcept]

        init(_ item: EvaluationItem, _ set: EvaluationSet) throws {
            let source = set.queries[item.query]
            guard let picture = source.picture else {
                throw ImageReadError.notFound(file: source.id)
            }
            query = try picture.image()
            let boxes = try source.boxes()
            let wanted = Set(item.wanted)
            var concepts: [CaptionConcept] = []
            var given: [GivenConcept] = []
            for (place, infoPlace) in zip(item.given, item.infoFrom) {
                let concept = set.concepts[place]
                guard let picture = concept.picture else {
                    throw ImageReadError.notFound(file: concept.name)
                }
                let info = infoPlace < 0 ? "" : set.concepts[infoPlace].info
                concepts.append(
                    CaptionConcept(
                        name: concept.name, info: info, category: concept.category,
                        image: try picture.image()))
                var entry = GivenConcept(
                    name: concept.name, tag: concept.tag, info: info,
                    isWanted: wanted.contains(place))
                entry.box = boxes[place]
                given.append(entry)
            }
            self.concepts = concepts
            self.given = given
        }
    }
}

/// Keeps small copies of pictures in a run's folder, each once.
final class ThumbnailWriter: Sendable {
    private let folder: EvaluationFolder
    private let written = Mutex<Set<String>>([])

    init(folder: EvaluationFolder) { self.folder = folder }

    /// Writes a copy unless it is there.
    ///
    /// - Parameters:
    ///   - name: tells pictures apart; any text.
    ///   - side: the longer side of the copy, in pixels.
    /// - Returns: the file's path in the run's folder.
    func write(_ image: RGBImage, named name: String, side: Int) throws -> String {
        let file = "\(EvaluationFolder.picturesName)/\(Self.fileName(name)).jpg"
        guard written.withLock({ $0.insert(file).inserted }) else { return file }
        let url = folder.url.appending(path: file)
        guard !FileManager.default.fileExists(atPath: url.path) else { return file }
        let small = Resampler.thumbnail(image, fitting: side)
        try folder.write(try ImageEncoder.jpeg(small, quality: 90), named: file)
        return file
    }

    /// Letters and digits of the name, and a number that tells it from others.
    private static func fileName(_ name: String) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        let plain = name.unicodeScalars.map { scalar -> Character in
            scalar.isASCII && scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                ? Character(scalar) : "-"
        }
        return "\(String(plain.suffix(40)))-\(String(hash, radix: 16))"
    }
}
